"""A history read while it grows, from the pages that a service gives."""

from typing import Any

from operate.history import FEW, History
from tests.operate.histories import Written


class StepFunctions:
    """GetExecutionHistory of a written history; `asked` are the sizes of the pages that were given."""

    def __init__(self, written: Written) -> None:
        self.written, self.asked = written, list[int]()

    def get_paginator(self, name: str) -> "StepFunctions":
        assert name == "get_execution_history"
        return self

    def paginate(self, **options: Any) -> Any:
        size = options["PaginationConfig"]["PageSize"]
        events = self.written.events[:: -1 if options.get("reverseOrder") else 1]
        for first in range(0, len(events), size):
            page = events[first : first + size]
            self.asked.append(len(page))
            yield {"events": page}


def loop(written: Written, times: int) -> None:
    for _ in range(times):
        written.enter("State", "Pass")
        written.leave("State", "Pass")


def test_only_what_is_new_is_fetched() -> None:
    service = StepFunctions(Written())
    history = History(service, "arn")
    loop(service.written, 600)
    assert history.refresh() == service.written.events
    assert service.asked == [1000, 201]

    loop(service.written, 2)
    assert history.refresh() == service.written.events[-4:]
    assert service.asked == [1000, 201, FEW]
    assert history.refresh() == []
    assert history.events == service.written.events


def test_what_is_new_may_be_more_than_a_page() -> None:
    service = StepFunctions(Written())
    history = History(service, "arn")
    history.refresh()
    loop(service.written, 2 * FEW)
    history.refresh()
    assert history.events == service.written.events
