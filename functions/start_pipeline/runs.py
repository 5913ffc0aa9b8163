"""Runs of the pipeline: numbered executions of its state machine, one at a time."""

import re
from typing import Any

RUN_NAME = re.compile(r"run-(\d{6,})")


class Runs:
    """The runs of one state machine.

    Step Functions refuses a name twice, so of two starters that count on from the same run only one succeeds: no
    lock is needed, and no list of executions that lags behind can lead to two runs at once.
    """

    def __init__(self, stepfunctions: Any, state_machine_arn: str) -> None:
        self._stepfunctions = stepfunctions
        self._state_machine_arn = state_machine_arn

    def start_next(self, run_input: str) -> str | None:
        """Start the next run and return its name, or None while one is going or another starter was faster.

        Raises botocore's ClientError where Step Functions refuses otherwise.
        """
        if self._is_one_running():
            return None
        name = f"run-{self._last_number() + 1:06d}"
        try:
            self._stepfunctions.start_execution(
                stateMachineArn=self._state_machine_arn, name=name, input=run_input
            )
        except self._stepfunctions.exceptions.ExecutionAlreadyExists:
            return None
        return name

    def _is_one_running(self) -> bool:
        return bool(self._list(statusFilter="RUNNING", maxResults=1)["executions"])

    def _last_number(self) -> int:
        """The number of the newest run, 0 before the first; executions started by hand under other names are
        passed over."""
        page = self._list()
        while True:
            for execution in page["executions"]:
                if match := RUN_NAME.fullmatch(execution["name"]):
                    return int(match[1])
            if "nextToken" not in page:
                return 0
            page = self._list(nextToken=page["nextToken"])

    def _list(self, **options: Any) -> dict[str, Any]:
        """A page of executions, newest first."""
        listed: dict[str, Any] = self._stepfunctions.list_executions(
            stateMachineArn=self._state_machine_arn, **options
        )
        return listed
