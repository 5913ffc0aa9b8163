"""Job runs, in the terms of Glue's API, against a real account with a real JVM."""

import re
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.glue.job_client import Account

SPARK = """
import sys
from pyspark.context import SparkContext
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
"""
# A query that no machine ends in the time of these tests.
ENDLESS = 'spark.sql("select count(*) from range(100000000000) a where pmod(hash(id), 7) = 8").collect()'


def refused(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**request)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_run_that_succeeds(account: Account) -> None:
    script = """
    import os, sys
    print(sys.argv)
    print("a note", file=sys.stderr)
    print(os.getcwd() == os.path.dirname(sys.argv[0]), sys.exit)
    sys.exit(0)
    """
    run = account.run(
        script,
        {"--b": "run", "--empty": ""},
        DefaultArguments={"--a": "job", "--b": "job", "--fixed": "job"},
        NonOverridableArguments={"--fixed": "always"},
        WorkerType="G.2X",
        NumberOfWorkers=3,
        Timeout=30,
    )
    assert run["JobRunState"] == "SUCCEEDED"
    assert re.fullmatch("jr_[0-9a-f]{64}", run["Id"])
    assert run["Arguments"] == {"--b": "run", "--empty": ""}
    assert (run["WorkerType"], run["NumberOfWorkers"], run["MaxCapacity"], run["Timeout"]) == (
        "G.2X",
        3,
        6.0,
        30,
    )
    assert run["StartedOn"] <= run["CompletedOn"] == run["LastModifiedOn"]
    assert "ErrorMessage" not in run
    words = eval(account.log(run)[0])
    assert words[0].endswith("/script.py")
    assert dict(zip(words[1::2], words[2::2], strict=True)) == {
        "--JOB_NAME": run["JobName"],
        "--JOB_ID": words[4],
        "--JOB_RUN_ID": run["Id"],
        "--a": "job",
        "--b": "run",
        "--empty": "",
        "--fixed": "always",
    }
    assert account.log(run, "error") == ["a note"]


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("raise ValueError('table.column: not a number\\nmore')", "ValueError: table.column: not a number"),
        ("import sys; sys.exit(1)", "SystemExit: 1"),
        ("import sys; sys.exit('no input')", "SystemExit: no input"),
        ("import os; os.kill(os.getpid(), 9)", "The script's process was ended by SIGKILL"),
        ("import os; os._exit(3)", "The script's process exited with 3"),
        ("x = (", "SyntaxError: '(' was never closed (script.py, line 1)"),
        (SPARK + 'spark.table("nowhere")', "AnalysisException: [TABLE_OR_VIEW_NOT_FOUND] The table or view"),
        (SPARK + "spark.sql(\"select raise_error('too small')\").collect()", "RuntimeException: too small"),
        (SPARK + 'spark.read.text("s3://no-such-bucket/x").count()', "s3://no-such-bucket"),
        (
            SPARK + "from pyspark.sql.functions import udf\n"
            "def f(x): raise KeyError('lost')\n"
            "spark.range(1).select(udf(f)('id')).collect()",
            "PythonException: KeyError: 'lost'",
        ),
        (
            SPARK + "spark.sparkContext.parallelize([1]).map(lambda x: 1/0).collect()",
            "ZeroDivisionError: division",
        ),
    ],
)
def test_a_run_that_fails_says_why_in_one_line(account: Account, script: str, message: str) -> None:
    run = account.run(script)
    assert run["JobRunState"] == "FAILED"
    assert message in run["ErrorMessage"]
    assert "\n" not in run["ErrorMessage"]


def test_the_traceback_goes_to_the_error_log(account: Account) -> None:
    run = account.run("def f():\n    raise ValueError('no')\nf()")
    log = account.log(run, "error")
    assert log[0] == "Traceback (most recent call last):"
    assert "run_script" not in "".join(log)
    assert log[-1] == "ValueError: no"


