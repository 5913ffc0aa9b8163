"""What all tests share."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parent.parent


@pytest.fixture
def event() -> Callable[[str], dict[str, Any]]:
    """Reads an event of `events/` by its name."""

    def read(name: str) -> dict[str, Any]:
        return dict(json.loads((PROJECT / "events" / f"{name}.json").read_text()))

    return read


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--table", type=Path, help="the file that the failure matrix is written to")
