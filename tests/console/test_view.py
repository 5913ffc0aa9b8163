"""The view of an execution: what the page shows of each state, and its time line."""

from typing import Any

import pytest

from console.executions import Execution
from console.view import Selection, graph_of, view_of, visit_of
from operate.history import History
from operate.machine import Machine
from tests.operate.histories import BEGAN, Written


def chain(*names: str, **states: dict[str, Any]) -> dict[str, Any]:
    """A machine of Pass states, one after the other; `states` are others in it."""
    passes = {
        name: {"Type": "Pass", **({"Next": following} if following else {"End": True})}
        for name, following in zip(names, [*names[1:], None], strict=True)
    }
    return {"StartAt": names[0], "States": {**passes, **states}}


LOOP = {
    "StartAt": "Look",
    "States": {
        "Look": {"Type": "Choice", "Choices": [{"Next": "Found"}], "Default": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Look"},
        "Found": {"Type": "Parallel", "Branches": [chain("Inside")], "End": True},
    },
}
EACH = {"StartAt": "Each", "States": {"Each": {"Type": "Map", "Iterator": chain("Work"), "End": True}}}


def execution(history: Written, definition: dict[str, Any], status: str = "RUNNING") -> Execution:
    arn = "arn:aws:states:us-east-1:000000000000:execution:machine:run-000001"
    described = {
        "executionArn": arn,
        "name": "run-000001",
        "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:machine",
        "status": status,
        "startDate": BEGAN,
    }
    made = Execution(described, Machine.of(definition), History(None, arn))
    made.history.events = history.events
    made.visits.add(history.events)
    return made


def statuses(made: Execution, selection: Selection | None = None) -> dict[str, str]:
    return {name: state["status"] for name, state in view_of(made, selection or {})["states"].items()}


@pytest.fixture
def history() -> Written:
    return Written()


def test_before_the_first_state_none_has_begun(history: Written) -> None:
    assert statuses(execution(history, chain("A", "B"))) == {"A": "not begun", "B": "not begun"}


def test_between_two_states_the_next_may_still_come(history: Written) -> None:
    history.enter("A", "Pass")
    history.leave("A", "Pass")
    assert statuses(execution(history, chain("A", "B"))) == {"A": "succeeded", "B": "not begun"}


def test_what_a_choice_led_past_is_skipped_with_all_inside_it(history: Written) -> None:
    history.enter("Look", "Choice")
    assert statuses(execution(history, LOOP)) == {
        "Look": "running",
        "Wait": "not begun",
        "Found": "not begun",
        "Inside": "not begun",
    }
    history.leave("Look", "Choice")
    history.enter("Found", "Parallel")
    history.add("ParallelStateStarted")
    assert statuses(execution(history, LOOP)) == {
        "Look": "succeeded",
        "Wait": "skipped",
        "Found": "running",
        "Inside": "not begun",
    }


def test_once_an_execution_has_succeeded_nothing_can_still_begin(history: Written) -> None:
    history.enter("Look", "Choice")
    history.leave("Look", "Choice")
    history.add("ExecutionSucceeded")
    assert statuses(execution(history, LOOP, "SUCCEEDED")) == {
        "Look": "succeeded",
        "Wait": "skipped",
        "Found": "skipped",
        "Inside": "skipped",
    }


def test_after_a_failure_what_a_redrive_would_come_to_has_not_begun(history: Written) -> None:
    history.enter("A", "Pass")
    history.add("ExecutionFailed", error="Broken")
    assert statuses(execution(history, chain("A", "B"), "FAILED")) == {"A": "failed", "B": "not begun"}


def mapped(history: Written) -> Execution:
    """Three items: one that is done, one that failed, one that is running."""
    history.enter("Each", "Map")
    started = history.add("MapStateStarted", length=3)
    begun = []
    for index in range(3):
        item = history.add("MapIterationStarted", started, name="Each", index=index)
        begun.append(history.enter("Work", "Pass", previous=item))
    history.leave("Work", "Pass", previous=begun[0])
    history.add("MapIterationSucceeded", name="Each", index=0)
    history.add("MapIterationFailed", begun[1], name="Each", index=1)
    return execution(history, EACH)


def test_of_a_map_the_item_is_shown_that_failed_unless_another_is_selected(history: Written) -> None:
    made = mapped(history)
    each = view_of(made, {})["states"]["Each"]
    assert (each["selected"], each["iterations"]) == (1, ["succeeded", "failed", "running"])
    assert statuses(made, {"Each": 0})["Work"] == "succeeded"
    assert statuses(made, {"Each": 2})["Work"] == "running"
    shown = visit_of(made, "Work", {"Each": 2})
    assert shown
    assert shown.scope.iteration == 2


def test_a_child_execution_is_that_of_the_item_that_is_looked_at(history: Written) -> None:
    history.enter("Each", "Map")
    started = history.add("MapStateStarted", length=2)
    for index in range(2):
        history.add("MapIterationStarted", started, name="Each", index=index)
        history.enter("Work")
        history.add("TaskScheduled", resourceType="states")
        history.add("TaskSubmitted", output=f'{{"ExecutionArn": "arn:child-{index}"}}')
    made = execution(history, EACH)
    assert view_of(made, {"Each": 0})["children"] == {"Work": "arn:child-0"}
    assert view_of(made, {"Each": 1})["children"] == {"Work": "arn:child-1"}


def test_the_time_line_has_a_row_for_each_state_and_a_bar_for_each_try(history: Written) -> None:
    history.enter("A")
    history.fail()
    history.succeed()
    history.leave("A")
    (row,) = view_of(execution(history, chain("A")), {})["timeline"]
    assert (row["name"], row["depth"]) == ("A", 0)
    assert [bar["status"] for bar in row["bars"]] == ["failed", "succeeded"]
    assert [bar["to"] - bar["from"] for bar in row["bars"]] == [1000, 1000]


def test_a_history_of_10_000_events_makes_a_view_as_small_as_its_machine(history: Written) -> None:
    while len(history.events) < 10_000:
        for name, kind in (("Look", "Choice"), ("Wait", "Wait")):
            history.enter(name, kind)
            history.leave(name, kind)
    view = view_of(execution(history, LOOP), {})
    look, wait = view["timeline"]
    assert view["states"]["Look"]["visits"] == 2500
    assert len(look["bars"]) <= 60
    assert len(wait["bars"]) <= 60
    assert sum(bar["count"] for bar in look["bars"]) == 2500


def test_the_graph_begins_with_the_first_state() -> None:
    definition = chain("B", A={"Type": "Pass", "End": True})
    definition["States"] = dict(sorted(definition["States"].items()))
    assert [state["name"] for state in graph_of(Machine.of(definition))] == ["B", "A"]
