"""The five jobs: on the warm JVM of an account, as five cold spark-submits side by side, and in DuckDB."""

import sys
from functools import partial
from typing import Any

from benchmarks import duckdb_jobs, processes, rows, spark_submit
from benchmarks.account import wait_until
from benchmarks.errors import BenchmarkError
from benchmarks.processes import TIMES, Watch, median
from benchmarks.site import Site
from operate.stack import STACK_NAME

ENDED = {"SUCCEEDED", "FAILED", "ERROR", "STOPPED", "TIMEOUT"}
WARM_SECONDS = 3600


def measure(site: Site) -> dict[str, Any]:
    """All three on the same files. Raises BenchmarkError where they do not come to as many rows."""
    warm = [_run_warm(site) for _ in range(TIMES)]
    expected = {
        name: rows.in_bucket(site.account, site.account.outputs["OutputBucketName"], f"write/{name}/")
        for name in duckdb_jobs.scripts()
    }
    floor = [_run_duckdb(site, expected) for _ in range(TIMES)]
    cold = spark_submit.run(site, site.directory / "cold")
    _compare("spark-submit", cold.rows, {name: expected[name] for name in cold.rows})
    return {
        "warm": median(warm),
        "duckdb": median(floor),
        "cold": {**cold.watch.measured(), "failed": cold.failed, "failures": len(cold.failed)},
        "rows": expected,
    }


def _run_warm(site: Site) -> dict[str, Any]:
    """Start the jobs' runs, all at once, and wait for them. Raises BenchmarkError where one fails."""
    _renew(site)
    account = site.account
    glue = account.client("glue")
    names = [f"{STACK_NAME}-{name}" for name in duckdb_jobs.scripts()]
    with Watch(account.process) as watch:
        started = {name: glue.start_job_run(JobName=name)["JobRunId"] for name in names}
        # One after the other: whoever asks for all of them takes a tenth of the machine.
        for name, run in started.items():
            wait_until(partial(_has_ended, glue, name, run), WARM_SECONDS, f"{name} has ended")
    return watch.measured()


def _has_ended(glue: Any, name: str, run: str) -> bool:
    state = glue.get_job_run(JobName=name, RunId=run)["JobRun"]["JobRunState"]
    if state in ENDED - {"SUCCEEDED"}:
        raise BenchmarkError(f"{name} is {state}; see why in the job's runs")
    return state in ENDED


def _renew(site: Site) -> None:
    """Upload the files again, as before each run: what the account keeps of former ones is then of no use."""
    s3, bucket = site.account.client("s3"), site.account.outputs["InputBucketName"]
    # Or what is uploaded would start a run beside the jobs.
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    for file in site.files.iterdir():
        s3.upload_file(str(file), bucket, f"read/{file.name}")


def _run_duckdb(site: Site, expected: dict[str, int]) -> dict[str, Any]:
    """In a process of its own, for its memory; its seconds are those without Python's start."""
    output, log = site.directory / "duckdb", site.directory / "duckdb.log"
    command = [sys.executable, "-m", "benchmarks.duckdb_jobs", str(site.files), str(output)]
    watch = processes.run(command, log)
    _compare("DuckDB", {name: rows.in_folder(output / name) for name in expected}, expected)
    return watch.measured() | {"seconds": processes.told_seconds(log)}


def _compare(runner: str, found: dict[str, int], expected: dict[str, int]) -> None:
    if found != expected:
        raise BenchmarkError(f"{runner} came to other rows than the jobs: {found} and not {expected}")
