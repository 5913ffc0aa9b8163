"""Glue's API for runs of Spark jobs: StartJobRun, BatchStopJobRun, GetJobRun, GetJobRuns.

Jobs and the records of their runs are in MiniStack's store, so that its other operations see them; what a
record goes through is `job_run`'s.
"""

import secrets
import threading
import time
from typing import Any

from ministack.services import glue

from localcloud import endings
from localcloud.glue import job_arguments
from localcloud.glue.job_definitions import definition_operations
from localcloud.glue.job_run import JobRun
from localcloud.glue.spark import SparkDriver
from localcloud.service import JSON, Operation, ServiceError

_ACTIVE = ("STARTING", "RUNNING", "STOPPING")
# DPUs of a worker (Glue Developer Guide, "Configuring job properties for Spark jobs").
_WORKER_DPU = {
    **{"Standard": 1.0, "G.025X": 0.25, "G.1X": 1.0, "G.2X": 2.0, "G.4X": 4.0, "G.8X": 8.0},
    **{"G.12X": 12.0, "G.16X": 16.0, "R.1X": 1.0, "R.2X": 2.0, "R.4X": 4.0, "R.8X": 8.0},
}
_MOST_RUNS_A_PAGE = 200


def job_operations(driver: SparkDriver) -> dict[str, Operation]:
    """The operations by their API names, for runs on `driver`."""
    runs = JobRuns(driver)
    return definition_operations() | {
        "StartJobRun": runs.start,
        "BatchStopJobRun": runs.batch_stop,
        "GetJobRun": get_job_run,
        "GetJobRuns": get_job_runs,
    }


class JobRuns:
    """Starts and stops runs."""

    def __init__(self, driver: SparkDriver) -> None:
        self._driver = driver
        self._going: dict[str, JobRun] = {}
        self._lock = threading.Lock()

    def start(self, request: JSON) -> JSON:
        """StartJobRun: EntityNotFoundException, InvalidInputException, ConcurrentRunsExceededException."""
        job = glue._jobs.get(request["JobName"])
        if job is None:
            raise ServiceError(
                "EntityNotFoundException",
                f"Failed to start job run due to missing metadata: there is no job {request['JobName']}",
            )
        _check(job, request)
        with self._lock:
            _check_concurrency(job)
            record = new_record(job, request, "jr_" + secrets.token_hex(32))
            self._go(job, record)
        return {"JobRunId": record["Id"]}

    def _go(self, job: JSON, record: JSON) -> None:
        glue._job_runs.setdefault(job["Name"], []).append(record)
        run = JobRun(record, job, self._driver)
        self._going[record["Id"]] = run
        run.start(self._ended)

    def _ended(self, run: JobRun) -> None:
        """Forget a run, or try again as often as the job's MaxRetries says."""
        job, record = run.job, run.record
        with self._lock:
            del self._going[record["Id"]]
            if record["JobRunState"] == "FAILED" and record["Attempt"] < job.get("MaxRetries", 0):
                self._go(job, next_attempt(record))
        endings.announce(record["Id"])

    def batch_stop(self, request: JSON) -> JSON:
        """BatchStopJobRun: each run is stopped, or has an entry in Errors."""
        stopped, errors = [], []
        for run_id in request["JobRunIds"]:
            error = self._stop(request["JobName"], run_id)
            answer = {"JobName": request["JobName"], "JobRunId": run_id}
            if error is None:
                stopped.append(answer)
            else:
                errors.append(
                    answer | {"ErrorDetail": {"ErrorCode": error.code, "ErrorMessage": error.message}}
                )
        return {"SuccessfulSubmissions": stopped, "Errors": errors}

    def _stop(self, name: str, run_id: str) -> ServiceError | None:
        try:
            record = find_run(name, run_id)
        except ServiceError as error:
            return error
        run = self._going.get(run_id)
        if run is not None and run.stop():
            return None
        state = record["JobRunState"]
        return ServiceError("InvalidInputException", f"Job run {run_id} cannot be stopped: it is {state}")


def get_job_run(request: JSON) -> JSON:
    """GetJobRun: EntityNotFoundException for a job or a run that is not there."""
    return {"JobRun": find_run(request["JobName"], request["RunId"])}


