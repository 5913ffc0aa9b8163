"""Each field is changed once, and the cases tell a changed machine from the one that is written."""

import json
from typing import Any

import pytest

from tests.statemachine.embedded import embedded
from tests.statemachine.harness import source_of
from tests.statemachine.mutants import Mutant, mutants, survives

DEFINITION = {
    "Comment": "Left alone.",
    "StartAt": "Look",
    "States": {
        "Look": {
            "Type": "Task",
            "Parameters": {
                "Name.$": "States.Format('{} of {}', $.rows[1].id, $$.Execution.Name)",
                "Body.$": "$",
            },
            "ResultPath": None,
            "Retry": [
                {"ErrorEquals": ["A", "B"], "MaxAttempts": 3},
                {"ErrorEquals": ["C"], "JitterStrategy": "FULL"},
            ],
            "Next": "Judge",
        },
        "Judge": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.passed", "BooleanEquals": True, "Next": "End"}],
            "Default": "Look",
        },
        "End": {"Type": "Pass", "End": True},
    },
}


def changes(definition: dict[str, Any], *path: str | int) -> list[str]:
    return [mutant.change for mutant in mutants(definition) if mutant.path == path]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (["Comment"], []),
        (["StartAt"], ["removed", '"Look" -> "Judge"', '"Look" -> "End"']),
        (["States", "Look"], ["removed"]),
        (["States", "Look", "Type"], ["removed", '"Task" -> "Pass"']),
        (["States", "End", "Type"], ["removed", '"Pass" -> "Succeed"']),
        (["States", "Look", "ResultPath"], ["removed", 'null -> "$.other"']),
        (["States", "Look", "Next"], ["removed", '"Judge" -> "Look"', '"Judge" -> "End"']),
        (["States", "Look", "Parameters", "Body.$"], ["removed", '"$" -> "$.X"']),
        (["States", "Look", "Retry"], ["removed", "0 and 1 swapped"]),
        (["States", "Look", "Retry", 0, "ErrorEquals", 1], ["removed", '"B" -> "BX"']),
        (["States", "Look", "Retry", 0, "MaxAttempts"], ["removed", "3 -> 4", "3 -> 2"]),
        (["States", "Look", "Retry", 1, "JitterStrategy"], ["removed", '"FULL" -> "NONE"']),
        (["States", "Judge", "Choices", 0, "BooleanEquals"], ["removed", "true -> false"]),
        (["States", "Judge", "Default"], ["removed", '"Look" -> "Judge"', '"Look" -> "End"']),
    ],
)
def test_each_field_is_changed(path: list[str | int], expected: list[str]) -> None:
    assert changes(DEFINITION, *path) == expected


def test_each_part_of_an_expression_is_changed() -> None:
    text = "States.Format('{} of {}', $.rows[1].id, $$.Execution.Name)"

    assert changes(DEFINITION, "States", "Look", "Parameters", "Name.$") == [
        "removed",
        *(
            f"{json.dumps(text)} -> {json.dumps(text.replace(*part))}"
            for part in [
                ("'{} of {}'", "'~} of {}'"),
                ("$.rows[1].id", "$.rows[1].idX"),
                ("Execution.Name", "Execution.NameX"),
                ("[1]", "[2]"),
            ]
        ),
    ]


def test_a_mutant_has_one_change_and_leaves_the_definition_alone() -> None:
    before = json.dumps(DEFINITION)
    removed = next(mutant for mutant in mutants(DEFINITION) if mutant.path == ("States", "End", "End"))

    assert removed.definition == {**DEFINITION, "States": {**DEFINITION["States"], "End": {"Type": "Pass"}}}  # type: ignore[dict-item]
    assert removed.describe("machine") == "machine: States.End.End: removed"
    assert removed.state() == "End"
    assert json.dumps(DEFINITION) == before


def mutant_of(machine: str, *path: str | int) -> Mutant:
    return next(mutant for mutant in mutants(json.loads(source_of(machine))) if mutant.path == path)


@pytest.mark.parametrize(
    "path",
    [
        ["States", "StartCrawl", "Type"],  # refused by CreateStateMachine
        ["States", "StartCrawl", "Retry", 0, "IntervalSeconds"],
        ["States", "WaitForCrawl", "Next"],
    ],
)
def test_a_mutant_is_killed(path: list[str | int]) -> None:
    with embedded() as endpoint:
        assert not survives(endpoint, "crawl", mutant_of("crawl", *path))
