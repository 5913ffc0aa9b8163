"""Where the time of an execution went."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.timeline import Timeline, covered, saved, seconds, seconds_by_state, visits_of
from tests.machines import Machines
from tests.operate.histories import BEGAN, Written


def interval(began: float, ended: float) -> tuple[dt.datetime, dt.datetime]:
    return BEGAN + dt.timedelta(seconds=began), BEGAN + dt.timedelta(seconds=ended)


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [
        ([], 0),
        ([(1, 3)], 2),
        ([(1, 3), (5, 6)], 3),
        ([(5, 6), (1, 3), (2, 5.5)], 5),
        ([(1, 9), (2, 3), (4, 5)], 8),
        ([(1, 2), (2, 3)], 2),
    ],
    ids=["none", "one", "apart", "overlapping", "inside", "touching"],
)
def test_what_intervals_cover(intervals: list[tuple[float, float]], expected: float) -> None:
    assert covered(interval(*one) for one in intervals) == expected


@pytest.fixture
def history() -> Written:
    """A second for each event: a task of 3, a wait of 1, two tasks of 6 that begin one after the other."""
    history = Written()
    history.enter("Ask")
    history.succeed()
    history.leave("Ask")
    history.enter("Sleep", "Wait")
    history.leave("Sleep", "Wait")
    history.enter("Both", "Parallel")
    started = history.add("ParallelStateStarted")
    one = history.enter("One", previous=started)
    two = history.enter("Two", previous=started)
    one = history.succeed(one)
    two = history.succeed(two)
    history.leave("One", previous=one)
    history.leave("Two", previous=two)
    history.add("ParallelStateSucceeded")
    history.leave("Both", "Parallel")
    history.add("ExecutionSucceeded")
    return history


def timeline(history: Written) -> Timeline:
    events = history.events
    return Timeline((events[0]["timestamp"], events[-1]["timestamp"]), visits_of(events))


def test_the_overhead_is_the_time_in_no_task(history: Written) -> None:
    whole = timeline(history)
    assert seconds(whole.whole) == 19
    assert whole.seconds_in_no_task == 19 - 3 - 7
    assert whole.seconds_in_waits == 1


def test_a_task_that_waits_for_an_execution_is_no_work() -> None:
    history = Written()
    history.enter("Run")
    scheduled = history.add("TaskScheduled")
    submitted = history.add("TaskSubmitted", scheduled, output='{"ExecutionArn": "arn:child"}')
    history.leave("Run", previous=history.add("TaskSucceeded", submitted, output="{}"))
    history.add("ExecutionSucceeded")

    assert timeline(history).seconds_in_no_task == 6


def test_seconds_by_state_are_those_of_a_parallel_state_s_branches_too(history: Written) -> None:
    states = seconds_by_state(visits_of(history.events))
    assert states == {"Ask": 3, "Sleep": 1, "Both": 11, "One": 6, "Two": 6}


def test_the_items_of_a_map_state_are_not_told_apart() -> None:
    history = Written()
    history.enter("Each", "Map")
    history.add("MapStateStarted", length=1)
    history.add("MapIterationStarted", name="Each", index=0)
    history.enter("Ask")
    history.succeed()
    history.leave("Ask")
    history.add("MapIterationSucceeded", name="Each", index=0)
    history.add("MapStateSucceeded")
    history.leave("Each", "Map")

    assert seconds_by_state(visits_of(history.events)) == {"Each": 9}


def test_a_history_that_was_saved_says_the_same(history: Written, tmp_path: Path) -> None:
    file = tmp_path / "execution.json"
    events = [event | {"timestamp": event["timestamp"].isoformat()} for event in history.events]
    file.write_text(json.dumps({"history": events}))

    assert saved(file).whole == timeline(history).whole
    assert saved(file).seconds_in_no_task == timeline(history).seconds_in_no_task


def test_the_tasks_of_child_executions_count(machines: Machines) -> None:
    call = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets"}
    child: dict[str, Any] = {
        "StartAt": "List",
        "States": {"List": {**call, "Next": "Sleep"}, "Sleep": {"Type": "Wait", "Seconds": 3, "End": True}},
    }
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": machines.create(child)},
        "End": True,
    }
    parent = machines.run({"StartAt": "Run", "States": {"Run": start}})

    read = Timeline.read(machines.stepfunctions, parent)
    assert [visit.name for visit in read.visits] == ["Run", "List", "Sleep"]
    (worked,) = (visit for visit in read.visits if visit.name == "List")
    ended = worked.left
    assert ended
    assert read.seconds_in_no_task == pytest.approx(seconds(read.whole) - seconds((worked.began, ended)))
    assert 0 < read.seconds_in_waits < read.seconds_in_no_task
