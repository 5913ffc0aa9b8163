"""Drawing in other processes: the same as in this one, and over with whoever asked for it."""

import os
import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator

import pytest

from charts.drawing import spec
from charts.engine import EngineError, Engines, Here
from localcloud.deploy import PROJECT

SPECS = [
    {
        **spec([{"x": x, "y": 1}], {"type": "bar"}, {"x": {"field": "x"}, "y": {"field": "y"}}),
        "width": 90,
        "height": 90,
    }
    for x in ("pear", "fig\nnut", "kiwi")
]


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    engines = Engines()
    yield engines
    engines.stop()


def test_it_draws_what_is_drawn_here(engines: Engines) -> None:
    here = Here()
    svgs = [engines.draw("svg", wanted) for wanted in SPECS]

    assert svgs == [here.svg(wanted) for wanted in SPECS]
    assert b64decode(engines.draw("png", svgs[0])) == here.png(svgs[0])


def test_its_processes_are_started_once(engines: Engines) -> None:
    engines.start()
    first = list(engines._processes)
    engines.start()

    assert engines._processes == first
    assert len(first) == os.cpu_count()


@pytest.mark.parametrize(
    ("kind", "source", "reason"),
    [
        ("png", "no picture", "cannot be drawn: unknown token at 1:1"),
        ("svg", {"no": "mark"}, "cannot be drawn: Vega-Lite to SVG conversion failed: .*Make sure .*"),
    ],
)
def test_what_cannot_be_drawn_is_an_error_and_the_next_is_drawn(
    engines: Engines, kind: str, source: str, reason: str
) -> None:
    for _ in range(2 * (os.cpu_count() or 1)):
        with pytest.raises(EngineError) as error:
            engines.draw(kind, source)
        assert re.fullmatch(reason, str(error.value))

    assert engines.draw("svg", SPECS[0]) == Here().svg(SPECS[0])


def test_another_comes_in_place_of_a_process_that_has_ended(engines: Engines) -> None:
    engines.start()
    for process in engines._processes:
        process.kill()
        process.wait()

    drawn = [engines.draw("svg", SPECS[0]) for _ in engines._processes]

    assert drawn == [Here().svg(SPECS[0])] * len(drawn)
    assert all(process.poll() is None for process in engines._processes)


def test_a_process_that_ends_while_it_draws_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "charts.engine._started",
        lambda: subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.readline(); sys.exit(3)"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ),
    )
    dying = Engines()

    with pytest.raises(EngineError, match="ended with exit code 3"):
        dying.draw("svg", SPECS[0])
    dying.stop()


def test_it_ends_with_who_started_it() -> None:
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "charts.engine"], cwd=PROJECT, stdin=reading, stdout=subprocess.DEVNULL
    )
    os.close(reading)
    os.close(writing)

    assert process.wait(timeout=60) == 0
