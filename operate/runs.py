"""The runs of the pipeline, as executions of its state machine."""

import time
from collections.abc import Iterator
from typing import Any

from operate.errors import OperateError

Execution = dict[str, Any]

POLL_SECONDS = 0.25
START_SECONDS = 180
"""How long messages in the queue may take to start a run when none is going: they wait for the batching window, and
those that came back from a run that was going, for the queue's visibility timeout too."""
FAILED = ("FAILED", "TIMED_OUT", "ABORTED")
ENDED = ("SUCCEEDED", *FAILED)


def runs_of(stepfunctions: Any, pipeline_arn: str, **only: str) -> Iterator[Execution]:
    """The runs, newest first; `only` are options of ListExecutions."""
    pages = stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=pipeline_arn, **only)
    return (execution for page in pages for execution in page["executions"])


def newest_run(stepfunctions: Any, pipeline_arn: str) -> Execution | None:
    """The newest run, None before the first."""
    return next(runs_of(stepfunctions, pipeline_arn), None)


def run_named(stepfunctions: Any, pipeline_arn: str, name: str) -> Execution:
    """The run of that name. Raises OperateError where there is none."""
    execution_arn = f"{pipeline_arn.replace(':stateMachine:', ':execution:')}:{name}"
    try:
        described: Execution = stepfunctions.describe_execution(executionArn=execution_arn)
    except stepfunctions.exceptions.ExecutionDoesNotExist:
        raise OperateError(f"there is no run {name}; the command runs lists them") from None
    return described


def run_that_ended(stepfunctions: Any, pipeline_arn: str, name: str | None) -> Execution:
    """The run of that name, or else the last one that has ended. Raises OperateError where there is none."""
    if name:
        run = run_named(stepfunctions, pipeline_arn, name)
        if run["status"] not in ENDED:
            raise OperateError(f"{name} is going; ask again when it has ended")
        return run
    ended = (run for run in runs_of(stepfunctions, pipeline_arn) if run["status"] in ENDED)
    if (last := next(ended, None)) is None:
        raise OperateError("no run has ended yet; the command runs lists them")
    return last


def wait_for_run(stepfunctions: Any, pipeline_arn: str, after: Execution | None) -> Execution:
    """The run that starts after the run `after`, once that has ended. Raises OperateError when none does."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        newest = newest_run(stepfunctions, pipeline_arn)
        if newest and (after is None or newest["executionArn"] != after["executionArn"]):
            return newest
        if newest and newest["status"] == "RUNNING":
            deadline = time.monotonic() + START_SECONDS
        time.sleep(POLL_SECONDS)
    raise OperateError(
        f"no run started within {START_SECONDS} seconds; "
        "see the log of the function start-pipeline, and the messages in the dead-letter queue"
    )
