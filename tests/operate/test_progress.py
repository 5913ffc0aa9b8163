"""A run's progress: a tree on a terminal, lines elsewhere."""

import io
import re

import pytest
from rich.console import Console

from operate.progress import follow
from tests.machines import Machines

PIPELINE = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Left", "States": {"Left": {"Type": "Pass", "End": True}}},
                {"StartAt": "Right", "States": {"Right": {"Type": "Pass", "End": True}}},
            ],
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$",
            "ItemProcessor": {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "End": True}}},
            "Next": "Look",
        },
        "Look": {
            "Type": "Choice",
            "Choices": [{"Variable": "$[0]", "IsNull": True, "Next": "Never"}],
            "Default": "Child",
        },
        "Child": {
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": "CHILD"},
            "Next": "After",
        },
        "Never": {"Type": "Fail"},
        "After": {"Type": "Pass", "End": True},
    },
}
FAILS = {"StartAt": "Stop", "States": {"Stop": {"Type": "Fail", "Error": "Stopped", "Cause": "So it is."}}}


@pytest.fixture
def failed(machines: Machines) -> str:
    """The ARN of an execution whose child failed."""
    child = machines.create(FAILS)
    definition = {**PIPELINE, "States": dict(PIPELINE["States"])}  # type: ignore[dict-item]
    definition["States"]["Child"] = {  # type: ignore[index]
        **PIPELINE["States"]["Child"],  # type: ignore[index]
        "Parameters": {"StateMachineArn": child},
    }
    return machines.run(definition)


def shown(machines: Machines, execution_arn: str, console: Console) -> str:
    assert follow(machines.stepfunctions, execution_arn, console=console) == "FAILED"
    return console.file.getvalue() if isinstance(console.file, io.StringIO) else ""


def test_the_events_are_shown_to_whom_else_they_are_of_use(machines: Machines, failed: str) -> None:
    last: list[str] = []
    follow(
        machines.stepfunctions,
        failed,
        console=Console(file=io.StringIO()),
        also=lambda events: last.append(events[-1]["type"]),
    )
    assert last == ["ExecutionFailed"]


def test_on_a_terminal_it_is_a_tree_with_what_is_still_to_come(machines: Machines, failed: str) -> None:
    drawn = shown(
        machines, failed, Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    )
    tree = drawn.rpartition("run-000042")[2]
    assert re.findall(r"^[│├└][│├└─ ]*[✓✗·] \w+", tree, re.MULTILINE) == [
        "├── ✓ Both",
        "│   ├── ✓ Left",
        "│   └── ✓ Right",
        "├── ✓ Each",
        "├── ✓ Look",
        "├── ✗ Child",
        "│   └── ✗ Stop",
        "└── · After",
    ]
    assert ", 2 of 2" in drawn


def test_elsewhere_it_is_a_line_for_each_change(
    machines: Machines, failed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown(machines, failed, Console(file=io.StringIO()))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "  > Both"
    assert [line.split()[1] for line in lines[-2:]] == ["Look", "Child"]
    assert not any("│" in line for line in lines)
