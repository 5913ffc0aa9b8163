"""An account of its own process with Athena, QuickSight and their CloudFormation types, for the tests here."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

Clients = Callable[[str], Any]


@pytest.fixture(scope="module")
def account() -> Iterator[Clients]:
    """boto3 clients, by service name, of an account that holds the bucket `lake` and the database `sales`."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory, running(directory) as clients:
        clients("s3").create_bucket(Bucket="lake")
        clients("glue").create_database(DatabaseInput={"Name": "sales"})
        yield clients


@contextmanager
def running(directory: str) -> Iterator[Clients]:
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "AWS_ENDPOINT_URL": endpoint,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "ERROR",
        "MINISTACK_ACCOUNT_ID": "000000000000",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "S3_DATA_DIR": f"{directory}/s3",
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
    }
    server = subprocess.Popen([sys.executable, __file__, str(port), directory], env=environment)
    try:
        wait_for(port, server)
        yield lambda service: client(service, endpoint)
    finally:
        server.terminate()
        server.wait()


def client(service: str, endpoint: str) -> Any:
    keys: Any = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    create: Any = boto3.client
    return create(service, endpoint_url=endpoint, region_name="us-east-1", **keys)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("the account did not start")


@contextmanager
def client_errors(code: str, message: str) -> Iterator[None]:
    """A block that must raise the service's error `code`, `message` in its sentence."""
    with pytest.raises(ClientError) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code
    assert message in caught.value.response["Error"]["Message"]


def until(condition: Callable[[], Any], seconds: float = 30) -> Any:
    """The first true value of `condition`, asked again and again."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError("the condition did not come true")
        time.sleep(0.01)
    return value


def serve(port: int, directory: Path) -> None:
    import asyncio

    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import SERVICE_HANDLERS, app
    from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

    from localcloud import athena, cloudformation, quicksight
    from localcloud.service import json_service

    SERVICE_HANDLERS["athena"] = json_service(athena.athena_operations(), SERVICE_HANDLERS["athena"])
    SERVICE_HANDLERS["quicksight"] = quicksight.quicksight_handler(directory)
    _RESOURCE_HANDLERS.update(cloudformation.resource_handlers())
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.loglevel = "WARNING"
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
