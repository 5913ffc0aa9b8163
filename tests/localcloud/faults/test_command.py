"""`python -m localcloud fault`, and `--fault`."""

import socket
import subprocess
import sys

import pytest

from localcloud import faults
from localcloud.faults.fault import FORMS
from tests.conftest import PROJECT
from tests.localcloud.faults.injected import fails
from tests.localcloud.process import Process
from tests.localcloud.waiting import Clients


def localcloud(*words: str) -> tuple[int, str]:
    """Exit code, and what was printed."""
    done = subprocess.run(
        [sys.executable, "-m", "localcloud", *words],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def port(process: Process) -> str:
    """Of the account."""
    return process.endpoint.rpartition(":")[2]


def test_add_list_and_clear(port: str, account: Clients) -> None:
    assert localcloud("fault", "throttle", "glue:GetDatabase", "times", "1", "--port", port) == (
        0,
        "Faults\n    struck   0  throttle glue:GetDatabase times 1\n",
    )
    with fails("ThrottlingException", "throttle glue:GetDatabase times 1"):
        account("glue").get_database(Name="sales")
    assert localcloud("fault", "list", "--port", port) == (
        0,
        "Faults\n    struck   1  throttle glue:GetDatabase times 1\n",
    )
    assert localcloud("fault", "clear", "--port", port) == (0, "No faults\n")
    assert faults.active() == {}


@pytest.mark.parametrize("words", [["fault", "job x fails"], ["run", "--fault", "job x fails"]])
def test_an_unreadable_fault(words: list[str], port: str) -> None:
    code, printed = localcloud(*words, "--port", port)

    assert code == 1
    assert printed == f'localcloud: "job x fails" is no fault; write one as {"; ".join(FORMS)}\n'


def test_no_account_is_up() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    assert localcloud("fault", "list", "--port", str(port)) == (
        1,
        f"localcloud: no localcloud answers at http://127.0.0.1:{port}; start one with: python -m localcloud up\n",
    )
