"""Following a run to its end."""

import time
from collections.abc import Callable
from typing import Any

from functions.alert.failure import Event
from operate.history import History
from operate.runs import POLL_SECONDS

ENDS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")

Show = Callable[[list[Event]], None]
"""Shows how far a run has come: given the whole history, again and again while it grows."""


def follow_to_end(stepfunctions: Any, execution_arn: str, show: Show, after: int = 0) -> str:
    """Show the history as it grows, until the execution ends; return its status.

    A redrive goes on with a history of `after` events that had ended.
    """
    history = History(stepfunctions, execution_arn)
    while True:
        history.refresh()
        show(history.events)
        if any(event["type"] in ENDS for event in history.events[after:]):
            status = stepfunctions.describe_execution(executionArn=execution_arn)["status"]
            # It may lag behind ("DescribeExecution", Step Functions API Reference); the history does not.
            if status != "RUNNING":
                return str(status)
        time.sleep(POLL_SECONDS)
