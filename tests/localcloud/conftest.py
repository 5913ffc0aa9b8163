"""What the tests of localcloud's services have in the account they share."""

import pytest

from tests.localcloud.process import Process
from tests.localcloud.waiting import Clients


@pytest.fixture(scope="session")
def account(process: Process) -> Clients:
    """boto3 clients of the account, by service name; it holds the bucket `lake` and the database `sales`."""
    process.client("s3").create_bucket(Bucket="lake")
    process.client("glue").create_database(DatabaseInput={"Name": "sales"})
    return process.client
