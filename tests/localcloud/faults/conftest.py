"""The account as the tests of faults use it."""

from collections.abc import Iterator

import pytest

from localcloud import faults
from tests.localcloud.process import Process
from tests.localcloud.waiting import Clients


@pytest.fixture
def account(account: Clients, process: Process, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    """The account, to which faults are added; none is left behind in it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", process.endpoint)
    yield account
    faults.clear()
