"""How far an execution has come, kept up to date by the events of its history.

A redrive goes on from here: "Step Functions continues the failed execution from the unsuccessful step and uses the
same input"; a step is unsuccessful when its StateEntered event has no StateExited event ("Restarting state machine
executions with redrive", "Redriving Map Runs", Step Functions Developer Guide).
"""

import datetime as dt
import json
import threading
from dataclasses import dataclass, field
from typing import Any, Self

from moto.stepfunctions.parser.api import ExecutionFailedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped
from moto.stepfunctions.parser.mocking.mock_config import MockedResponse

ENDS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")
"""The types of the event that ends an attempt."""


@dataclass
class Progress:
    """How far a state machine, a branch of a Parallel state or an item of a Map state has come."""

    state: str | None = None
    """The state that is being executed, or that is the next; None before the first."""
    value: Any = None
    """That state's input; the output, once all is done."""
    entered: int | None = None
    """The id of the event with which that state was entered; None while it is only the next."""
    is_done: bool = False
    next_state: str | None = None
    parts: list["Progress"] = field(default_factory=list)
    """That of the branches or items of the state, in their order."""
    is_resumed: bool = False
    """Whether the state was entered in an attempt before this one, and is not entered anew."""

    def enter(self, name: str, value: Any, event_id: int) -> None:
        """A state was entered."""
        self.state, self.value, self.entered, self.next_state, self.parts = name, value, event_id, None, []

    def leave(self, value: Any) -> None:
        """The state was left, for the state that had been chosen as the next one."""
        self.state, self.value, self.entered, self.parts = self.next_state, value, None, []
        self.is_done = self.state is None

    def begin_parts(self, count: int) -> list["Progress"]:
        """Those of the branches or items that are about to be run: kept by a redrive, new otherwise."""
        if not (self.parts and self.is_resumed):
            self.parts = [Progress() for _ in range(count)]
        self.is_resumed = False
        return self.parts

    def resume(self) -> Self:
        """Go on here in another attempt."""
        self.is_resumed = self.entered is not None
        for part in self.parts:
            part.resume()
        return self


class History(EventManager):  # type: ignore[misc]
    """The history of an execution, which a redrive goes on writing.

    Once an attempt has ended it takes no more events of it: branches that are still stopping add nothing. Nor does a
    state that is stopped while others go on add that it failed: moto's stumble over that.
    """

    def __init__(self, former: "History | None" = None) -> None:
        super().__init__()
        self._adding = threading.Lock()
        self._has_ended = False
        if former:
            self._history_event_list.extend(former.get_event_history())
            self._event_id_gen._next_id = len(self) + 1

    def __len__(self) -> int:
        return len(self._history_event_list)

    def page(self, start: int, end: int, reverse: bool | None) -> list[dict[str, Any]]:
        """The events from one place to another, counted from the last event where `reverse`."""
        with self._adding:
            events = self._history_event_list
            places = range(len(events))[:: -1 if reverse else 1][start:end]
            return [_as_told(events[place]) for place in places]

    def add_event(
        self,
        context: EventHistoryContext,
        event_type: HistoryEventType,
        event_details: EventDetails | None = None,
        **options: Any,
    ) -> int:
        with self._adding:
            if self._has_ended or _is_told_already(context, event_type) or _stumbles(context, event_type):
                return int(context.last_published_event_id)
            event_id: int = super().add_event(context, event_type, event_details, **options)
            _note(context.progress, event_type, event_details or {}, event_id)
            self._has_ended = event_type in ENDS
            return event_id


def _as_told(event: dict[str, Any]) -> dict[str, Any]:
    """The event, which is never changed, with its moment as one."""
    return {**event, "timestamp": dt.datetime.fromisoformat(event["timestamp"])}


def _is_told_already(context: EventHistoryContext, event_type: str) -> bool:
    """Whether the event is one that a resumed state wrote in the attempt before."""
    progress: Progress = context.progress
    if not progress.is_resumed:
        return False
    if event_type.endswith("StateEntered"):
        context.source_event_id = context.last_published_event_id = progress.entered
        progress.next_state, progress.is_resumed = None, bool(progress.parts)
        return True
    return event_type in ("ParallelStateStarted", "MapStateStarted")


def _stumbles(context: EventHistoryContext, event_type: str) -> bool:
    """Whether the event is a failure of a state that had been stopped before."""
    return bool(context.is_stopped() and event_type.endswith("Failed") and event_type not in ENDS)


def _note(progress: Progress, event_type: str, details: dict[str, Any], event_id: int) -> None:
    if event_type.endswith("StateEntered"):
        entered = details["stateEnteredEventDetails"]
        progress.enter(entered["name"], json.loads(entered["input"]), event_id)
    elif event_type.endswith("StateExited"):
        progress.leave(json.loads(details["stateExitedEventDetails"]["output"]))


class ProgressEnvironment(Environment):  # type: ignore[misc]
    """moto's environment of a running program, which knows how far the program has come."""

    began: float
    """When this attempt of the execution did, in seconds of the monotonic clock."""

    @property
    def progress(self) -> Progress:
        found: Progress = self.event_history_context.progress
        return found

    @progress.setter
    def progress(self, progress: Progress) -> None:
        self.event_history_context.progress = progress
        self.event_history_context.is_stopped = self.is_stopped

    def is_stopped(self) -> bool:
        """Whether the execution, or the Parallel or Map state that this is a part of, has stopped it."""
        return isinstance(self._program_state, ProgramStopped)

    def set_error(self, error: ExecutionFailedEventDetails) -> None:
        """End with an error, but for what has been stopped, which stays so whatever moto stumbles over then."""
        if not self.is_stopped():
            super().set_error(error)

    @classmethod
    def as_frame_of(
        cls, env: Environment, event_history_frame_cache: EventHistoryContext | None = None
    ) -> Environment:
        return cls.as_inner_frame_of(env, env.variable_store, event_history_frame_cache)

    @classmethod
    def as_inner_frame_of(cls, env: Environment, *arguments: Any, **options: Any) -> Environment:
        frame = super().as_inner_frame_of(env, *arguments, **options)
        frame.progress, frame.began = env.progress, env.began
        return frame

    def get_current_mocked_response(self) -> MockedResponse:
        return self.mock_test_case.take(self.next_state_name)

    @property
    def next_state_name(self) -> str | None:
        name: str | None = super().next_state_name
        return name

    @next_state_name.setter
    def next_state_name(self, name: str) -> None:
        Environment.next_state_name.fset(self, name)
        self.progress.next_state = name