def test_two_runs_at_once_do_not_meet(account: Account) -> None:
    """Views, settings and cached tables of one name; each run waits for the other before it looks."""
    bucket = account.bucket(**{"in/x.json": '{"v": 1}\n'})
    script = SPARK + (
        "import boto3, time\n"
        "mine, other, bucket = sys.argv[-1].split(',')\n"
        "spark.createDataFrame([(mine,)], 'v string').createOrReplaceTempView('t')\n"
        "spark.createDataFrame([(mine,)], 'v string').createOrReplaceGlobalTempView('g')\n"
        "spark.conf.set('spark.sql.session.timeZone', 'Etc/' + mine)\n"
        "s3 = boto3.client('s3')\n"
        "s3.put_object(Bucket=bucket, Key=mine)\n"
        "keys = lambda: [found['Key'] for found in s3.list_objects_v2(Bucket=bucket)['Contents']]\n"
        "while other not in keys(): time.sleep(.05)\n"
        "view, shared = spark.table('t').first().v, spark.table('global_temp.g').first().v\n"
        "print(view, shared, spark.conf.get('spark.sql.session.timeZone'))\n"
    )
    job = account.job(script, ExecutionProperty={"MaxConcurrentRuns": 2})
    pairs = [("GMT", "UTC"), ("UTC", "GMT")]
    runs = [account.start(job, Arguments={"--x": f"{mine},{other},{bucket}"}) for mine, other in pairs]
    for run_id, (mine, _) in zip(runs, pairs, strict=True):
        run = account.wait(job, run_id)
        assert run["JobRunState"] == "SUCCEEDED", run["ErrorMessage"]
        assert account.log(run) == [f"{mine} {mine} Etc/{mine}"]


def test_what_one_run_caches_the_next_does_not_get(account: Account) -> None:
    bucket = account.bucket(**{"in/x.json": '{"v": 1}\n'})
    job = account.job(SPARK + f'print(spark.read.schema("v int").json("s3://{bucket}/in").cache().collect())')
    first = account.wait(job, account.start(job))
    account.put(bucket, "in/x.json", '{"v": 2}\n')
    second = account.wait(job, account.start(job))
    assert account.log(first) == ["[Row(v=1)]"]
    assert account.log(second) == ["[Row(v=2)]"]


def test_a_run_leaves_nothing_in_the_jvm(account: Account) -> None:
    held = account.job(
        SPARK
        + "rows = spark.range(9).cache(); rows.count()\n"
        + "kept = spark.range(9).localCheckpoint()\n"
        + "print(spark.sparkContext._jsc.getPersistentRDDs().size())\n"
        + "raise ValueError('no')"
    )
    assert account.log(account.wait(held, account.start(held))) == ["2"]
    look = (
        "import time\n"
        "for attempt in range(100):\n"
        "    spark._jvm.System.gc()\n"
        "    left = spark.sparkContext._jsc.getPersistentRDDs().size()\n"
        "    if not left: break\n"
        "    time.sleep(.1)\n"
        "print(left)\n"
    )
    assert account.succeed(SPARK + look) == ["0"]


def test_a_run_leaves_no_listener_on_the_context(account: Account) -> None:
    """Each would be told of every event of every run to come."""
    count = (
        SPARK
        + "spark.range(1).collect()\nprint(spark.sparkContext._jsc.sc().listenerBus().listeners().size())"
    )

    assert account.succeed(count) == account.succeed(count)


def test_stopping_a_run_stops_what_it_computes(account: Account) -> None:
    """In its main thread and in another; the Spark jobs in the JVM end too."""
    script = (
        SPARK
        + f"import threading\nthreading.Thread(target=lambda: {ENDLESS}).start()\nprint('on')\n{ENDLESS}"
    )
    job = account.job(script)
    run_id = account.start(job)
    account.wait(job, run_id, "RUNNING")
    active = "print(len(SparkContext.getOrCreate().statusTracker().getActiveJobsIds()))"
    looker = account.job(SPARK + active)
    _until(lambda: account.log(account.wait(looker, account.start(looker)))[0] == "2")
    answer = account.client("glue").batch_stop_job_run(JobName=job, JobRunIds=[run_id, "jr_none"])
    assert [stopped["JobRunId"] for stopped in answer["SuccessfulSubmissions"]] == [run_id]
    assert answer["Errors"][0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    run = account.wait(job, run_id)
    assert (run["JobRunState"], run.get("ErrorMessage")) == ("STOPPED", None)
    assert account.log(account.wait(looker, account.start(looker))) == ["0"]
    again = account.client("glue").batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    assert "it is STOPPED" in again["Errors"][0]["ErrorDetail"]["ErrorMessage"]


def test_a_run_that_takes_too_long(account: Account) -> None:
    job = account.job(SPARK + ENDLESS)
    run = account.wait(job, account.start(job, Timeout=1))
    assert run["JobRunState"] == "TIMEOUT"
    assert run["ErrorMessage"] == "The job run exceeded its timeout of 1 minutes"


def test_as_many_runs_at_once_as_the_job_allows(account: Account) -> None:
    job = account.job("import time; time.sleep(600)")
    run_id = account.start(job)
    glue = account.client("glue")
    assert refused(glue.start_job_run, JobName=job) == (
        "ConcurrentRunsExceededException",
        f"Concurrent runs exceeded for {job}",
    )
    glue.batch_stop_job_run(JobName=job, JobRunIds=[run_id])
    account.wait(job, run_id)
    glue.batch_stop_job_run(JobName=job, JobRunIds=[account.start(job)])


def test_what_is_not_there_or_not_supported_is_refused(account: Account) -> None:
    glue = account.client("glue")
    job = account.job("print(1)")
    shell = account.job("print(1)", Command={"Name": "pythonshell", "ScriptLocation": "s3://b/k"})
    assert refused(glue.start_job_run, JobName="none")[0] == "EntityNotFoundException"
    assert refused(glue.get_job_run, JobName=job, RunId="jr_0")[0] == "EntityNotFoundException"
    assert refused(glue.get_job_runs, JobName="none")[0] == "EntityNotFoundException"
    assert "pythonshell" in refused(glue.start_job_run, JobName=shell)[1]
    for arguments in (
        {"--additional-python-modules": "numpy"},
        {"--job-bookmark-option": "job-bookmark-enable"},
        {"--job-language": "scala"},
        {"--conf": "spark.sql.ansi.enabled"},
    ):
        code, message = refused(glue.start_job_run, JobName=job, Arguments=arguments)
        assert code == "InvalidInputException"
        assert next(iter(arguments)) in message


def test_a_script_that_is_not_there(account: Account) -> None:
    run = account.run("", Command={"Name": "glueetl", "ScriptLocation": "s3://no-such-bucket/script.py"})
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"].startswith(
        "LaunchError: s3://no-such-bucket/script.py could not be downloaded"
    )


