"""An account in a process of its own, with no stack in it: `python -m tests.localcloud.process PORT DIRECTORY`."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from localcloud import clock
from localcloud.account import Account, free_port, is_listening
from localcloud.deploy import PROJECT

JOB_MINUTE = 3.0
"""Seconds in a minute of a job's Timeout, so that tests can wait for one."""
ROLE = "arn:aws:iam::000000000000:role/any"
"""The role of components whose permissions are not what a test is about: it may do everything, for every service."""
SERVICES = ("glue", "lambda", "states")


@dataclass(frozen=True)
class Process:
    """The account as another process sees it; its files are in `directory`."""

    endpoint: str
    directory: Path
    id: int

    @property
    def environment(self) -> dict[str, str]:
        """What another shell has set to use the account."""
        return {
            **os.environ,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def client(self, service: str) -> Any:
        create: Any = boto3.client
        return create(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )


@contextmanager
def running(directory: Path) -> Iterator[Process]:
    """An account that runs while the context does."""
    port = free_port()
    command = [sys.executable, "-m", "tests.localcloud.process", str(port), str(directory)]
    with (directory / "account.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=log, stderr=log)
    try:
        while not is_listening(port):
            assert process.poll() is None, (directory / "account.log").read_text()
            time.sleep(0.05)
        account = Process(f"http://127.0.0.1:{port}", directory, process.pid)
        create_role(account.client("iam"), "any", SERVICES, ["*"])
        yield account
    finally:
        process.kill()
        process.wait()


def create_role(iam: Any, name: str, services: Sequence[str], actions: Sequence[str]) -> None:
    """A role that the services may assume, and that may do the actions on everything."""
    principals = {"Service": [f"{service}.amazonaws.com" for service in services]}
    trust = {"Effect": "Allow", "Principal": principals, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    allow = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    iam.put_role_policy(RoleName=name, PolicyName="any", PolicyDocument=json.dumps({"Statement": [allow]}))


if __name__ == "__main__":
    clock.MINUTE = JOB_MINUTE
    with Account(int(sys.argv[1]), Path(sys.argv[2])):
        threading.Event().wait()
