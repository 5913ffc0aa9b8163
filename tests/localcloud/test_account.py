"""How the account starts: it listens at once, and loads only what it uses."""

import socket
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from localcloud.account import Account, PortInUseError, _listen, free_port, is_listening
from localcloud.deploy import PROJECT

IMPORTED = """
import sys
from localcloud.stepfunctions import service
assert "moto.ec2" not in sys.modules, "EC2 takes a second"
import moto.batch
assert moto.batch.models is sys.modules["moto.batch.models"], "it can still be imported"
"""


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with _listen(free_port()) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PortInUseError, match=f"port {port} is taken"):
            Account(port, tmp_path).__enter__()


def test_who_waits_for_an_account_that_cannot_be_loaded_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localcloud.account._register", Mock(side_effect=ImportError("broken")))
    account = Account(free_port(), tmp_path)
    account._spark, account._listening = Mock(), _listen(account.port)
    assert is_listening(account.port)

    with socket.create_connection(("127.0.0.1", account.port), timeout=10) as waiting:
        with pytest.raises(ImportError, match="broken"):
            account._serve()
        with pytest.raises(ConnectionResetError):
            waiting.recv(1)


def test_step_functions_come_without_ec2() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED], cwd=PROJECT, capture_output=True, text=True, check=False
    )

    assert not done.returncode, done.stderr
