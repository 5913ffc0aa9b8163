"""Which run goes on when one is redriven."""

from typing import Any

from operate.errors import OperateError
from operate.runs import FAILED, Execution, run_named, runs_of


def run_to_redrive(stepfunctions: Any, pipeline_arn: str, name: str | None) -> Execution:
    """The run of that name, or else the last one that failed. Raises OperateError where it cannot go on.

    While another run is going none can: two at once would write the same folders.
    """
    named = run_named(stepfunctions, pipeline_arn, name) if name else None
    run = named or _last_failed(stepfunctions, pipeline_arn)
    if run["status"] == "SUCCEEDED":
        raise OperateError(f"{run['name']} has succeeded, so there is nothing to redrive")
    for going in runs_of(stepfunctions, pipeline_arn, statusFilter="RUNNING"):
        if going["name"] == run["name"]:
            raise OperateError(f"{run['name']} is going, so there is nothing to redrive yet")
        raise OperateError(f"{going['name']} is going; redrive {run['name']} when it has ended")
    return run


def _last_failed(stepfunctions: Any, pipeline_arn: str) -> Execution:
    """The last run that failed. Raises OperateError where none did, or a later one has succeeded."""
    later: Execution | None = None
    for run in runs_of(stepfunctions, pipeline_arn):
        if run["status"] in FAILED:
            if later:
                raise OperateError(
                    f"{later['name']} has succeeded since {run['name']} failed; name that one to redrive it anyway"
                )
            return run
        if run["status"] == "SUCCEEDED":
            later = later or run
    raise OperateError("no run has failed, so there is nothing to redrive")
