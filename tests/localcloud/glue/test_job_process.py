"""The processes of job runs, and what is told of them."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.glue.job_process import ForkServer
from localcloud.glue.runtime.gluejob.launch import ANSWER_BYTES
from tests.localcloud.waiting import until


@pytest.fixture
def server() -> Iterator[ForkServer]:
    started = ForkServer()
    started.start()
    yield started
    started.stop()


def test_the_fork_server_ends_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    server = ForkServer()
    server.start()
    server.stop()

    assert capfd.readouterr() == ("", "")


def test_a_process_may_have_ended_before_its_id_is_read(
    server: ForkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[socket.socket] = []
    connect, send = socket.socketpair, socket.send_fds

    def connect_and_keep() -> tuple[socket.socket, socket.socket]:
        opened.extend(connect())
        return opened[-2], opened[-1]

    def send_and_wait_for_the_end(*arguments: Any) -> None:
        send(*arguments)
        until(lambda: len(opened[-2].recv(64, socket.MSG_PEEK)) == 2 * ANSWER_BYTES)

    monkeypatch.setattr(socket, "socketpair", connect_and_keep)
    monkeypatch.setattr(socket, "send_fds", send_and_wait_for_the_end)
    with (tmp_path / "output").open("wb") as output:
        process, answers = server.fork(tmp_path / "no-such-launch.json", output.fileno(), output.fileno())

    assert process > 1
    assert int.from_bytes(answers.recv(64), signed=True) == 1


def test_a_fork_server_that_has_ended_is_no_process_id(
    server: ForkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork_server: subprocess.Popen[bytes] | None = server._process
    assert fork_server
    os.kill(fork_server.pid, signal.SIGSTOP)  # as one that has not been found out yet
    send = socket.send_fds

    def send_and_kill(*arguments: Any) -> None:
        send(*arguments)
        fork_server.kill()

    monkeypatch.setattr(socket, "send_fds", send_and_kill)
    with (
        (tmp_path / "output").open("wb") as output,
        pytest.raises(ChildProcessError, match="starts those of jobs has ended"),
    ):
        server.fork(tmp_path / "launch.json", output.fileno(), output.fileno())
