"""Following a run to its end."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Any

from functions.alert.failure import Event, StateRun, events_of, states_of
from operate.runs import POLL_SECONDS

ENDS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")


def follow(stepfunctions: Any, execution_arn: str, tell: Callable[[StateRun], None], after: int = 0) -> str:
    """Tell of each state as it is entered and as it is left, until the execution ends; return its status.

    What the first `after` events of the history say is not told: a redrive goes on with a history that had ended.
    """
    told = {key for key, _ in _changes(events_of(stepfunctions, execution_arn)[:after])}
    while True:
        status = stepfunctions.describe_execution(executionArn=execution_arn)["status"]
        events = events_of(stepfunctions, execution_arn)
        for key, state in _changes(events):
            if key not in told:
                told.add(key)
                tell(state)
        # The status may lag behind ("DescribeExecution", Step Functions API Reference); the history does not.
        if status != "RUNNING" and any(event["type"] in ENDS for event in events[after:]):
            return str(status)
        time.sleep(POLL_SECONDS)


def _changes(events: list[Event]) -> Iterator[tuple[tuple[int, bool], StateRun]]:
    """Each state as it was entered and, where it was, as it was left; a key says which visit and which of the two."""
    for place, state in enumerate(states_of(events)):
        yield (place, False), dataclasses.replace(state, seconds=None)
        if state.seconds is not None:
            yield (place, True), state
