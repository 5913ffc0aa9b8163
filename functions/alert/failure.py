"""Reads executions through Step Functions' public API: which states ran, for how long, and what failed.

A redriven execution keeps its history: after the event ExecutionRedriven the states that had failed go on, without
being entered again ("Redriving executions", Step Functions Developer Guide).
"""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]

TASK_FAILURES = ("TaskFailed", "TaskTimedOut", "TaskStartFailed", "TaskSubmitFailed")
REASON_CHARACTERS = 500


@dataclass(frozen=True)
class StateRun:
    """One visit of a state; `seconds` is None until it is left, and counts from the last redrive that came between."""

    name: str
    entered: dt.datetime
    seconds: float | None


@dataclass(frozen=True)
class Failure:
    """What made an execution fail: the state, that of child executions behind it, and the cause as it was told."""

    states: tuple[str, ...]
    error: str
    cause: str

    @property
    def where(self) -> str:
        """The failed state, `Parent > Child` where it is in a child execution."""
        return " > ".join(self.states) or "the execution"

    @property
    def reason(self) -> str:
        """The first line of the cause, 500 characters at the most; the error where there is none."""
        lines = self.cause.strip().splitlines() or [self.error]
        return lines[0] if len(lines[0]) <= REASON_CHARACTERS else f"{lines[0][: REASON_CHARACTERS - 3]}..."

    def __str__(self) -> str:
        return f"{self.where} failed: {self.reason}"


def events_of(stepfunctions: Any, execution_arn: str) -> list[Event]:
    """The whole history, oldest event first. Raises botocore's ClientError."""
    pages = stepfunctions.get_paginator("get_execution_history")
    return [event for page in pages.paginate(executionArn=execution_arn) for event in page["events"]]


def states_of(events: list[Event]) -> list[StateRun]:
    """The states that were entered, in that order, those inside branches too."""
    exits = _exits(events)
    return [
        StateRun(
            name=_name(event),
            entered=event["timestamp"],
            seconds=_seconds(event, exits[event["id"]], events) if event["id"] in exits else None,
        )
        for event in events
        if _is_entry(event)
    ]


def failure_of(stepfunctions: Any, execution_arn: str) -> Failure:
    """Why the execution failed since it was last redriven, followed into the child execution that did.

    Raises botocore's ClientError.
    """
    execution = stepfunctions.describe_execution(executionArn=execution_arn)
    events = events_of(stepfunctions, execution_arn)
    error, cause = execution.get("error", execution["status"]), execution.get("cause", "")
    failed = _failed_event(events) if execution["status"] == "FAILED" else None
    if failed is None:
        return Failure(_unfinished(stepfunctions, events), error, cause)
    name = _name(_entry_of(failed, events))
    if failed["type"] == "FailStateEntered":
        return Failure((name,), error, cause)
    return _task_failure(stepfunctions, name, details_of(failed))


def _failed_event(events: list[Event]) -> Event | None:
    """The last event that says why: a task that failed and was not caught, or a Fail state.

    A Fail state that is redriven fails again and writes no event of its own, so one from before a redrive counts too.
    """
    redriven = max((event["id"] for event in events if event["type"] == "ExecutionRedriven"), default=0)
    exits = _exits(events)
    for event in reversed(events):
        if event["type"] == "FailStateEntered":
            return event
        is_failure = event["type"] in TASK_FAILURES and event["id"] > redriven
        if is_failure and _entry_of(event, events)["id"] not in exits:
            return event
    return None


def _unfinished(stepfunctions: Any, events: list[Event]) -> tuple[str, ...]:
    """The last state that was entered and not left, and that of the child execution it was waiting for."""
    exits = _exits(events)
    entry = next((event for event in reversed(events) if _is_entry(event) and event["id"] not in exits), None)
    if entry is None:
        return ()
    for event in reversed(events):
        if event["type"] == "TaskSubmitted" and _entry_of(event, events) is entry:
            work = json_object(details_of(event).get("output", ""))
            child = failure_of(stepfunctions, work["ExecutionArn"]).states if "ExecutionArn" in work else ()
            return (_name(entry), *child)
    return (_name(entry),)


def _task_failure(stepfunctions: Any, state: str, details: dict[str, str]) -> Failure:
    """What the failed work of a task says itself, where the cause is a record of that work."""
    error, cause = details.get("error", ""), details.get("cause", "")
    work = json_object(cause)
    if "ExecutionArn" in work:
        child = failure_of(stepfunctions, work["ExecutionArn"])
        return Failure((state, *child.states), child.error, child.cause)
    if "JobRunState" in work:
        cause = work.get("ErrorMessage") or f"job run {work['Id']} {work['JobRunState']}"
    if "QueryExecution" in work:
        cause = work["QueryExecution"]["Status"].get("StateChangeReason", cause)
    return Failure((state,), error, cause)


def json_object(text: str) -> dict[str, Any]:
    """The JSON object that a text is; empty where it is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _is_entry(event: Event) -> bool:
    return bool(event["type"].endswith("StateEntered"))


def _name(entry: Event) -> str:
    return str(entry["stateEnteredEventDetails"]["name"])


def details_of(event: Event) -> dict[str, Any]:
    """The event's details, which are named after its type."""
    details: dict[str, Any] = event.get(f"{event['type'][0].lower()}{event['type'][1:]}EventDetails", {})
    return details


def _exits(events: list[Event]) -> dict[int, Event]:
    """The events with which states were left, by the id of the event with which each was entered."""
    left = (event for event in events if event["type"].endswith("StateExited"))
    return {_entry_of(event, events)["id"]: event for event in left}


def _seconds(entry: Event, left: Event, events: list[Event]) -> float:
    redrives = (event for event in events[entry["id"] : left["id"]] if event["type"] == "ExecutionRedriven")
    began = max(event["timestamp"] for event in (entry, *redrives))
    return float((left["timestamp"] - began).total_seconds())


def _entry_of(event: Event, events: list[Event]) -> Event:
    """The event with which the state that `event` belongs to was entered."""
    name = event.get("stateExitedEventDetails", {}).get("name")
    entries = (earlier for earlier in _chain(event, events) if _is_entry(earlier))
    return next(e for e in entries if name in (None, _name(e)))


def _chain(event: Event, events: list[Event]) -> Iterator[Event]:
    """The event and those that led to it, nearest first. The id of an event is its place in the history."""
    yield event
    while event["previousEventId"]:
        event = events[event["previousEventId"] - 1]
        yield event
