"""Ends of work, announced: who waits for some looks at it when it has ended, and not again and again until it has."""

import threading
from collections import Counter

_news = threading.Condition()
_ends: Counter[str] = Counter()


def announce(work: str) -> None:
    """Say that a job run, a query (by their ids) or an execution (by its ARN) has ended, once its record says so."""
    with _news:
        _ends[work] += 1
        _news.notify_all()


def count(work: str) -> int:
    """How often the work has ended: an execution that is redriven ends again."""
    with _news:
        return _ends[work]


def wait_for_more(work: str, known: int, seconds: float) -> bool:
    """Wait until the work has ended more than `known` times; False where it has not within `seconds`."""
    with _news:
        return _news.wait_for(lambda: _ends[work] > known, seconds)
