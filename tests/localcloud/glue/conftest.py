"""The account as the tests of jobs use it."""

import pytest

from tests.localcloud.glue.catalog import Catalog
from tests.localcloud.glue.job_client import Account
from tests.localcloud.process import Process


@pytest.fixture(scope="session")
def account(process: Process) -> Account:
    """The account, with the few things the tests do with jobs."""
    return Account(process.endpoint, process.directory, process.id)


@pytest.fixture
def catalog(account: Account) -> Catalog:
    """A database and a bucket of the test's own."""
    return Catalog(account)
