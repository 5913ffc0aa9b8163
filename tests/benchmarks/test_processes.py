"""CPU time and memory of processes."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import processes
from benchmarks.errors import BenchmarkError
from benchmarks.processes import Watch

MIB = 2**20
HOLDER = "held = b'x' * {bytes}; print('held', flush=True); input()"
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {child!r}])
child.wait()
"""


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[str]]:
    """A process whose child holds 100 MiB until it is told to end."""
    child = HOLDER.format(bytes=100 * MIB)
    command = [sys.executable, "-c", PARENT.format(child=child)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.communicate("\n")


def test_memory_is_that_of_what_a_process_started_too(parent: subprocess.Popen[str]) -> None:
    with Watch(parent.pid) as watch:
        pass
    assert watch.memory["others"] > 100 * MIB
    assert 0 < watch.memory["account"] < 100 * MIB
    assert watch.memory["all"] == watch.memory["account"] + watch.memory["others"]
    assert watch.memory["jvm"] == 0


def test_cpu_time_is_that_of_children_that_have_ended_too(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.6: pass  # the system counts hundredths"
    command = [sys.executable, "-c", PARENT.format(child=busy)]
    assert processes.run(command, tmp_path / "log").cpu_seconds >= 0.5


def test_a_process_that_goes_on_has_the_cpu_time_of_those_it_waited_for() -> None:
    child = "import time\nwhile time.process_time() < 0.6: pass  # the system counts hundredths"
    waits = PARENT.format(child=child) + "print('ended', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", waits], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ended\n"
        assert processes.cpu_seconds(process.pid) >= 0.5
        process.communicate("\n")


def test_a_command_that_fails_says_what_it_printed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no such file')"]
    with pytest.raises(BenchmarkError, match=r"failed with exit code 1:\nno such file$"):
        processes.run(command, tmp_path / "log")


def test_the_seconds_that_a_command_told_among_other_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("WARN seconds 9 of 10\nseconds 1.25\nbye\n")
    assert processes.told_seconds(log) == 1.25
