"""The operator's commands on the whole pipeline."""

import json
import subprocess
import sys

import pytest

from tests.conftest import PROJECT
from tests.pipeline.conftest import Account, Run


def command(account: Account, *arguments: str) -> str:
    """What the command prints; it must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        env=account.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.usefixtures("first_run")
def test_a_replay_is_a_run_for_all_that_is_in_the_bucket(account: Account) -> None:
    printed = command(account, "operate", "replay")

    newest = account.executions()[0]
    uploaded = account.keys("InputBucketName", "read/")
    described = account.client("stepfunctions").describe_execution(executionArn=newest["executionArn"])
    assert sorted(entry["key"] for entry in json.loads(described["input"])["objects"]) == sorted(uploaded)
    assert f"Told the queue of {len(uploaded)} objects in s3://" in printed
    assert f"Run {newest['name']}\n" in printed
    assert "  > RefreshSpice\n" in printed
    assert printed.endswith(f"{newest['name']} has succeeded\n")


def test_localcloud_has_the_same_commands_for_the_account_at_its_port(
    account: Account, first_run: Run
) -> None:
    listed = command(account, "localcloud", "runs", "--port", str(account.port))

    assert "run-000001" in {line.split()[0] for line in listed.splitlines()}
    assert listed == command(account, "operate", "runs")


def test_localcloud_says_where_no_account_is_up() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "localcloud", "runs", "--port", "9"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (
        1,
        "localcloud: no account is up at port 9; make up starts one\n",
    )
