"""The history of an execution, read while it grows."""

from typing import Any

from functions.alert.failure import Event, events_of


class History:
    """The events of one execution, oldest first; each is fetched once."""

    def __init__(self, stepfunctions: Any, execution_arn: str) -> None:
        self._stepfunctions, self._execution_arn = stepfunctions, execution_arn
        self.events: list[Event] = []

    def refresh(self) -> list[Event]:
        """Fetch the events since the last time, and return them. Raises botocore's ClientError."""
        new = self._newest() if self.events else events_of(self._stepfunctions, self._execution_arn)
        self.events += new
        return new

    def _newest(self) -> list[Event]:
        """The events that are not known yet: the last ones first, until one is known ("GetExecutionHistory",
        `reverseOrder`, Step Functions API Reference)."""
        pages = self._stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=self._execution_arn, reverseOrder=True, PaginationConfig={"PageSize": 100}
        )
        new: list[Event] = []
        for page in pages:
            new += (event for event in page["events"] if event["id"] > self.events[-1]["id"])
            if not page["events"] or page["events"][-1]["id"] <= self.events[-1]["id"]:
                break
        return new[::-1]
