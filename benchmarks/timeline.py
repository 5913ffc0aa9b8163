"""Where the time of an execution went, as its history and those of the executions it started tell."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from functions.alert.failure import Event
from operate.history import History
from operate.visits import Visit, Visits

Interval = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Timeline:
    """An execution that has ended: when it was going, and the states that it and its children entered."""

    whole: Interval
    visits: list[Visit]

    @classmethod
    def read(cls, stepfunctions: Any, execution_arn: str) -> Self:
        """From the histories."""
        events = History(stepfunctions, execution_arn).refresh()
        return cls(_whole(events), list(_with_children(stepfunctions, visits_of(events))))

    @property
    def seconds_in_no_task(self) -> float:
        """The overhead of orchestration: no Task was going that does something itself.

        A Task that waits for a child execution does not; the child's Tasks do. What a crawl or an ingestion does
        between two polls is not seen, so waiting for it counts.
        """
        return seconds(self.whole) - covered(_spells(visit for visit in self.visits if works(visit)))

    @property
    def seconds_in_waits(self) -> float:
        """Of the time in no Task, that in Wait states: between two polls, while a service was at work."""
        tasks = _spells(visit for visit in self.visits if works(visit))
        waits = _spells(visit for visit in self.visits if visit.kind == "Wait")
        return covered([*tasks, *waits]) - covered(tasks)


def works(visit: Visit) -> bool:
    """Whether it is a Task that does not only wait for an execution that it started."""
    return visit.kind == "Task" and not visit.child


def visits_of(events: Iterable[Event]) -> list[Visit]:
    """The states that an execution entered, in that order."""
    visits = Visits()
    visits.add(events)
    return visits.all


def saved(execution: Path) -> Timeline:
    """From the `execution.json` of a run, which has the run's own history and not those of its children."""
    told = json.loads(execution.read_text())["history"]
    events = [event | {"timestamp": dt.datetime.fromisoformat(event["timestamp"])} for event in told]
    return Timeline(_whole(events), visits_of(events))


def seconds_by_state(visits: Iterable[Visit]) -> dict[str, float]:
    """How long each state was at work that is not in a Parallel or Map state, and those of Parallel states."""
    named = [visit for visit in visits if all(outer.kind == "Parallel" for outer in visit.ancestors())]
    return {visit.name: sum(seconds(interval) for interval in _spells([visit])) for visit in named}


def seconds(interval: Interval) -> float:
    """How long an interval is."""
    return (interval[1] - interval[0]).total_seconds()


def covered(intervals: Iterable[Interval]) -> float:
    """The seconds that are in one interval at least."""
    total, until = 0.0, dt.datetime.min.replace(tzinfo=dt.UTC)
    for began, ended in sorted(intervals):
        if ended > until:
            total += seconds((max(began, until), ended))
            until = ended
    return total


def _whole(events: list[Event]) -> Interval:
    return events[0]["timestamp"], events[-1]["timestamp"]


def _with_children(stepfunctions: Any, visits: list[Visit]) -> Iterator[Visit]:
    for visit in visits:
        yield visit
        if visit.child:
            events = History(stepfunctions, visit.child).refresh()
            yield from _with_children(stepfunctions, visits_of(events))


def _spells(visits: Iterable[Visit]) -> list[Interval]:
    return [(spell.began, spell.ended) for visit in visits for spell in visit.spells if spell.ended]
