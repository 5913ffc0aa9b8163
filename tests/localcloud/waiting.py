"""What the tests of Athena, QuickSight and CloudFormation need besides the account."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

Clients = Callable[[str], Any]


@contextmanager
def client_errors(code: str, message: str) -> Iterator[None]:
    """A block that must raise the service's error `code`, `message` in its sentence."""
    with pytest.raises(ClientError) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code
    assert message in caught.value.response["Error"]["Message"]


def queue_for(sqs: Any, name: str, service: str) -> str:
    """The URL of a new queue that a service may send to."""
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sqs:SendMessage",
    }
    policy = {"Statement": [allow | {"Resource": f"arn:aws:sqs:us-east-1:000000000000:{name}"}]}
    return str(sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps(policy)})["QueueUrl"])


def until(condition: Callable[[], Any], seconds: float = 30, every: float = 0.01) -> Any:
    """The first true value of `condition`, asked again and again."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError("the condition did not come true")
        time.sleep(every)
    return value
