"""What all tests share."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.localcloud.process import Process, running
from tests.machines import Machines

PROJECT = Path(__file__).parent.parent

# Helpers that assert: pytest tells what it saw only in modules that it knows.
pytest.register_assert_rewrite("tests.pipeline.matrix", "tests.statemachine.harness")


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """An account as another process sees it, with no stack in it: one, with one warm JVM, for all that ask for it."""
    with running(tmp_path_factory.mktemp("account")) as account:
        yield account


@pytest.fixture(scope="session")
def machines(process: Process) -> Machines:
    """State machines in that account."""
    return Machines(process.client("stepfunctions"))


@pytest.fixture
def event() -> Callable[[str], dict[str, Any]]:
    """Reads an event of `events/` by its name."""

    def read(name: str) -> dict[str, Any]:
        return dict(json.loads((PROJECT / "events" / f"{name}.json").read_text()))

    return read


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--table", type=Path, help="the file that the table is written to")
    parser.addoption(
        "--sfn-endpoint", help="the Step Functions endpoint that the state machines' cases run at"
    )
    parser.addoption("--images", help="the directory that the browser's tests write pictures to")
