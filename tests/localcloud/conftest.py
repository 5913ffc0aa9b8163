"""One account, with one warm JVM, for all the tests of localcloud's services."""

from collections.abc import Iterator

import pytest

from tests.localcloud.process import Process, running
from tests.localcloud.waiting import Clients


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """The account as another process sees it."""
    with running(tmp_path_factory.mktemp("account")) as account:
        yield account


@pytest.fixture(scope="session")
def account(process: Process) -> Clients:
    """boto3 clients of the account, by service name; it holds the bucket `lake` and the database `sales`."""
    process.client("s3").create_bucket(Bucket="lake")
    process.client("glue").create_database(DatabaseInput={"Name": "sales"})
    return process.client
