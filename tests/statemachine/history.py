"""The steps of an execution, read from its history.

Branches and items write their events as they come; previousEventId alone tells where an event belongs (HistoryEvent,
Step Functions API Reference).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tests.statemachine.case import Call, Fork, Step

Event = dict[str, Any]
FAILURES = ("TaskFailed", "FailStateEntered")


@dataclass
class _Line:
    """States one after the other: those of the state machine, of a branch, or of an item."""

    fork: "_State | None"
    states: "list[_State]" = field(default_factory=list)
    last: str = ""
    """The type of its last event, but for those that tell its end."""
    last_id: int = 0

    def is_in(self, fork: str) -> bool:
        """Whether it has come to a state of that kind and has not left it."""
        return bool(self.states) and self.states[-1].kind == fork and not self.states[-1].is_left

    def steps(self) -> list[Step]:
        return [step for state in self.states for step in state.steps()]


@dataclass
class _State:
    name: str
    kind: str
    line: _Line
    calls: list[Call] = field(default_factory=list)
    parts: list[_Line] = field(default_factory=list)
    """The branches or items of a Parallel or Map state."""
    is_left: bool = False

    def begin_part(self) -> _Line:
        self.parts.append(_Line(self))
        return self.parts[-1]

    def add(self, call: Call) -> None:
        """Add one more call; those that are the same become one that is made several times."""
        if self.calls and replace(self.calls[-1], times=1) == call:
            call = replace(call, times=self.calls.pop().times + 1)
        self.calls.append(call)

    def steps(self) -> Iterator[Step]:
        if self.kind in ("Parallel", "Map"):
            yield Fork(self.name, [part.steps() for part in (self.parts if self.is_left else self._failed())])
        else:
            yield from self.calls or [self.name]

    def _failed(self) -> list[_Line]:
        failed = (part for part in self.parts if part.last in FAILURES)
        return sorted(failed, key=lambda part: part.last_id)[:1]


def steps_of(events: list[Event]) -> list[Step]:
    """The path of states, with the calls of Task states and the paths of branches and items."""
    whole = _Line(None)
    lines = {0: whole}
    for event in events:
        line = lines[event["id"]] = _line_of(event["type"], lines[event["previousEventId"]])
        _note(event["type"], event, line)
    return whole.steps()


def _line_of(kind: str, line: _Line) -> _Line:
    """Where an event of that type belongs that comes after one of `line`."""
    if kind.endswith("StateEntered") and line.last == "ParallelStateStarted":
        return line.states[-1].begin_part()
    if kind == "MapIterationStarted":
        # It follows an item that is done where one worker takes several.
        return _around("Map", line, kind).states[-1].begin_part()
    for fork in ("Parallel", "Map"):
        if kind in (f"{fork}StateSucceeded", f"{fork}StateFailed", f"{fork}StateExited"):
            return _around(fork, line, kind)
    return line


def _around(fork: str, line: _Line, kind: str) -> _Line:
    """The line, or the nearest around it, that is in a state of that sort."""
    while not line.is_in(fork):
        assert line.fork, f"{kind} without a {fork} state"
        line = line.fork.line
    return line


def _note(kind: str, event: Event, line: _Line) -> None:
    if kind.endswith("StateEntered"):
        name = event["stateEnteredEventDetails"]["name"]
        line.states.append(_State(name, kind.removesuffix("StateEntered"), line))
    elif kind.endswith("StateExited"):
        line.states[-1].is_left = True
    elif kind == "TaskScheduled":
        line.states[-1].add(_call(line.states[-1].name, event["taskScheduledEventDetails"]))
    if not kind.startswith(("Execution", "MapIteration")):
        line.last, line.last_id = kind, event["id"]


def _call(state: str, scheduled: dict[str, Any]) -> Call:
    resource = f"{scheduled['resourceType']}:{scheduled['resource']}"
    return Call(state, resource, json.loads(scheduled["parameters"]))
