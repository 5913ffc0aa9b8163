"""What became of each state of an execution, from the events of its history.

Every event names the one that led to it. That leads back to the state it belongs to, whichever branches and items
write their events between, and also over a redrive: a state that goes on is not entered again ("Redriving executions",
Step Functions Developer Guide).
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from functions.alert.failure import Event, details_of, json_object

RUNNING, SUCCEEDED, CAUGHT, FAILED, STOPPED = "running", "succeeded", "caught", "failed", "stopped"
CONTAINERS = re.compile(r"(Parallel|Map)State(Started|Succeeded|Failed|Aborted)")
ITERATION = re.compile(r"MapIteration(Started|Succeeded|Failed|Aborted)")
TASK = re.compile(r"(?:Task|LambdaFunction|Activity)(\w+)")
END = re.compile(r"Execution(Succeeded|Failed|Aborted|TimedOut)")
OUTCOMES = {"Started": RUNNING, "Succeeded": SUCCEEDED, "Failed": FAILED, "Aborted": STOPPED}


@dataclass(frozen=True, eq=False)
class Scope:
    """Where states run: the execution itself, the branches of a Parallel state, or an item of a Map state."""

    visit: "Visit | None" = None
    iteration: int | None = None


@dataclass(eq=False, kw_only=True)
class Spell:
    """A time in which a state was at work."""

    began: dt.datetime
    ended: dt.datetime | None = None
    status: str = RUNNING


@dataclass(eq=False, kw_only=True)
class Attempt(Spell):
    """A try of a task; `scheduled` and `submitted` are the details of these events."""

    scheduled: dict[str, Any]
    submitted: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    cause: str = ""

    @property
    def work(self) -> dict[str, Any]:
        """What the service answered when it began the work; empty where that was no JSON object."""
        return json_object(self.submitted.get("output", ""))


@dataclass(eq=False)
class Visit:
    """A state that was entered. Its `spells` are the first and those of redrives."""

    name: str
    kind: str
    scope: Scope
    spells: list[Spell]
    input: str
    output: str = ""
    status: str = RUNNING
    error: str = ""
    cause: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    scopes: dict[int | None, Scope] = field(default_factory=dict)
    iterations: dict[int, str] = field(default_factory=dict)
    """What became of each item of a Map state."""

    @property
    def began(self) -> dt.datetime:
        """When it was entered, or a redrive went on with it."""
        return self.spells[-1].began

    @property
    def left(self) -> dt.datetime | None:
        """When it was, or when the execution ended without that."""
        return self.spells[-1].ended

    @property
    def child(self) -> str | None:
        """The ARN of the child execution that the last attempt of a task started."""
        return self.attempts[-1].work.get("ExecutionArn") if self.attempts else None

    def inside(self, iteration: int | None = None) -> Scope:
        """The scope of its branches, or of one of its items."""
        return self.scopes.setdefault(iteration, Scope(self, iteration))

    def ancestors(self) -> Iterator["Visit"]:
        """The states that it is in, the nearest first."""
        visit = self.scope.visit
        while visit:
            yield visit
            visit = visit.scope.visit

    def begin(self, moment: dt.datetime, scheduled: dict[str, Any]) -> None:
        """A task is tried, for the first time or again."""
        self.attempts.append(Attempt(began=moment, scheduled=scheduled))
        self.status, self.error, self.cause = RUNNING, "", ""
        self.spells[-1].status, self.spells[-1].ended = RUNNING, None

    def end(self, status: str, moment: dt.datetime) -> None:
        """It is over, for now: a redrive may go on with it."""
        self.status = status
        for spell in (self.spells[-1], *self.attempts[-1:]):
            if spell.status == RUNNING or spell is self.spells[-1]:
                spell.status, spell.ended = status, moment
        self.iterations = {i: STOPPED if s == RUNNING else s for i, s in self.iterations.items()}


@dataclass(frozen=True)
class Place:
    """Where a flow is after an event: in a state, or in a scope between two states."""

    scope: Scope
    visit: Visit | None = None

    def states(self) -> Iterator[Visit]:
        """The state it is in and those around it, the nearest first."""
        visit = self.visit or self.scope.visit
        if visit:
            yield visit
            yield from visit.ancestors()


class Visits:
    """The visits of one execution, in the order in which the states were entered."""

    def __init__(self) -> None:
        self.all: list[Visit] = []
        self._open: dict[Visit, None] = {}
        self._places: dict[int, Place] = {0: Place(Scope())}

    def add(self, events: Iterable[Event]) -> None:
        """Take in the events that follow those taken in before."""
        for event in events:
            at = self._places.get(event.get("previousEventId", 0), self._places[0])
            self._places[event["id"]] = self._after(event, at)

    def _after(self, event: Event, at: Place) -> Place:
        kind = event["type"]
        if kind.endswith("StateEntered"):
            return self._enter(event, at)
        if kind.endswith("StateExited"):
            return self._leave(event, at)
        if match := CONTAINERS.fullmatch(kind):
            return self._contain(event, at, match[1], match[2])
        if match := ITERATION.fullmatch(kind):
            return self._iterate(event, at, match[1])
        if (match := TASK.fullmatch(kind)) and at.visit:
            _try(at.visit, match[1], event)
        elif kind.endswith("StateAborted") and at.visit:
            self._close(at.visit, STOPPED, event["timestamp"])
        elif kind == "ExecutionRedriven":
            self._go_on(event["timestamp"])
        elif match := END.fullmatch(kind):
            self._end(event, at, match[1])
        return at

    def _enter(self, event: Event, at: Place) -> Place:
        told = event["stateEnteredEventDetails"]
        kind = event["type"].removesuffix("StateEntered")
        spell = Spell(began=event["timestamp"])
        visit = Visit(told["name"], kind, at.scope, [spell], told.get("input", ""))
        self.all.append(visit)
        self._open[visit] = None
        return Place(at.scope, visit)

    def _leave(self, event: Event, at: Place) -> Place:
        told = event["stateExitedEventDetails"]
        visit = next(visit for visit in at.states() if visit.name == told["name"])
        failed = visit.status == FAILED or any(attempt.status == FAILED for attempt in visit.attempts[-1:])
        visit.output = told.get("output", "")
        self._close(visit, CAUGHT if failed else SUCCEEDED, event["timestamp"])
        self._open = {v: None for v in self._open if v is not visit and visit not in v.ancestors()}
        return Place(visit.scope)

    def _contain(self, event: Event, at: Place, kind: str, what: str) -> Place:
        visit = next(visit for visit in at.states() if visit.kind == kind)
        if what == "Started":
            return Place(visit.inside())
        if what == "Failed":
            visit.error, visit.cause = _told(event)
        if what != "Succeeded":
            self._close(visit, OUTCOMES[what], event["timestamp"])
        return Place(visit.scope, visit)

    def _iterate(self, event: Event, at: Place, what: str) -> Place:
        told = event[f"mapIteration{what}EventDetails"]
        visit = next(visit for visit in at.states() if visit.name == told["name"])
        visit.iterations[told["index"]] = OUTCOMES[what]
        return Place(visit.inside(told["index"] if what == "Started" else None))

    def _close(self, visit: Visit, status: str, moment: dt.datetime) -> None:
        """End a visit; what is still going inside it is stopped, or had failed."""
        for inner in list(self._open):
            if visit in inner.ancestors() and inner.status == RUNNING:
                inner.end(STOPPED, moment)
        visit.end(status, moment)

    def _end(self, event: Event, at: Place, what: str) -> None:
        failed = set(at.states()) if what == "Failed" else set()
        failed |= {outer for visit in self._open if visit.status == FAILED for outer in visit.ancestors()}
        for visit in self._open:
            if visit in failed or visit.kind == "Fail":
                visit.end(FAILED, event["timestamp"])
                if (visit is at.visit or visit.kind == "Fail") and not visit.error:
                    visit.error, visit.cause = _told(event)
            elif visit.status == RUNNING:
                visit.end(STOPPED, event["timestamp"])

    def _go_on(self, moment: dt.datetime) -> None:
        """A redrive: whatever was entered and not left goes on."""
        for visit in self._open:
            visit.status, visit.error, visit.cause = RUNNING, "", ""
            visit.spells.append(Spell(began=moment))
            visit.iterations = {i: s if s == SUCCEEDED else RUNNING for i, s in visit.iterations.items()}


def _try(visit: Visit, what: str, event: Event) -> None:
    if what == "Scheduled":
        visit.begin(event["timestamp"], details_of(event))
        return
    if not visit.attempts:
        return
    attempt = visit.attempts[-1]
    if what in ("Submitted", "Succeeded"):
        attempt.submitted = attempt.submitted or details_of(event)
    if what.endswith("Failed") or what == "TimedOut":
        visit.error, visit.cause = attempt.error, attempt.cause = _told(event)
        visit.end(FAILED, event["timestamp"])
    elif what == "Succeeded":
        attempt.status, attempt.ended = SUCCEEDED, event["timestamp"]


def _told(event: Event) -> tuple[str, str]:
    details = details_of(event)
    return details.get("error", ""), details.get("cause", "")
