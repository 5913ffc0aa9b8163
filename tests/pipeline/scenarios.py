"""What runs consist of, each as short as it can be: every permission of every role has a scenario that needs it."""

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from functions.alert.failure import events_of, failure_of
from localcloud import faults
from tests.localcloud.waiting import queue_for, until
from tests.pipeline.conftest import Account
from tests.pipeline.failures import STACK
from tests.pipeline.permissions import Permission

JOB, DATA_SET = f"{STACK}-large_orders", f"{STACK}-large_orders"
TABLE = "privileges"
SLOW_QUERY = "select count(*) from customer_orders a, customer_orders b, customer_orders c, customer_orders d"
QUERY_SLOTS = 8


class Scenarios:
    """Each returns what failed and all that was said about it, and None where everything went as it should."""

    def __init__(self, account: Account, sample: Path) -> None:
        self._account, self._sample = account, sample
        self._stepfunctions, self._sqs = account.client("stepfunctions"), account.client("sqs")
        self._glue, self._s3, self._athena = (account.client(name) for name in ("glue", "s3", "athena"))
        self._pipeline = account.output("PipelineArn")
        self._queue = account.output("QueueUrl")

    def of(self, permission: Permission) -> Callable[[], str | None]:
        """The scenario that shows whether the permission is needed."""
        role, action = permission.role, permission.action
        return partial(SPECIAL.get((role, action), USUAL[role]), self)

    def settle(self) -> None:
        """Bring the account back to where the next scenario can begin."""
        faults.clear()
        self._sqs.purge_queue(QueueUrl=self._queue)
        for machine in ("pipeline", "crawl", "validate", "refresh-spice"):
            for execution in self._account.executions(machine):
                if execution["status"] == "RUNNING":
                    self._stepfunctions.stop_execution(executionArn=execution["executionArn"])
        for run in self._going_runs():
            self._glue.batch_stop_job_run(JobName=JOB, JobRunIds=[run["Id"]])
        until(lambda: not self._going_runs())
        until(lambda: "PROBLEM" not in " ".join(self._polls("start-pipeline")))
        for table in self._glue.get_tables(DatabaseName="sales_raw")["TableList"]:
            if table["Name"] == TABLE:
                self._glue.delete_table(DatabaseName="sales_raw", Name=TABLE)

    def uploaded(self) -> str | None:
        """A file is uploaded: a run starts, and the queue is empty."""
        former = {execution["executionArn"] for execution in self._account.executions()}
        file = min(self._sample.iterdir(), key=lambda path: path.stat().st_size)
        trouble = self._trouble_since_now("start-pipeline")
        self._s3.put_object(
            Bucket=self._account.output("InputBucketName"), Key=f"read/{file.name}", Body=file.read_bytes()
        )

        def started() -> bool:
            return {e["executionArn"] for e in self._account.executions()} > former and not self._waiting()

        until(lambda: trouble() or started(), every=0.1)
        return trouble()

    def poisoned(self) -> str | None:
        """A message that is no event gets into the dead-letter queue."""
        trouble = self._trouble_since_now("start-pipeline")
        dead_letters = self._account.client("sqs").list_queues(QueueNamePrefix=f"{STACK}-DeadLetterQueue")
        (url,) = dead_letters["QueueUrls"]
        former = self._messages(url)
        self._sqs.send_message(QueueUrl=self._queue, MessageBody="no event")
        until(lambda: trouble() or self._messages(url) > former, every=0.1)
        return trouble()

    def input_crawled(self) -> str | None:
        """A partitioned table comes, changes, gets another partition, and goes."""
        with self._without_trigger():
            for files in (
                {"year=2011": "id;name\n1;a\n2;b\n"},
                {"year=2011": "id;name;price\n1;a;1.5\n2;b;2.5\n"},
                {"year=2012": "id;name;price\n1;a;1.5\n2;b;2.5\n"},
                {},
            ):
                self._put_table(files)
                if failed := self._run("crawl", crawler=f"{STACK}-input"):
                    return failed
        return None

    def output_crawled(self) -> str | None:
        return self._run("crawl", crawler=f"{STACK}-output")

    def job_ran(self) -> str | None:
        """A job replaces its former result."""
        run_id = self._glue.start_job_run(JobName=JOB)["JobRunId"]
        run = until(lambda: self._ended(run_id), seconds=120, every=0.2)
        return None if run["JobRunState"] == "SUCCEEDED" else f"the job fails: {run['ErrorMessage']}"

    def pipeline_ran(self) -> str | None:
        return self._run("pipeline")

    def child_stopped(self) -> str | None:
        """The execution that the run waits for is stopped with it."""
        faults.add("fail glue:StartCrawler with CrawlerRunningException")  # which is waited for
        run = self._start("pipeline")
        child = until(lambda: self._running("crawl"))
        self._stepfunctions.stop_execution(executionArn=run)
        return _in_time(
            lambda: self._status(child) == "ABORTED", "a run is stopped, and its execution of crawl goes on"
        )

    def job_stopped(self) -> str | None:
        """The job that the run waits for is stopped with it."""
        faults.add(f"slow job {JOB} by 60 seconds")
        run = self._start("pipeline")
        until(lambda: [run for run in self._going_runs() if run["JobRunState"] == "RUNNING"], seconds=120)
        self._stepfunctions.stop_execution(executionArn=run)
        return _in_time(lambda: not self._going_runs(), "a run is stopped, and its job goes on")

    def query_stopped(self) -> str | None:
        """The queries that the run waits for are stopped with it."""
        blockers = [self._query(SLOW_QUERY) for _ in range(QUERY_SLOTS)]
        try:
            run, former = self._start("validate", run="privileges"), {*blockers, *self._queries()}
            (waiting, *_) = until(lambda: [id for id in self._queries() if id not in former])
            self._stepfunctions.stop_execution(executionArn=run)
            return _in_time(
                lambda: self._query_state(waiting) == "CANCELLED", "a run is stopped, and its query goes on"
            )
        finally:
            for blocker in blockers:
                self._athena.stop_query_execution(QueryExecutionId=blocker)

    def validated(self) -> str | None:
        return self._run("validate", run="privileges")

    def refreshed(self) -> str | None:
        return self._run("refresh-spice", data_set_id=DATA_SET)

    def alerted(self) -> str | None:
        """A run fails, and whoever subscribes to the topic hears of it."""
        with self._subscription() as received:
            trouble = self._trouble_since_now("alert")
            faults.add(f"fail crawl {STACK}-input")
            self._run("pipeline")
            until(lambda: trouble() or received(), every=0.1)
            return trouble()

    def _run(self, machine: str, **given: str) -> str | None:
        """Run a state machine to its end, and say why it failed, if it did."""
        arn = self._start(machine, **given)
        if until(lambda: self._status(arn), seconds=300, every=0.1) == "SUCCEEDED":
            return None
        failure = failure_of(self._stepfunctions, arn)
        history = json.dumps(events_of(self._stepfunctions, arn), default=str)
        return f"{machine} fails at {failure.where} ({failure.error}): {failure.cause} {history}"

    def _start(self, machine: str, **given: str) -> str:
        arn = self._pipeline.removesuffix("pipeline") + machine
        started = self._stepfunctions.start_execution(
            stateMachineArn=arn, name=f"privileges-{uuid.uuid4()}", input=json.dumps(given)
        )
        return str(started["executionArn"])

    def _status(self, arn: str) -> str | None:
        """The status it ended with."""
        status = str(self._stepfunctions.describe_execution(executionArn=arn)["status"])
        return None if status == "RUNNING" else status

    def _running(self, machine: str) -> str | None:
        going = [e["executionArn"] for e in self._account.executions(machine) if e["status"] == "RUNNING"]
        return going[0] if going else None

    def _going_runs(self) -> list[dict[str, Any]]:
        runs = self._glue.get_job_runs(JobName=JOB)["JobRuns"]
        return [run for run in runs if run["JobRunState"] in ("STARTING", "RUNNING", "STOPPING")]

    def _ended(self, run_id: str) -> dict[str, Any] | None:
        run = self._glue.get_job_run(JobName=JOB, RunId=run_id)["JobRun"]
        return None if run["JobRunState"] in ("STARTING", "RUNNING", "STOPPING") else dict(run)

    def _query(self, sql: str) -> str:
        context = {"Database": "sales_results"}
        return str(
            self._athena.start_query_execution(
                QueryString=sql, WorkGroup=STACK, QueryExecutionContext=context
            )["QueryExecutionId"]
        )

    def _queries(self) -> list[str]:
        """The newest queries."""
        return list(self._athena.list_query_executions(WorkGroup=STACK)["QueryExecutionIds"])

    def _query_state(self, query_id: str) -> str:
        found = self._athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        return str(found["Status"]["State"])

    def _put_table(self, files: dict[str, str]) -> None:
        bucket = self._account.output("InputBucketName")
        for key in self._account.keys("InputBucketName", f"read/{TABLE}/"):
            self._s3.delete_object(Bucket=bucket, Key=key)
        for folder, text in files.items():
            self._s3.put_object(Bucket=bucket, Key=f"read/{TABLE}/{folder}/a.csv", Body=text.encode())

    @contextmanager
    def _without_trigger(self) -> Iterator[None]:
        """A block in which uploads start no run; what it put for the table is gone afterwards."""
        bucket = self._account.output("InputBucketName")
        configuration = self._s3.get_bucket_notification_configuration(Bucket=bucket)
        del configuration["ResponseMetadata"]
        self._s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
        try:
            yield
        finally:
            self._put_table({})
            self._s3.put_bucket_notification_configuration(
                Bucket=bucket, NotificationConfiguration=configuration
            )

    @contextmanager
    def _subscription(self) -> Iterator[Callable[[], bool]]:
        """Whether an alert has come."""
        topic, name = self._account.output("AlertTopicArn"), f"alerts-{uuid.uuid4()}"
        queue_arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
        queue, sns = queue_for(self._sqs, name, "sns"), self._account.client("sns")
        subscribed = sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, ReturnSubscriptionArn=True
        )
        try:
            yield lambda: self._messages(queue) > 0
        finally:
            sns.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])
            self._sqs.delete_queue(QueueUrl=queue)

    def _messages(self, url: str) -> int:
        """Those in a queue, in flight or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def _waiting(self) -> int:
        return self._messages(self._queue)

    def _polls(self, function: str) -> list[str]:
        """How Lambda last fared with the queues that it reads for the function."""
        found = self._account.client("lambda").list_event_source_mappings(FunctionName=f"{STACK}-{function}")
        return [str(mapping.get("LastProcessingResult", "")) for mapping in found["EventSourceMappings"]]

    def _trouble_since_now(self, function: str) -> Callable[[], str | None]:
        """What Lambda or the function says that it was denied, from now on."""
        logs, group = self._account.client("logs"), f"/aws/lambda/{STACK}-{function}"
        since = int(time.time() * 1000)

        def trouble() -> str | None:
            events = logs.filter_log_events(logGroupName=group, startTime=since)["events"]
            said = [event["message"] for event in events]
            said += self._polls(function)
            denied = (re.search("not authorized to perform.*", text) for text in said)
            return next(
                (f"the function {function} is refused: {found[0]}" for found in denied if found), None
            )

        return trouble


def _in_time(condition: Callable[[], bool], otherwise: str) -> str | None:
    """None as soon as it is so."""
    try:
        until(condition, seconds=5, every=0.1)
    except TimeoutError:
        return otherwise
    return None


USUAL: dict[str, Callable[[Scenarios], str | None]] = {
    "StartPipelineRole": Scenarios.uploaded,
    "InputCrawlerRole": Scenarios.input_crawled,
    "OutputCrawlerRole": Scenarios.output_crawled,
    "SparkJobRole": Scenarios.job_ran,
    "PipelineRole": Scenarios.pipeline_ran,
    "CrawlRole": Scenarios.input_crawled,
    "ValidateRole": Scenarios.validated,
    "RefreshSpiceRole": Scenarios.refreshed,
    "AlertRole": Scenarios.alerted,
}
"""What needs most of a role's permissions."""
SPECIAL: dict[tuple[str, str], Callable[[Scenarios], str | None]] = {
    ("StartPipelineRole", "sqs:SendMessage"): Scenarios.poisoned,
    ("PipelineRole", "states:StopExecution"): Scenarios.child_stopped,
    ("PipelineRole", "glue:BatchStopJobRun"): Scenarios.job_stopped,
    ("ValidateRole", "athena:StopQueryExecution"): Scenarios.query_stopped,
}
"""What needs the others."""
