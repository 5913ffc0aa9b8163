"""One job run, from STARTING to its end: a thread that lays out S3, runs the script and puts back what it wrote."""

import contextvars
import hashlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from localcloud import aws, clock, faults, iam
from localcloud.aws import REGION, client, endpoint
from localcloud.glue import job_arguments
from localcloud.glue.job_process import RUNTIME, JobProcess
from localcloud.glue.runtime.gluejob.launch import CELLS_OWN, CELLS_SHARED, Launch
from localcloud.glue.s3view import S3View
from localcloud.glue.spark import SparkDriver, SparkError
from localcloud.service import JSON


class LaunchError(Exception):
    """A run could not be started: its script or what it needs is not there."""


class JobRun:
    """A run of `job`. `record` is the JobRun that GetJobRun shows, kept up to date from here."""

    def __init__(self, record: JSON, job: JSON, driver: SparkDriver) -> None:
        self.record = record
        self.job = job
        self._driver = driver
        self._seconds = record["Timeout"] * clock.MINUTE
        self._directory = driver.state / "runs" / record["Id"]
        self._lock = threading.Lock()
        self._process: JobProcess | None = None
        self._running_since: float | None = None

    def start(self, ended: Callable[["JobRun"], None]) -> None:
        """Run in a thread of its own, in the caller's context (its account); `ended` is called last."""

        def run() -> None:
            state, message = self._run()
            self._end(state, message)
            ended(self)

        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(run,), name=self.record["Id"], daemon=True).start()

    def stop(self) -> bool:
        """Ask the run to stop; False when it has ended."""
        with self._lock:
            if self.record["JobRunState"] not in ("STARTING", "RUNNING"):
                return False
            self._enter("STOPPING")
            if self._process is not None:
                self._process.kill()
            return True

    def _run(self) -> tuple[str, str | None]:
        """The state in which the run ends, and the ErrorMessage."""
        self._directory.mkdir(parents=True)
        try:
            with iam.acting_as(self.job["Role"], "job"):
                return self._run_script()
        except iam.AccessDeniedError as error:
            return "FAILED", str(error)
        except Exception as error:
            return "FAILED", f"{type(error).__name__}: {error}"
        finally:
            shutil.rmtree(self._directory, ignore_errors=True)

    def _run_script(self) -> tuple[str, str | None]:
        view = S3View(self._directory / "s3")
        view.lay_out()
        spark = self._driver.environment(self.record["Id"], view.size)
        try:
            launch = self._launch(view, spark)
            if not self._begin(launch):
                return "STOPPED", None
            return self._outcome(spark, view)
        finally:
            try:
                self._driver.release(self.record["Id"])
            finally:
                view.put_back()  # as on AWS, what was written stays written, however the run ends

    def _launch(self, view: S3View, spark: dict[str, str]) -> Launch:
        arguments = job_arguments.merged(self.job, self.record["Arguments"])
        script = self._fetch(self.job["Command"]["ScriptLocation"], "script")
        path = self._python_path(job_arguments.extra_files(arguments))
        work = self._directory / "work"
        work.mkdir()
        return {
            "run_id": self.record["Id"],
            "delay": faults.on_work("job", self.job["Name"]),
            "argv": [str(script), *self._words(arguments)],
            "environment": _environment(path) | spark,
            "directory": str(work),
            "python_path": path,
            "session": view.session_settings() | self._cells() | job_arguments.spark_settings(arguments),
            "buckets": str(view.root),
            "hidden": view.hidden,
            "outcome": str(self._directory / "outcome"),
        }

    def _cells(self) -> dict[str, str]:
        return {CELLS_SHARED: str(self._driver.state / "cells"), CELLS_OWN: str(self._directory / "cells")}

    def _words(self, arguments: dict[str, str]) -> list[str]:
        name, run_id = self.job["Name"], self.record["Id"]
        own = {"--JOB_NAME": name, "--JOB_ID": job_id(name), "--JOB_RUN_ID": run_id}
        return [word for argument in (own | arguments).items() for word in argument]

    def _python_path(self, addresses: list[str]) -> list[str]:
        """Where Python finds the files of --extra-py-files: in an archive, or in the folder of a module."""
        files = [self._fetch(address, f"python/{number}") for number, address in enumerate(addresses)]
        return [str(file if file.suffix in (".zip", ".egg", ".whl") else file.parent) for file in files]

    def _fetch(self, address: str, folder: str) -> Path:
        """An object at an `s3://bucket/key` address, as a file of the same name."""
        parts = urlsplit(address)
        file: Path = self._directory / folder / Path(parts.path).name
        file.parent.mkdir(parents=True)
        try:
            # Not download_file, whose first request says no more than 403 where the role may not read the object.
            stored = client("s3").get_object(Bucket=parts.netloc, Key=parts.path.lstrip("/"))
        except ClientError as error:
            reason = error.response["Error"]["Message"]
            raise LaunchError(f"{address} could not be downloaded: {reason}") from error
        file.write_bytes(stored["Body"].read())
        return file

    def _begin(self, launch: Launch) -> bool:
        """Start the process; False when the run was stopped before it could."""
        with self._lock:
            if self.record["JobRunState"] == "STOPPING":
                return False
            self._process = JobProcess(self._driver.forks, launch)
            self._enter("RUNNING")
            self._running_since = time.time()
            return True

    def _outcome(self, spark: dict[str, str], view: S3View) -> tuple[str, str | None]:
        assert self._process is not None
        try:
            message = self._process.wait(self._seconds)
        except TimeoutError:
            self._process.kill()
            self._process.wait(None)
            return "TIMEOUT", f"The job run exceeded its timeout of {self.record['Timeout']} minutes"
        if self.record["JobRunState"] == "STOPPING":
            return "STOPPED", None
        if message is not None and not self._driver.is_at(spark):
            raise SparkError(
                f"Spark's JVM ended while the job ran; see {self._driver.log}. The next run starts another"
            )
        if message is None:
            return "SUCCEEDED", None
        denial = view.denial_behind(message)
        return "FAILED", f"{message}: {denial} (Service: Amazon S3; Status Code: 403)" if denial else message

    def _enter(self, state: str) -> None:
        self.record |= {"JobRunState": state, "LastModifiedOn": time.time()}

    def _end(self, state: str, message: str | None) -> None:
        now = time.time()
        seconds = now - self._running_since if self._running_since else 0.0
        error = {"ErrorMessage": message} if message else {}
        with self._lock:
            self.record |= error | {
                "CompletedOn": now,
                "LastModifiedOn": now,
                "ExecutionTime": round(seconds),
                "DPUSeconds": seconds * self.record["MaxCapacity"],
                "JobRunState": state,
            }


def job_id(name: str) -> str:
    """A job's id as its scripts see it: `j_` and 64 hexadecimal digits."""
    return "j_" + hashlib.sha256(name.encode()).hexdigest()


def _environment(python_path: list[str]) -> dict[str, str]:
    """The environment of a script: the account as its role, and what the Python of Spark's workers needs."""
    return (
        os.environ
        | aws.caller().environment
        | {
            "AWS_ENDPOINT_URL": endpoint(),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "PYTHONPATH": os.pathsep.join([*python_path, str(RUNTIME)]),
            "PYSPARK_PYTHON": sys.executable,
        }
    )
