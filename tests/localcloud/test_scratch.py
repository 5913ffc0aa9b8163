"""Temporary directories, when their owner ends as it should, lives on, or is killed."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localcloud import scratch
from tests.conftest import PROJECT

OWNER = """
import sys, time
from pathlib import Path
from localcloud import scratch
with scratch.directory("ours-", Path(sys.argv[1])) as directory:
    (directory / "file").write_text("kept")
    print(directory, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Callable[[], tuple[Path, subprocess.Popen[str]]]]:
    """Starts a process that has a directory."""
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[Path, subprocess.Popen[str]]:
        command = [sys.executable, "-c", OWNER, str(tmp_path)]
        process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout
        return Path(process.stdout.readline().strip()), process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_directory_is_there_as_long_as_it_is_used(tmp_path: Path) -> None:
    with scratch.directory("ours-", tmp_path) as directory:
        assert directory.parent == tmp_path
        assert list(scratch.abandoned("ours-", tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


def test_only_what_the_dead_left_is_removed(
    tmp_path: Path, owner: Callable[[], tuple[Path, subprocess.Popen[str]]]
) -> None:
    living, _ = owner()
    dead, process = owner()
    process.kill()
    process.wait()
    others = tmp_path / "ours-of-another-making"
    others.mkdir()
    assert list(scratch.abandoned("ours-", tmp_path)) == [dead]
    with scratch.directory("ours-", tmp_path) as directory:
        assert set(tmp_path.iterdir()) == {living, others, directory}
    assert (living / "file").read_text() == "kept"
