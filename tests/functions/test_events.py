"""Every file of `events/` is a case that the handlers are tested with, and fits the template's functions."""

import json
from pathlib import Path

from tests.conftest import PROJECT
from tests.template import resources

FUNCTIONS = resources("AWS::Serverless::Function")


def sources(directory: Path) -> str:
    return "".join(path.read_text() for path in directory.rglob("test_*.py"))


def test_each_event_goes_through_a_handler_in_the_tests() -> None:
    tested = sources(PROJECT / "tests" / "functions")
    events = {path.stem for path in (PROJECT / "events").glob("*.json")} - {"environment"}

    assert [name for name in sorted(events) if f'"{name}"' not in tested] == []


def test_the_environment_for_sam_local_has_what_the_template_sets() -> None:
    environment = json.loads((PROJECT / "events" / "environment.json").read_text())

    assert {name: set(variables) for name, variables in environment.items()} == {
        name: {
            variable
            for variable in function["Properties"]["Environment"]["Variables"]
            if not variable.startswith("POWERTOOLS_")
        }
        for name, function in FUNCTIONS.items()
    }
