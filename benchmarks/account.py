"""An account with the stack in it, in a process of its own, for as long as a benchmark needs it."""

import functools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from benchmarks import processes
from benchmarks.errors import BenchmarkError
from localcloud import aws
from localcloud.account import free_port
from operate.stack import STACK_NAME, outputs_of

LOCALCLOUD = [sys.executable, "-m", "localcloud"]
UP_SECONDS = 120
EVERY = 0.05
"""Seconds between two looks at what is waited for, at first."""


@dataclass(frozen=True)
class Account:
    """The account as another shell sees it."""

    port: int
    process: int

    @property
    def environment(self) -> dict[str, str]:
        return {**aws.ROOT.environment, "AWS_ENDPOINT_URL": self.endpoint, "AWS_DEFAULT_REGION": aws.REGION}

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str) -> Any:
        """The root's client of a service."""
        return _client(self.endpoint, service)

    @functools.cached_property
    def outputs(self) -> dict[str, str]:
        """The outputs of the stack."""
        return outputs_of(self.client, STACK_NAME)


@functools.cache
def _client(endpoint: str, service: str) -> Any:
    create: Any = boto3.client
    root = aws.ROOT
    return create(
        service,
        endpoint_url=endpoint,
        region_name=aws.REGION,
        aws_access_key_id=root.access_key_id,
        aws_secret_access_key=root.secret_access_key,
    )


@contextmanager
def up(log: Path) -> Iterator[Account]:
    """An account that is up. Raises BenchmarkError where it does not come up."""
    port = free_port()
    told = "The account is up"
    with processes.started([*LOCALCLOUD, "up", f"--port={port}"], log) as process:
        wait_until(lambda: told in log.read_text() or process.poll() is not None, UP_SECONDS, told)
        if process.poll() is not None:
            raise BenchmarkError(f"The account did not come up:\n{processes.end_of(log)}")
        try:
            yield Account(port, process.pid)
        finally:
            process.terminate()  # it removes its files
            process.wait()


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Ask again and again until it is so, ever less often: asking takes the machine's time from what is measured.

    Raises BenchmarkError, which says what it waited for.
    """
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        if waited > seconds:
            raise BenchmarkError(f"Waited {seconds:g} s for this in vain: {what}")
        time.sleep(max(EVERY, waited / 50))
