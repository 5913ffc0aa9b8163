import json
from typing import Any

from functions.start_pipeline.uploads import read_batch
from operate.replay import RECORDS_IN_MESSAGE
from tests.localcloud.waiting import until
from tests.operate.conftest import Deployed, Refuses

ODD = "read/Sales Customer (März) 100%+.csv"


def put(stack: Deployed, *keys: str) -> None:
    for key in keys:
        stack.process.client("s3").put_object(Bucket=stack.bucket, Key=key, Body=b"id\n")


def sent(stack: Deployed) -> list[dict[str, Any]]:
    """The messages in the queue, as Lambda gives them to start_pipeline."""
    messages = stack.process.client("sqs").receive_message(QueueUrl=stack.queue_url, MaxNumberOfMessages=10)
    return [{"messageId": m["MessageId"], "body": m["Body"]} for m in messages.get("Messages", [])]


def test_the_objects_are_told_to_the_starter_and_its_run_is_followed(stack: Deployed) -> None:
    put(stack, "read/Person.Person.csv", ODD, "read/", "scripts/other.py")

    with stack.operating("replay") as replay:
        batch = read_batch(until(lambda: sent(stack)))
        stack.machines.start(
            stack.pipeline_arn, "run-000001", **json.loads(batch.run_input()), then="succeed"
        )
        printed, errors = replay.communicate(timeout=30)

    assert (replay.returncode, errors) == (0, "")
    assert [(u.bucket, u.key, u.size) for u in batch.uploads.values()] == [
        (stack.bucket, "read/Person.Person.csv", 3),
        (stack.bucket, ODD, 3),
    ]
    assert batch.unreadable == []
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
        told = [replay.stdout.readline() for _ in range(2)]
        stack.stop(going)
        stack.machines.start(stack.pipeline_arn, "run-000002", then="fail")
        printed, _ = replay.communicate(timeout=30)

    assert told[1] == "run-000001 is going; theirs starts when it has ended\n"
    assert replay.returncode == 1
    assert printed.startswith("Run run-000002\n")
    assert printed.endswith("FAILED  Stop failed: So it is.\n")


def test_many_objects_are_few_messages(stack: Deployed) -> None:
    put(stack, *(f"read/{number:04}.csv" for number in range(RECORDS_IN_MESSAGE + 1)))

    with stack.operating("replay") as replay:
        messages: list[dict[str, Any]] = []
        until(lambda: messages.extend(sent(stack)) or len(messages) == 2)
        stack.machines.start(stack.pipeline_arn, "run-000001", then="succeed")
        replay.communicate(timeout=30)

    assert len(read_batch(messages).uploads) == RECORDS_IN_MESSAGE + 1


def test_nothing_in_the_bucket(stack: Deployed, refuses: Refuses) -> None:
    put(stack, "read/", "scripts/other.py")

    refuses(f"s3://{stack.bucket}/read/ holds no objects; upload the input files there", "replay")