def test_a_job_is_tried_as_often_as_it_says(account: Account) -> None:
    job = account.job("raise ValueError('again')", MaxRetries=1)
    run_id = account.start(job)
    _until(lambda: len(account.client("glue").get_job_runs(JobName=job)["JobRuns"]) == 2)
    account.wait(job, f"{run_id}_attempt_1")
    newest, oldest = account.client("glue").get_job_runs(JobName=job)["JobRuns"]
    assert (newest["Id"], newest["Attempt"], newest["PreviousRunId"]) == (f"{run_id}_attempt_1", 1, run_id)
    assert (oldest["Id"], oldest["Attempt"]) == (run_id, 0)
    page = account.client("glue").get_job_runs(JobName=job, MaxResults=1)
    assert page["JobRuns"] == [newest]
    rest = account.client("glue").get_job_runs(JobName=job, MaxResults=1, NextToken=page["NextToken"])
    assert rest["JobRuns"] == [oldest]
    assert "NextToken" not in rest


def test_settings_and_files_that_arguments_bring(account: Account) -> None:
    bucket = account.bucket(**{"lib/helper.py": "def twice(x): return 2 * x\n"})
    script = SPARK + (
        "import helper\n"
        "from pyspark.sql.functions import udf\n"
        "print(helper.twice(2), spark.range(1, 2).select(udf(helper.twice, 'int')('id')).collect()[0][0])\n"
        "print(spark.conf.get('spark.sql.shuffle.partitions'), spark.conf.get('spark.sql.ansi.enabled'))\n"
    )
    arguments = {
        "--extra-py-files": f"s3://{bucket}/lib/helper.py",
        "--conf": "spark.sql.shuffle.partitions=3 --conf spark.sql.ansi.enabled=true",
        "--enable-metrics": "true",
    }
    assert account.succeed(script, arguments) == ["4 2", "3 true"]


def test_settings_of_the_script_are_those_of_its_session(account: Account) -> None:
    script = """
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession
    sc = SparkContext.getOrCreate(SparkConf().set("spark.sql.ansi.enabled", "true").set("spark.executor.memory", "9g"))
    spark = SparkSession.builder.config("spark.sql.shuffle.partitions", 5).appName("mine").getOrCreate()
    print(spark.conf.get("spark.sql.ansi.enabled"), spark.conf.get("spark.sql.shuffle.partitions"))
    spark.stop()
    spark = SparkSession.builder.getOrCreate()
    print(spark.conf.get("spark.sql.shuffle.partitions") != "5", spark.range(3).count())
    spark.stop()
    SparkContext(conf=SparkConf().set("spark.serializer", "Kryo"))
    """
    run = account.run(script)
    assert account.log(run) == ["true 5", "True 3"]
    assert run["ErrorMessage"].startswith(
        "ValueError: spark.serializer=Kryo cannot be set: it belongs to the Spark"
    )


def test_a_jvm_that_dies_fails_its_runs_and_comes_back(account: Account) -> None:
    run = account.run(SPARK + "spark._jvm.java.lang.Runtime.getRuntime().halt(1)")
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"].startswith("SparkError: Spark's JVM ended while the job ran; see ")
    assert account.succeed(SPARK + "print(spark.range(2).count())") == ["2"]


def _until(condition: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
