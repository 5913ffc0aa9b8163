"""Runs of the pipeline: numbered executions of its state machine, one at a time."""

import json
import re
from dataclasses import dataclass
from typing import Any, Self

RUN_NAME = re.compile(r"run-(\d{6,})")


@dataclass(frozen=True)
class Run:
    """A numbered execution; `started` in milliseconds since 1970."""

    number: int
    started: int
    is_going: bool

    @classmethod
    def of(cls, execution: dict[str, Any]) -> Self | None:
        """The run that an entry of ListExecutions is, None for an execution that was started by hand."""
        if not (match := RUN_NAME.fullmatch(execution["name"])):
            return None
        started = int(execution["startDate"].timestamp() * 1000)
        return cls(int(match[1]), started, execution["status"] == "RUNNING")


class Runs:
    """The runs of one state machine, as one starter sees them.

    Why no two starters can have two runs going: the next run's name is the newest one's number plus one, and it is
    started only when the entry that told the number also said that this run has ended. Had another starter begun
    the next run since, the name would be taken, and Step Functions refuses a name twice. Numbers have no gaps, so
    where the name is free no later run exists, and every earlier one had ended before the newest began. That rests
    on the names alone: ListExecutions is eventually consistent, and an old answer can only make a starter wait.

    The names say nothing of executions that were started by hand or redriven, so none is started while one of those
    is listed as running; for one begun in the same moment there is no lock. After 90 days Step Functions forgets
    executions and their names: a pipeline that rested for so long begins at run-000001 again.
    """

    def __init__(self, stepfunctions: Any, state_machine_arn: str, starter: str) -> None:
        """`starter` is what tells this starter from all others, such as the id of its invocation."""
        self._stepfunctions = stepfunctions
        self._state_machine_arn = state_machine_arn
        self._starter = starter

    def newest(self) -> Run | None:
        """The run with the highest number, None before the first."""
        pages = self._stepfunctions.get_paginator("list_executions")
        for page in pages.paginate(stateMachineArn=self._state_machine_arn):
            if runs := [run for execution in page["executions"] if (run := Run.of(execution))]:
                return max(runs, key=lambda run: run.number)
        return None

    def start_after(self, newest: Run | None, run_input: dict[str, Any]) -> str | None:
        """Start the run after the newest and return its name, or None while one is going or another starter was
        faster.

        Raises botocore's ClientError where Step Functions refuses otherwise.
        """
        if (newest and newest.is_going) or self._is_any_going():
            return None
        name = f"run-{newest.number + 1 if newest else 1:06d}"
        # StartExecution answers a second call with the same name and input as if it had started the run. With its
        # starter in it, an input is no other starter's; the same starter may repeat a call that was not answered.
        text = json.dumps({**run_input, "started_by": self._starter})
        try:
            self._stepfunctions.start_execution(
                stateMachineArn=self._state_machine_arn, name=name, input=text
            )
        except self._stepfunctions.exceptions.ExecutionAlreadyExists:
            return None
        return name

    def _is_any_going(self) -> bool:
        listed = self._stepfunctions.list_executions(
            stateMachineArn=self._state_machine_arn, statusFilter="RUNNING", maxResults=1
        )
        return bool(listed["executions"])