def get_job_runs(request: JSON) -> JSON:
    """GetJobRuns: the newest first, in pages of MaxResults."""
    runs = runs_of(request["JobName"])[::-1]
    first = int(request.get("NextToken") or 0)
    after = first + request.get("MaxResults", _MOST_RUNS_A_PAGE)
    page: JSON = {"JobRuns": runs[first:after]}
    return page | ({"NextToken": str(after)} if after < len(runs) else {})


def runs_of(name: str) -> list[JSON]:
    """The records of a job's runs, oldest first."""
    if name not in glue._jobs:
        raise ServiceError("EntityNotFoundException", f"Job {name} not found")
    return list(glue._job_runs.get(name, []))


def find_run(name: str, run_id: str) -> JSON:
    """The record of a run."""
    for record in runs_of(name):
        if record["Id"] == run_id:
            return record
    raise ServiceError("EntityNotFoundException", f"Job run {run_id} of job {name} not found")


def _check(job: JSON, request: JSON) -> None:
    """Refuse what cannot be done here, rather than do something else."""
    kind = job["Command"].get("Name")
    if kind != "glueetl":
        raise ServiceError(
            "InvalidInputException", f"Jobs of type {kind} are not supported by localcloud: only glueetl"
        )
    for name in ("JobRunId", "JobRunQueuingEnabled", "ExecutionRoleSessionPolicy"):
        if request.get(name):
            raise ServiceError(
                "InvalidInputException", f"{name} of StartJobRun is not supported by localcloud"
            )
    arguments = job_arguments.merged(job, request.get("Arguments") or {})
    job_arguments.check_supported(arguments)
    job_arguments.spark_settings(arguments)
    _capacity(_sizing(job, request))


def _check_concurrency(job: JSON) -> None:
    most = int((job.get("ExecutionProperty") or {}).get("MaxConcurrentRuns", 1))
    going = [record for record in runs_of(job["Name"]) if record["JobRunState"] in _ACTIVE]
    if len(going) >= most:
        raise ServiceError("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {job['Name']}")


def new_record(job: JSON, request: JSON, run_id: str) -> JSON:
    """A JobRun that is about to start."""
    now = time.time()
    sizing = _sizing(job, request)
    capacity = _capacity(sizing)
    optional = {
        name: value for name in ("SecurityConfiguration",) if (value := request.get(name) or job.get(name))
    }
    return optional | {
        "Id": run_id,
        "Attempt": 0,
        "JobName": job["Name"],
        "JobMode": "SCRIPT",
        "JobRunQueuingEnabled": False,
        "StartedOn": now,
        "LastModifiedOn": now,
        "JobRunState": "STARTING",
        "Arguments": dict(request.get("Arguments") or {}),
        "PredecessorRuns": [],
        "AllocatedCapacity": int(capacity),
        "ExecutionTime": 0,
        "Timeout": request.get("Timeout") or job["Timeout"],
        "MaxCapacity": capacity,
        "WorkerType": sizing["WorkerType"],
        "NumberOfWorkers": sizing["NumberOfWorkers"],
        "LogGroupName": "/aws-glue/jobs",
        "GlueVersion": job["GlueVersion"],
        "ExecutionClass": request.get("ExecutionClass") or job.get("ExecutionClass") or "STANDARD",
    }


def next_attempt(failed: JSON) -> JSON:
    """The JobRun of a retry: the same, under an id of its own that names the attempt."""
    now = time.time()
    attempt = failed["Attempt"] + 1
    ended = ("CompletedOn", "DPUSeconds", "ErrorMessage")
    return {name: value for name, value in failed.items() if name not in ended} | {
        "Id": f"{failed['Id'].partition('_attempt_')[0]}_attempt_{attempt}",
        "Attempt": attempt,
        "PreviousRunId": failed["Id"],
        "StartedOn": now,
        "LastModifiedOn": now,
        "JobRunState": "STARTING",
        "ExecutionTime": 0,
    }


def _sizing(job: JSON, request: JSON) -> dict[str, Any]:
    return {
        name: request.get(name) or job.get(name) for name in ("WorkerType", "NumberOfWorkers", "MaxCapacity")
    }


def _capacity(sizing: dict[str, Any]) -> float:
    """The DPUs of a run."""
    if sizing["WorkerType"] not in _WORKER_DPU:
        raise ServiceError(
            "InvalidInputException", f"WorkerType {sizing['WorkerType']} is not known to localcloud"
        )
    return float(sizing["MaxCapacity"] or _WORKER_DPU[sizing["WorkerType"]] * sizing["NumberOfWorkers"])
