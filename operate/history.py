"""The history of an execution, read while it grows."""

from typing import Any

from functions.alert.failure import Event

FEW, MOST = 25, 1000
"""Events of a page: of those that came within a second, and of a whole history."""


class History:
    """The events of one execution, oldest first; each is fetched once."""

    def __init__(self, stepfunctions: Any, execution_arn: str) -> None:
        self._stepfunctions, self._execution_arn = stepfunctions, execution_arn
        self.events: list[Event] = []

    def refresh(self) -> list[Event]:
        """Fetch the events since the last time, and return them. Raises botocore's ClientError."""
        new = self._newest() if self.events else [e for page in self._pages() for e in page["events"]]
        self.events += new
        return new

    def _newest(self) -> list[Event]:
        """The events that are not known yet: the last ones first, until one is known."""
        known = self.events[-1]["id"]
        new: dict[int, Event] = {}
        for page in self._pages(reverseOrder=True):
            new |= {event["id"]: event for event in page["events"] if event["id"] > known}
            if page["events"][-1]["id"] <= known:
                break
        return [new[number] for number in sorted(new)]

    def _pages(self, **options: Any) -> Any:
        """Pages as large as they can be ("GetExecutionHistory", Step Functions API Reference)."""
        pages = self._stepfunctions.get_paginator("get_execution_history")
        page_size = FEW if options else MOST
        return pages.paginate(
            executionArn=self._execution_arn, PaginationConfig={"PageSize": page_size}, **options
        )
