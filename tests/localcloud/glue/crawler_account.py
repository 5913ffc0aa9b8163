"""An account of its own process with S3, Glue's catalog, our crawlers and CloudWatch Logs, for tests."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3


@contextmanager
def running(directory: Path) -> Iterator[str]:
    """The endpoint of an account that runs while the context does, its objects in `directory`."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "AWS_ENDPOINT_URL": endpoint,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "ERROR",
        "MINISTACK_ACCOUNT_ID": "000000000000",
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "S3_DATA_DIR": str(directory / "s3"),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
    }
    server = subprocess.Popen([sys.executable, __file__, str(port)], env=environment)
    try:
        wait_for(port, server)
        yield endpoint
    finally:
        server.terminate()
        server.wait()


def client(endpoint: str, service: str) -> Any:
    """A client of `service` at `endpoint`."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", **keys)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Until the server listens. Raises TimeoutError when it ended, or after a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("the account did not start")


def serve(port: int) -> None:
    """Serve the account; imports are late because MiniStack reads its environment when it is imported."""
    import asyncio

    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import SERVICE_HANDLERS, app

    from localcloud.glue.crawler import crawler_operations
    from localcloud.service import json_service

    SERVICE_HANDLERS["glue"] = json_service(crawler_operations(), SERVICE_HANDLERS["glue"])
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.loglevel = "WARNING"
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    serve(int(sys.argv[1]))
