"""The executions that are being looked at: each with what its history has told so far."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from operate.history import History
from operate.machine import Machine
from operate.visits import Visits

MOST = 32
"""Executions whose histories are kept; the one that was looked at least recently makes room."""


@dataclass
class Execution:
    """An execution as described last, its state machine, and the visits of its states."""

    described: dict[str, Any]
    machine: Machine
    history: History
    visits: Visits = field(default_factory=Visits)

    @property
    def version(self) -> str:
        """Another one whenever there is something new to see."""
        told = self.described
        return f"{len(self.history.events)}-{told['status']}-{told.get('redriveCount', 0)}"


class Executions:
    """Executions by ARN. Methods raise botocore's ClientError."""

    def __init__(self, stepfunctions: Any) -> None:
        self._stepfunctions = stepfunctions
        self._kept: OrderedDict[str, Execution] = OrderedDict()
        self._lock = threading.Lock()

    def look(self, execution_arn: str) -> Execution:
        """The execution as it is now, of whose history only what is new is fetched."""
        described = self._stepfunctions.describe_execution(executionArn=execution_arn)
        del described["ResponseMetadata"]  # of the answer, and never the same twice
        with self._lock:
            execution = self._kept.get(execution_arn) or self._begin(execution_arn, described)
            self._kept[execution_arn] = execution
            self._kept.move_to_end(execution_arn)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
            if _may_have_grown(execution, described):
                execution.visits.add(execution.history.refresh())
            execution.described = described
        return execution

    def _begin(self, execution_arn: str, described: dict[str, Any]) -> Execution:
        # As it was when the execution began, whatever has become of the state machine since.
        machine = self._stepfunctions.describe_state_machine_for_execution(executionArn=execution_arn)
        history = History(self._stepfunctions, execution_arn)
        return Execution(described, Machine.read(machine["definition"]), history)


def _may_have_grown(execution: Execution, described: dict[str, Any]) -> bool:
    """Whether there may be events that were not fetched: the status lags behind the history or is ahead of it."""
    events = execution.history.events
    is_told = bool(events) and events[-1]["type"].startswith("Execution") and len(events) > 1
    return described["status"] == "RUNNING" or execution.described != described or not is_told
