"""boto3 clients of the account at one endpoint: the only way our services use one another."""

import functools
import os
import threading
from typing import Any

import boto3
from botocore.config import Config

REGION = "us-east-1"
ACCOUNT_ID = "000000000000"
DEFAULT_ENDPOINT = "http://127.0.0.1:4566"


def endpoint() -> str:
    """The endpoint of the account, from AWS_ENDPOINT_URL."""
    return os.environ.get("AWS_ENDPOINT_URL", DEFAULT_ENDPOINT)


_creating = threading.Lock()


def client(service: str) -> Any:
    """A client of `service` at the endpoint; clients are thread-safe and shared."""
    with _creating:  # or many threads would each load the service's model, which takes seconds for some
        return _client(service)


@functools.cache
def _client(service: str) -> Any:
    create: Any = boto3.client  # its overloads want the name of a service, not a string
    return create(
        service,
        endpoint_url=endpoint(),
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(
            max_pool_connections=50,
            # The account answers at once or means what it says; retries would only hide it.
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
        ),
    )
