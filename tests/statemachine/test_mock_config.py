"""MockConfigFile.json says nothing that the services' models do not, and nothing that no case uses."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.statemachine import models
from tests.statemachine.case import Call, Fork, Step
from tests.statemachine.cases import CASES
from tests.statemachine.harness import MOCKS, machine_name, source_of
from tests.statemachine.test_definitions import states_in


def resource(task: dict[str, Any]) -> str:
    return str(task["Resource"].removeprefix("arn:aws:states:::"))


FILE = json.loads(MOCKS.read_text())
ANSWERS: dict[str, dict[str, Any]] = FILE["MockedResponses"]
TASKS = {
    machine: {
        name: state for name, state in states_in(json.loads(source_of(machine))) if state["Type"] == "Task"
    }
    for machine in CASES
}
JOBS = {name for name in TASKS["pipeline"] if resource(TASKS["pipeline"][name]) == "glue:startJobRun.sync"}
"""They run side by side: where one fails, the history does not tell of the others."""


def cases_of(machine: str) -> dict[str, dict[str, str]]:
    return dict(FILE["StateMachines"][machine_name(machine)]["TestCases"])


USES = sorted(
    {
        (resource(TASKS[machine][state]), response)
        for machine in CASES
        for case in cases_of(machine).values()
        for state, response in case.items()
    }
)
"""Each response with the resource of a state that takes it."""


def calls(steps: list[Step]) -> Iterator[Call]:
    for step in steps:
        if isinstance(step, Call):
            yield step
        elif isinstance(step, Fork):
            for branch in step.branches:
                yield from calls(branch)


@pytest.mark.parametrize(("resource", "response"), USES)
def test_each_answer_is_one_that_the_service_gives(resource: str, response: str) -> None:
    for answer in ANSWERS[response].values():
        match answer:
            case {"Return": given}:
                assert models.wrong_answer(resource, given) == []
            case {"Throw": {"Error": "States.TaskFailed", "Cause": cause}}:
                assert models.can_throw(resource, "States.TaskFailed")
                assert models.wrong_answer(resource, json.loads(cause)) == []
            case {"Throw": {"Error": error}}:
                assert models.can_throw(resource, error), error


@pytest.mark.parametrize("machine", CASES)
def test_each_call_is_one_that_the_service_takes(machine: str) -> None:
    for case in CASES[machine]:
        for call in calls(case.steps):
            assert models.wrong_arguments(call.resource, call.arguments) == [], (case.name, call.state)


@pytest.mark.parametrize("machine", CASES)
def test_each_error_that_is_handled_is_one_that_the_service_throws(machine: str) -> None:
    for name, task in TASKS[machine].items():
        handled = [error for handler in task["Retry"] for error in handler["ErrorEquals"]]
        assert [error for error in handled if not models.can_throw(resource(task), error)] == [], name


@pytest.mark.parametrize("machine", CASES)
def test_each_test_case_is_run(machine: str) -> None:
    assert sorted(case.name for case in CASES[machine]) == sorted(cases_of(machine))


@pytest.mark.parametrize("machine", CASES)
def test_a_test_case_has_answers_for_the_tasks_that_it_comes_to_and_no_others(machine: str) -> None:
    for case in CASES[machine]:
        called = {call.state for call in calls(case.steps)}
        answered = set(cases_of(machine)[case.name])
        assert answered - JOBS == called - JOBS, case.name


def test_each_response_is_used() -> None:
    assert {response for _, response in USES} == set(ANSWERS)
