"""A run that is killed (SIGKILL), while it deploys and while its jobs run, and the run after it."""

import hashlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from localcloud.account import is_listening
from tests.localcloud.waiting import until
from tests.oracle import expected, read_results
from tests.pipeline.conftest import COMMAND, PROJECT

FORMER = {
    "execution.json": "{}",
    "validations/former.json": "{}",
    "write/top_products/part-0.json": '{"a": 1}',
}
Entry = tuple[int, str, str]  # parent, status, command


@dataclass(frozen=True)
class Place:
    """Where runs take place: a port, a directory of results, and one for temporary files that is theirs alone."""

    port: int
    output: Path
    temporary: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*COMMAND, "run", "--port", str(self.port), "--output", str(self.output), *arguments],
            cwd=PROJECT,
            env=os.environ | {"TMPDIR": str(self.temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place with the results of a former run."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name, text in FORMER.items():
        (tmp_path / "output" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "output" / name).write_text(text)
    (tmp_path / "temporary").mkdir()
    place = Place(port, tmp_path / "output", tmp_path / "temporary")
    yield place
    for process in place.started:
        process.kill()
        process.wait()


def processes() -> dict[int, Entry]:
    """All processes by their ids."""
    shown = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    )
    lines = (line.split(maxsplit=3) for line in shown.stdout.splitlines())
    return {
        int(pid): (int(parent), status, *args) for pid, parent, status, *args in lines if status[0] != "Z"
    }  # type: ignore[misc]


def descendants(pid: int) -> dict[int, str]:
    """The commands of the processes that a process started, and of those that these did."""
    found, listed = {pid: ""}, processes()
    while more := {p: e[2] for p, e in listed.items() if e[0] in found and p not in found}:
        found |= more
    return {p: command for p, command in found.items() if p != pid}


def kill(process: subprocess.Popen[str]) -> dict[int, str]:
    """Kill a process where it stands; the processes that it had then."""
    process.send_signal(signal.SIGSTOP)
    children = descendants(process.pid)
    process.kill()
    process.wait()
    return children


def hashes(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.rglob("*")
        if path.is_file()
    }


def assert_nothing_goes_on(children: dict[int, str], place: Place) -> None:
    until(lambda: not children.keys() & processes().keys(), seconds=20, every=0.3)
    assert not is_listening(place.port)


def has(children: dict[int, str], *words: str) -> list[bool]:
    return [any(word in command for command in children.values()) for word in words]


def test_a_killed_run_leaves_all_as_it_was_and_the_next_one_is_clean(place: Place, sample: Path) -> None:
    before, given = hashes(place.output), hashes(sample)

    deploying = place.start("--size", "10")
    until(
        lambda: all(has(descendants(deploying.pid), "leash samcli", "leash localcloud", "java")),
        seconds=90,
        every=0.3,
    )
    assert_nothing_goes_on(kill(deploying), place)

    at_work = place.start("--input", str(sample))
    assert at_work.stdout
    assert any("> CountOrderLines" in line for line in at_work.stdout)
    children = kill(at_work)
    assert all(has(children, "java", "fork_server"))
    assert_nothing_goes_on(children, place)
    assert hashes(place.output) == before
    assert len(list(place.temporary.glob("localcloud-*"))) == 1  # the second removed what the first had left

    printed, _ = (last := place.start("--input", str(sample))).communicate()
    assert last.returncode == 0, printed
    assert read_results(place.output / "write").keys() == expected(sample).keys()
    assert not (place.output / "validations" / "former.json").exists()
    assert hashes(sample) == given
    assert list(place.temporary.glob("localcloud-*")) == []
    written = {"dashboard.html", "dashboard.png", "execution.json", "validations", "write"}
    assert {path.name for path in place.output.iterdir()} == written
