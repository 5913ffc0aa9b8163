"""The four state machines and the template that deploys them say the same."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_all

from tests.conftest import PROJECT
from tests.template import properties

MACHINES = {
    Path(machine["DefinitionUri"]).name: machine for machine in properties("AWS::Serverless::StateMachine")
}


def text_of(name: str) -> str:
    return (PROJECT / "statemachine" / name).read_text()


def states_in(definition: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """All states, those inside branches and maps too."""
    found = []
    for name, state in definition["States"].items():
        inner = [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]
        found += [(name, state), *(pair for part in inner for pair in states_in(part))]
    return found


def test_each_file_is_deployed() -> None:
    assert set(MACHINES) == {path.name for path in (PROJECT / "statemachine").iterdir()}


@pytest.mark.parametrize("name", MACHINES)
def test_every_placeholder_gets_a_value_and_every_value_a_placeholder(name: str) -> None:
    placeholders = set(re.findall(r"\$\{(\w+)\}", text_of(name)))

    assert placeholders == set(MACHINES[name].get("DefinitionSubstitutions", {}))


@pytest.mark.parametrize("name", MACHINES)
def test_the_definition_is_valid(name: str) -> None:
    """cfn-lint checks a definition only where it stands in a template (E3601)."""
    machine = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": "arn:aws:iam::111122223333:role/any",
            "Definition": json.loads(re.sub(r"\$\{\w+\}", "any", text_of(name))),
        },
    }
    found = lint_all(json.dumps({"Resources": {"Machine": machine}}))

    assert [str(match) for match in found] == []


@pytest.mark.parametrize("name", MACHINES)
def test_no_resource_of_an_account_is_named(name: str) -> None:
    integrations = {
        state["Resource"] for _, state in states_in(json.loads(text_of(name))) if "Resource" in state
    }
    arns = set(re.findall(r"arn:[^\"]+", text_of(name)))

    assert arns == integrations
    assert all(re.fullmatch(r"arn:aws:states:::[\w:.-]+", arn) for arn in arns)


@pytest.mark.parametrize("name", MACHINES)
def test_states_have_names_of_their_own(name: str) -> None:
    names = [state for state, _ in states_in(json.loads(text_of(name)))]

    assert len(set(names)) == len(names)


def test_each_step_of_the_pipeline_is_a_task_so_that_a_redrive_runs_it_again() -> None:
    states = states_in(json.loads(text_of("pipeline.asl.json")))

    assert {state["Type"] for _, state in states} == {"Task", "Parallel", "Map", "Pass"}
    assert not [name for name, state in states if "Catch" in state]


def test_each_task_retries_what_passes_by_itself() -> None:
    for machine in MACHINES:
        for name, state in states_in(json.loads(text_of(machine))):
            if state["Type"] == "Task":
                assert state["Retry"], name
                assert all("States.ALL" not in retrier["ErrorEquals"] for retrier in state["Retry"]), name
                assert all("States.TaskFailed" not in retrier["ErrorEquals"] for retrier in state["Retry"]), (
                    name
                )
