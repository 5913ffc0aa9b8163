"""What a history says became of each state."""

import pytest

from operate.visits import CAUGHT, FAILED, RUNNING, STOPPED, SUCCEEDED, Visit, Visits
from tests.operate.histories import BEGAN, Written


@pytest.fixture
def history() -> Written:
    return Written()


def visits(history: Written) -> list[Visit]:
    found = Visits()
    found.add(history.events)
    return found.all


def statuses(history: Written) -> dict[str, str]:
    return {visit.name: visit.status for visit in visits(history)}


def failed_branch(history: Written) -> dict[str, int]:
    """Two branches, of which one fails while the other one is at work."""
    history.enter("Both", "Parallel")
    started = history.add("ParallelStateStarted")
    ids = {"Good": history.enter("Good", previous=started), "Bad": history.enter("Bad", previous=started)}
    history.add("TaskScheduled", ids["Good"])
    history.fail(ids["Bad"])
    history.add("ExecutionFailed", error="Broken", cause="It broke.")
    return ids


def test_a_state_is_running_until_it_is_left(history: Written) -> None:
    history.enter("First", "Pass")
    assert statuses(history) == {"First": RUNNING}
    history.leave("First", "Pass")
    (first,) = visits(history)
    assert (first.status, first.input, first.output) == (SUCCEEDED, '{"in": 1}', '{"out": 2}')
    assert ((first.began - BEGAN).seconds, first.left and (first.left - BEGAN).seconds) == (1, 2)


def test_events_may_come_in_parts(history: Written) -> None:
    found = Visits()
    found.add(history.events)
    for count in range(3):
        history.enter(f"State{count}", "Pass")
        found.add(history.events[-1:])
        history.leave(f"State{count}", "Pass")
        found.add(history.events[-1:])
    assert [visit.status for visit in found.all] == [SUCCEEDED] * 3


def test_the_sibling_of_a_branch_that_failed_is_stopped(history: Written) -> None:
    failed_branch(history)
    assert statuses(history) == {"Both": FAILED, "Good": STOPPED, "Bad": FAILED}
    assert visits(history)[-1].cause == "It broke."


def test_a_redrive_goes_on_with_what_failed_or_was_stopped(history: Written) -> None:
    ids = failed_branch(history)
    history.add("ExecutionRedriven")
    assert set(statuses(history).values()) == {RUNNING}
    for name, entered in ids.items():
        history.succeed(entered)
        left = history.leave(name)
    history.add("ParallelStateSucceeded", left)
    history.leave("Both", "Parallel")
    history.add("ExecutionSucceeded")

    both, good, bad = visits(history)
    assert statuses(history) == {"Both": SUCCEEDED, "Good": SUCCEEDED, "Bad": SUCCEEDED}
    assert [spell.status for spell in both.spells] == [FAILED, SUCCEEDED]
    assert [attempt.status for attempt in good.attempts] == [STOPPED, SUCCEEDED]
    assert [attempt.status for attempt in bad.attempts] == [FAILED, SUCCEEDED]
    assert (bad.error, bad.attempts[0].error) == ("", "Broken")


def test_a_redrive_that_the_service_leads_to_by_its_own_event_is_read_too(history: Written) -> None:
    history.enter("Only")
    history.fail()
    history.add("ExecutionFailed", error="Broken")
    history.add("ExecutionRedriven")
    history.succeed()
    history.leave("Only")
    (only,) = visits(history)
    assert (only.status, len(only.attempts)) == (SUCCEEDED, 2)


def test_a_task_that_is_tried_again_is_one_visit(history: Written) -> None:
    history.enter("Task")
    history.fail()
    assert statuses(history) == {"Task": FAILED}
    history.add("TaskScheduled")
    assert statuses(history) == {"Task": RUNNING}
    history.add("TaskSucceeded")
    history.leave("Task")
    (task,) = visits(history)
    assert (task.status, [attempt.status for attempt in task.attempts]) == (SUCCEEDED, [FAILED, SUCCEEDED])


def test_a_failure_that_a_catch_took_is_no_success(history: Written) -> None:
    history.enter("Risky")
    history.fail()
    history.leave("Risky")
    history.enter("Tidy", "Pass")
    assert statuses(history) == {"Risky": CAUGHT, "Tidy": RUNNING}


def test_each_item_of_a_map_has_its_own_states(history: Written) -> None:
    history.enter("Each", "Map")
    started = history.add("MapStateStarted", length=2)
    entered = []
    for index in range(2):
        begun = history.add("MapIterationStarted", started, name="Each", index=index)
        entered.append(history.enter("Work", previous=begun))
    history.succeed(entered[1])
    history.leave("Work")
    history.add("MapIterationSucceeded", name="Each", index=1)
    history.fail(entered[0])
    history.add("MapIterationFailed", name="Each", index=0)

    each, first, second = visits(history)
    assert each.iterations == {0: FAILED, 1: SUCCEEDED}
    assert [(v.scope.visit, v.scope.iteration, v.status) for v in (first, second)] == [
        (each, 0, FAILED),
        (each, 1, SUCCEEDED),
    ]


def test_parallel_in_parallel_is_left_from_the_inside(history: Written) -> None:
    for name in ("Outer", "Inner"):
        history.enter(name, "Parallel")
        history.add("ParallelStateStarted")
    history.enter("Leaf", "Pass")
    history.leave("Leaf", "Pass")
    for name in ("Inner", "Outer"):
        history.add("ParallelStateSucceeded")
        history.leave(name, "Parallel")
    assert set(statuses(history).values()) == {SUCCEEDED}
    outer, inner, leaf = visits(history)
    assert list(leaf.ancestors()) == [inner, outer]


@pytest.mark.parametrize(
    ("end", "status"),
    [("ExecutionAborted", STOPPED), ("ExecutionTimedOut", STOPPED), ("ExecutionFailed", FAILED)],
)
def test_what_is_going_when_an_execution_ends_ends_with_it(history: Written, end: str, status: str) -> None:
    history.enter("Long", "Wait")
    history.add(end)
    assert statuses(history) == {"Long": status}


def test_a_fail_state_has_failed_also_when_it_fails_again(history: Written) -> None:
    history.enter("Stop", "Fail")
    history.add("ExecutionFailed", error="Stopped", cause="So it is.")
    history.add("ExecutionRedriven")
    history.add("ExecutionFailed", error="Stopped", cause="So it is.")
    (stop,) = visits(history)
    assert (stop.status, stop.error, stop.cause) == (FAILED, "Stopped", "So it is.")


def test_a_task_knows_the_child_execution_it_began(history: Written) -> None:
    history.enter("Child")
    history.add("TaskScheduled", resourceType="states")
    history.add("TaskSubmitted", output='{"ExecutionArn": "arn:child"}')
    assert visits(history)[0].child == "arn:child"
