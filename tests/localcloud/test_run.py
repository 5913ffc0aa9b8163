"""What a run leaves in the output directory when it is killed while it replaces a former run's results."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from localcloud import run
from tests.conftest import PROJECT

FORMER = {"execution.json": "1", "validations/a": "1", "write/gone/x": "1", "write/job/x": "1"}
LATER = {"execution.json": "2", "validations/b": "2", "write/job/x": "2", "write/job/y": "2"}

#: Puts LATER into a directory, and is killed before its n-th renaming of a file or folder.
SAVE = """
import os, signal, sys
from pathlib import Path
from localcloud import run
from tests.localcloud.test_run import LATER, written

left, rename = int(sys.argv[2]), Path.rename
def counted(self, target):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return rename(self, target)
Path.rename = counted
run.put(written(LATER), Path(sys.argv[1]))
"""


def written(files: dict[str, str]) -> Callable[[Path], None]:
    def write(directory: Path) -> None:
        for name, text in files.items():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(text)

    return write


def contents(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): path.read_text() for path in directory.rglob("*") if path.is_file()
    }


@pytest.fixture
def output(tmp_path: Path) -> Path:
    run.put(written(FORMER), tmp_path)
    return tmp_path


def save(output: Path, renames: int) -> int:
    command = [sys.executable, "-c", SAVE, str(output), str(renames)]
    return subprocess.run(command, cwd=PROJECT, check=False).returncode


def test_later_results_replace_former_ones(output: Path) -> None:
    assert contents(output) == FORMER
    run.put(written(LATER), output)
    assert contents(output) == LATER


# The lock, what was fetched, then each of three: the former one aside, the later one in its place.
@pytest.mark.parametrize(
    ("renames", "after"), [*((n, FORMER) for n in range(2)), *((n, LATER) for n in range(2, 8))]
)
def test_a_replacement_that_is_cut_short_is_undone_or_completed(
    output: Path, renames: int, after: dict[str, str]
) -> None:
    assert save(output, renames) == -signal.SIGKILL
    run.repair(output)
    assert {name: text for name, text in contents(output).items() if "unlocked" not in name} == after


def test_these_are_all_renames(output: Path) -> None:
    assert save(output, 8) == 0
    assert contents(output) == LATER


def test_an_interrupt_between_two_renames_loses_nothing(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, interrupts = Path.rename, [KeyboardInterrupt()]

    def interrupted(self: Path, target: Path) -> Path:
        if self.name == "write" and self.parent.name == "fetched" and interrupts:
            raise interrupts.pop()
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.put(written(LATER), output)
    assert contents(output) == LATER


def test_a_fetch_that_fails_changes_nothing(output: Path) -> None:
    def fetch(directory: Path) -> None:
        written(LATER)(directory)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        run.put(fetch, output)
    assert contents(output) == FORMER


def test_there_is_nothing_to_repair_in_a_directory_that_is_not_there(tmp_path: Path) -> None:
    run.repair(tmp_path / "output")
