"""A run that fails: one message, and the command in it makes the run go on."""

import json
import shlex
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.localcloud.waiting import queue_for, until
from tests.pipeline.conftest import Account, Run
from tests.pipeline.test_failures import script


@pytest.fixture
def received(account: Account) -> Iterator[Callable[[], list[dict[str, str]]]]:
    """The alerts that have come since the last call."""
    sqs, name = account.client("sqs"), f"alerts-{uuid.uuid4()}"
    queue = queue_for(sqs, name, "sns")
    subscription = account.client("sns").subscribe(
        TopicArn=account.output("AlertTopicArn"),
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:us-east-1:000000000000:{name}",
        ReturnSubscriptionArn=True,
    )

    def received() -> list[dict[str, str]]:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    yield received
    account.client("sns").unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    sqs.delete_queue(QueueUrl=queue)


def test_a_failed_run_is_one_message_and_its_command_makes_the_run_go_on(
    account: Account,
    first_run: Run,
    run: Callable[[Path, Path], Run],
    sample: Path,
    tmp_path: Path,
    received: Callable[[], list[dict[str, str]]],
) -> None:
    with script(account, "csv-to-charts-top_products", "raise RuntimeError('out of ideas')"):
        assert run(sample, tmp_path).code == 1
    failed = account.executions()[0]
    message = until(received, seconds=120, every=0.1)

    assert [alert["Subject"] for alert in message] == [
        f"csv-to-charts-pipeline {failed['name']} FAILED: RankTopProducts"
    ]
    arn = failed["executionArn"]
    command = f"aws stepfunctions redrive-execution --execution-arn {arn} --region us-east-1"
    assert message[0]["Message"] == (
        f"""\
Run:    {failed["name"]} of csv-to-charts-pipeline
Status: FAILED
State:  RankTopProducts
Cause:  RuntimeError: out of ideas

https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/{arn}

A corrected file that is uploaded again starts a run of its own. When the cause was another and is put right, this
command goes on from the state that failed:

{command}
"""
    )

    subprocess.run(shlex.split(command), env=account.environment, capture_output=True, check=True)
    until(lambda: account.executions()[0]["status"] != "RUNNING", seconds=120, every=0.1)
    assert {e["name"]: e["status"] for e in account.executions()}[failed["name"]] == "SUCCEEDED"
    assert received() == []
