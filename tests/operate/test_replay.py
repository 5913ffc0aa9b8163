import json
from typing import Any
from urllib.parse import unquote_plus

from operate.replay import RECORDS_IN_MESSAGE
from tests.localcloud.waiting import until
from tests.operate.conftest import Deployed, Refuses

Object = tuple[str, str, int]
"""Bucket, key, size."""
ODD = "read/Sales Customer (März) 100%+.csv"


def put(stack: Deployed, *keys: str) -> None:
    for key in keys:
        stack.process.client("s3").put_object(Bucket=stack.bucket, Key=key, Body=b"id\n")


def told(stack: Deployed) -> list[list[Object]]:
    """The objects that each message in the queue tells of, read as S3's events are."""
    messages = stack.process.client("sqs").receive_message(QueueUrl=stack.queue_url, MaxNumberOfMessages=10)
    events = [json.loads(message["Body"]) for message in messages.get("Messages", [])]
    return [[read(record) for record in event["Records"]] for event in events]


def read(record: dict[str, Any]) -> Object:
    s3 = record["s3"]
    return s3["bucket"]["name"], unquote_plus(s3["object"]["key"]), s3["object"]["size"]


def test_the_objects_are_told_to_the_starter_and_its_run_is_followed(stack: Deployed) -> None:
    put(stack, "read/Person.Person.csv", ODD, "read/", "scripts/other.py")

    with stack.operating("replay") as replay:
        (objects,) = until(lambda: told(stack))
        stack.machines.start(stack.pipeline_arn, "run-000001", then="succeed")
        printed, errors = replay.communicate(timeout=30)

    assert (replay.returncode, errors) == (0, "")
    assert objects == [(stack.bucket, "read/Person.Person.csv", 3), (stack.bucket, ODD, 3)]
    first, second, *states, last = printed.splitlines()
    assert first == f"Told the queue of 2 objects in s3://{stack.bucket}/read/"
    assert second == "Run run-000001"
    assert "  > Choose" in states
    assert last == "run-000001 has succeeded"


def test_while_a_run_is_going_it_waits_for_the_next(stack: Deployed) -> None:
    going = stack.begin("run-000001")
    put(stack, "read/Person.Person.csv")

    with stack.operating("replay") as replay:
        assert replay.stdout
        lines = [replay.stdout.readline() for _ in range(2)]
        stack.stop(going)
        stack.machines.start(stack.pipeline_arn, "run-000002", then="fail")
        printed, _ = replay.communicate(timeout=30)

    assert lines[1] == "run-000001 is going; theirs starts when it has ended\n"
    assert replay.returncode == 1
    assert printed.startswith("Run run-000002\n")
    assert printed.endswith("FAILED  Stop failed: So it is.\n")


def test_many_objects_are_few_messages(stack: Deployed) -> None:
    put(stack, *(f"read/{number:04}.csv" for number in range(RECORDS_IN_MESSAGE + 1)))

    with stack.operating("replay") as replay:
        messages: list[list[Object]] = []
        until(lambda: messages.extend(told(stack)) or len(messages) == 2)
        stack.machines.start(stack.pipeline_arn, "run-000001", then="succeed")
        replay.communicate(timeout=30)

    assert sorted(len(objects) for objects in messages) == [1, RECORDS_IN_MESSAGE]
    assert len({key for objects in messages for _, key, _ in objects}) == RECORDS_IN_MESSAGE + 1


def test_nothing_in_the_bucket(stack: Deployed, refuses: Refuses) -> None:
    put(stack, "read/", "scripts/other.py")

    refuses(f"s3://{stack.bucket}/read/ holds no objects; upload the input files there", "replay")
