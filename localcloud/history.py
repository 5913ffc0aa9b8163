"""Reads executions through Step Functions' public API: which states ran, for how long, and what failed."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localcloud import aws

Event = dict[str, Any]


@dataclass(frozen=True)
class StateRun:
    """One visit of a state; `seconds` is None until it is left."""

    name: str
    entered: dt.datetime
    seconds: float | None


@dataclass(frozen=True)
class Failure:
    """What made an execution fail: the state, that of child executions behind it, and the cause in a sentence."""

    states: tuple[str, ...]
    error: str
    cause: str

    def __str__(self) -> str:
        return f"{' > '.join(self.states) or 'the execution'} failed: {self.cause or self.error}"


def events_of(execution_arn: str) -> list[Event]:
    """The whole history, oldest event first."""
    pages = aws.client("stepfunctions").get_paginator("get_execution_history")
    return [event for page in pages.paginate(executionArn=execution_arn) for event in page["events"]]


def states_of(events: list[Event]) -> list[StateRun]:
    """The states that were entered, in that order, those inside branches too."""
    left = {
        _entry_of(event, events)["id"]: event for event in events if event["type"].endswith("StateExited")
    }
    return [
        StateRun(
            name=event["stateEnteredEventDetails"]["name"],
            entered=event["timestamp"],
            seconds=(left[event["id"]]["timestamp"] - event["timestamp"]).total_seconds()
            if event["id"] in left
            else None,
        )
        for event in events
        if event["type"].endswith("StateEntered")
    ]


def failure_of(execution_arn: str) -> Failure:
    """Why the execution failed, followed into the child execution that did."""
    events = events_of(execution_arn)
    execution = aws.client("stepfunctions").describe_execution(executionArn=execution_arn)
    error, cause = execution.get("error", execution["status"]), execution.get("cause", "")
    for event in reversed(events):
        if event["type"] == "FailStateEntered":
            return Failure((event["stateEnteredEventDetails"]["name"],), error, cause)
        if event["type"] in ("TaskFailed", "TaskTimedOut"):
            details = event.get("taskFailedEventDetails") or event.get("taskTimedOutEventDetails", {})
            return _failure(_entry_of(event, events)["stateEnteredEventDetails"]["name"], details)
    unfinished = [run.name for run in states_of(events) if run.seconds is None]
    return Failure(tuple(unfinished[-1:]), error, cause)


def _failure(state: str, details: dict[str, str]) -> Failure:
    error, cause = details.get("error", ""), details.get("cause", "")
    work = _json(cause)
    if "ExecutionArn" in work:
        child = failure_of(work["ExecutionArn"])
        return Failure((state, *child.states), child.error, child.cause)
    if "JobRunState" in work:
        return Failure(
            (state,), error, work.get("ErrorMessage") or f"job run {work['Id']} {work['JobRunState']}"
        )
    if "QueryExecution" in work:
        return Failure((state,), error, work["QueryExecution"]["Status"].get("StateChangeReason", cause))
    return Failure((state,), error, cause)


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _entry_of(event: Event, events: list[Event]) -> Event:
    """The event with which the state that `event` belongs to was entered."""
    return next(earlier for earlier in _before(event, events) if earlier["type"].endswith("StateEntered"))


def _before(event: Event, events: list[Event]) -> Iterator[Event]:
    """The events that led to `event`, nearest first. The id of an event is its place in the history."""
    while event["previousEventId"]:
        event = events[event["previousEventId"] - 1]
        yield event
