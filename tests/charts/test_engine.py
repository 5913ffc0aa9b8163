"""Drawing in other processes: the same as in this one, and over with whoever asked for it."""

import os
import subprocess
import sys

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


def test_it_draws_what_is_drawn_here() -> None:
    here = Here()
    with Engines() as engines:
        svgs = [engines.svg(wanted) for wanted in SPECS]

        assert svgs == [here.svg(wanted) for wanted in SPECS]
        assert engines.png(svgs[0]) == here.png(svgs[0])


def test_a_process_that_ends_is_an_error() -> None:
    with Engines() as engines:
        for process in engines._processes:
            process.kill()
            process.wait()

        with pytest.raises(EngineError, match="ended with exit code -9"):
            engines.svg(SPECS[0])


def test_it_ends_with_who_started_it() -> None:
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "charts.engine"], cwd=PROJECT, stdin=reading, stdout=subprocess.DEVNULL
    )
    os.close(reading)
    os.close(writing)

    assert process.wait(timeout=60) == 0
