"""The whole pipeline, for real: one account that is up for all of these tests, and a first run in it."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from localcloud.sampledata import generate
from tests.conftest import PROJECT
from tests.pipeline.table import Table

COMMAND = [sys.executable, "-m", "localcloud"]
SIZE = 0.05
"""Of the generated input; big enough for more than 1,234 orders."""


@dataclass(frozen=True)
class Account:
    """The account as another shell sees it."""

    port: int

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "SAM_CLI_TELEMETRY": "0",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def output(self, key: str) -> str:
        """An output of the stack."""
        (stack,) = self.client("cloudformation").describe_stacks(StackName="csv-to-charts")["Stacks"]
        return str(next(o["OutputValue"] for o in stack["Outputs"] if o["OutputKey"] == key))

    def keys(self, bucket_output: str, prefix: str) -> list[str]:
        pages = self.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.output(bucket_output), Prefix=prefix)
        return [entry["Key"] for page in found for entry in page.get("Contents", [])]

    def executions(self, machine: str = "pipeline") -> list[dict[str, Any]]:
        """Executions of a state machine, newest first."""
        arn = self.output("PipelineArn").removesuffix("pipeline") + machine
        return list(self.client("stepfunctions").list_executions(stateMachineArn=arn)["executions"])


@dataclass(frozen=True)
class Run:
    """A finished `localcloud run`."""

    code: int
    printed: str
    output: Path

    @property
    def last_lines(self) -> str:
        return "\n".join(self.printed.splitlines()[-5:])


@contextmanager
def account_up(log: Path) -> Iterator[Account]:
    """An account with the stack in it, in a process of its own that writes its errors to `log`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("w") as errors:
        up = subprocess.Popen(
            [*COMMAND, "up", "--port", str(port)],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert up.stdout
        try:
            printed = next((line for line in up.stdout if "The account is up" in line), None)
            assert printed, f"the account did not come up: {log.read_text()}"
            yield Account(port)
        finally:
            up.terminate()
            up.wait(timeout=120)


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The account of all these tests."""
    with account_up(tmp_path_factory.mktemp("account") / "log") as account:
        yield account


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated input; copy it before changing it."""
    directory = tmp_path_factory.mktemp("sample")
    generate(directory, SIZE)
    return directory


@pytest.fixture(scope="session")
def run(account: Account) -> Callable[..., Run]:
    """Runs the pipeline on exactly the files of a directory."""

    def run(directory: Path, output: Path, *options: str) -> Run:
        for key in account.keys("InputBucketName", "read/"):
            if not (directory / key.removeprefix("read/")).exists():
                account.client("s3").delete_object(Bucket=account.output("InputBucketName"), Key=key)
        arguments = ["--input", str(directory), "--output", str(output), "--port", str(account.port)]
        done = subprocess.run(
            [*COMMAND, "run", *arguments, *options], cwd=PROJECT, capture_output=True, text=True, check=False
        )
        return Run(done.returncode, done.stdout + done.stderr, output)

    return run


@pytest.fixture(scope="session")
def first_run(
    sample: Path, run: Callable[[Path, Path], Run], tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """The first run in the account, on the generated input."""
    done = run(sample, tmp_path_factory.mktemp("output") / "first")
    assert done.code == 0, done.printed
    return done


@pytest.fixture
def changed_sample(sample: Path, tmp_path: Path) -> Path:
    """A copy of the generated input, to be changed."""
    return Path(shutil.copytree(sample, tmp_path / "input"))


@pytest.fixture
def former_output(first_run: Run, tmp_path: Path) -> Path:
    """A copy of the first run's output, as what a former run left."""
    return Path(shutil.copytree(first_run.output, tmp_path / "output"))


@pytest.fixture(scope="session")
def table(pytestconfig: pytest.Config) -> Iterator[Table]:
    """The failure matrix, written where --table says."""
    table = Table()
    yield table
    if path := pytestconfig.getoption("--table"):
        path.write_text(str(table))
