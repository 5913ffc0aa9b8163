"""Histories written by hand, in few words."""

import datetime as dt
from typing import Any

BEGAN = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


class Written:
    """A history in the making: each event comes a second after the one before, and is led to by it unless told
    otherwise."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.add("ExecutionStarted", previous=0)

    def add(self, kind: str, previous: int | None = None, **details: Any) -> int:
        """Add an event with its details, and return its id."""
        number = len(self.events) + 1
        event = {
            "id": number,
            "type": kind,
            "timestamp": BEGAN + dt.timedelta(seconds=number - 1),
            "previousEventId": number - 1 if previous is None else previous,
        }
        if details:
            key = "stateEntered" if kind.endswith("StateEntered") else f"{kind[0].lower()}{kind[1:]}"
            key = "stateExited" if kind.endswith("StateExited") else key
            event[f"{key}EventDetails"] = details
        self.events.append(event)
        return number

    def enter(self, name: str, kind: str = "Task", previous: int | None = None) -> int:
        return self.add(f"{kind}StateEntered", previous, name=name, input='{"in": 1}')

    def leave(self, name: str, kind: str = "Task", previous: int | None = None) -> int:
        return self.add(f"{kind}StateExited", previous, name=name, output='{"out": 2}')

    def fail(self, previous: int | None = None) -> int:
        """A task is tried, and fails."""
        scheduled = self.add("TaskScheduled", previous, resourceType="glue")
        return self.add("TaskFailed", scheduled, error="Broken", cause="It broke.")

    def succeed(self, previous: int | None = None, output: str = "{}") -> int:
        """A task is tried, and succeeds."""
        scheduled = self.add("TaskScheduled", previous, resourceType="glue")
        return self.add("TaskSucceeded", scheduled, output=output)
