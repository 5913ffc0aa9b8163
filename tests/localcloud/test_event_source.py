"""The mapping from a queue to a function: what is done with, what comes back, and how much happens at once."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from localcloud import event_source
from tests.localcloud.process import Process
from tests.localcloud.waiting import until

STACK = "event-source"
CODE = r"""
import os
import pathlib
import time

def note(*words):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write("\t".join(map(str, words)) + "\n")

def meet(place, name):
    (place / name).touch()
    while len(list(place.iterdir())) < 2:
        time.sleep(0.01)
    time.sleep(0.3)

note("initialized")

def handler(event, context):
    begun, failures = time.time(), []
    for record in event["Records"]:
        received = record["attributes"]["ApproximateReceiveCount"]
        note("seen", record["body"], received)
        if received == "1":
            if record["body"] == "raises":
                raise RuntimeError("on purpose")
            if record["body"].startswith("/"):
                meet(pathlib.Path(record["body"]), record["messageId"])
            if record["body"] == "fails":
                failures.append({"itemIdentifier": record["messageId"]})
            if record["body"] == "names another":
                failures.append({"itemIdentifier": "another"})
    note("batch", begun, time.time())
    return {"batchItemFailures": failures}
"""
Deploy = Callable[..., str]
QUIET_SECONDS = 1.0
"""After so many without a message an open batch is closed."""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Where the function, a process of this machine, notes what it does: its log may be a moment late."""
    return tmp_path / "notes"


@pytest.fixture
def deploy(process: Process, notes: Path) -> Iterator[Deploy]:
    """Deploys the function with a mapping of the given properties; returns its queue's URL."""
    cloudformation = process.client("cloudformation")

    def deploy(**mapping: Any) -> str:
        cloudformation.create_stack(
            StackName=STACK, TemplateBody=json.dumps({"Resources": resources(mapping, notes)})
        )
        until(lambda: status(STACK) == "CREATE_COMPLETE")
        return str(process.client("sqs").get_queue_url(QueueName=STACK)["QueueUrl"])

    def status(stack: str) -> str:
        return str(cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    yield deploy
    stack_id = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=STACK)
    until(lambda: status(stack_id) == "DELETE_COMPLETE")


def resources(mapping: dict[str, Any], notes: Path) -> dict[str, Any]:
    function = {
        "FunctionName": STACK,
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Timeout": 30,
        "Environment": {"Variables": {"NOTES": str(notes)}},
        "Role": "arn:aws:iam::000000000000:role/any",
        "Code": {"ZipFile": CODE},
    }
    source = {
        "FunctionName": {"Ref": "Function"},
        "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    return {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": STACK, "VisibilityTimeout": 30}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Source": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": source | mapping},
    }


def send(process: Process, queue_url: str, *bodies: str) -> None:
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    process.client("sqs").send_message_batch(QueueUrl=queue_url, Entries=entries)


def counts(process: Process, queue_url: str) -> tuple[int, int]:
    """How many messages wait in the queue, and how many are being worked on: at one moment."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = process.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)
    waiting, at_work = (int(answer["Attributes"][name]) for name in names)
    return waiting, at_work


def noted(process: Process, queue_url: str, notes: Path, word: str) -> list[list[str]]:
    """What the function has noted after `word` by the time that the queue is empty."""
    until(lambda: counts(process, queue_url) == (0, 0), seconds=60)
    lines = [line.split("\t") for line in notes.read_text().splitlines()]
    return [words for first, *words in lines if first == word]


@pytest.mark.parametrize("body", ["raises", "fails", "names another"])
def test_what_the_function_is_not_done_with_comes_back(
    process: Process, deploy: Deploy, notes: Path, body: str
) -> None:
    queue_url = deploy(BatchSize=1)

    send(process, queue_url, body, "fine")

    assert sorted(noted(process, queue_url, notes, "seen")) == sorted(
        [[body, "1"], [body, "2"], ["fine", "1"]]
    )


def test_failures_are_not_looked_for_where_the_mapping_does_not_ask(
    process: Process, deploy: Deploy, notes: Path
) -> None:
    queue_url = deploy(FunctionResponseTypes=[])

    send(process, queue_url, "fails")

    assert noted(process, queue_url, notes, "seen") == [["fails", "1"]]


def test_a_batch_stays_open_while_an_object_is_being_uploaded(
    process: Process, deploy: Deploy, notes: Path
) -> None:
    queue_url, s3 = deploy(BatchSize=10, MaximumBatchingWindowInSeconds=1), process.client("s3")
    s3.create_bucket(Bucket=STACK)
    upload = s3.create_multipart_upload(Bucket=STACK, Key="large")["UploadId"]

    send(process, queue_url, "small")
    time.sleep(2 * QUIET_SECONDS)  # without the upload the window would have passed
    send(process, queue_url, "large")
    s3.abort_multipart_upload(Bucket=STACK, Key="large", UploadId=upload)

    assert noted(process, queue_url, notes, "seen") == [["small", "1"], ["large", "1"]]
    assert len(noted(process, queue_url, notes, "batch")) == 1


def message(body: str, sent: int) -> dict[str, Any]:
    return {"Body": body, "Attributes": {"SentTimestamp": str(sent * 1000)}}


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """An SQS that the mapping reads, in seconds that pass when somebody sleeps; it begins at second 100."""
    queue, clock = Mock(), Mock()
    clock.time.return_value = 100.0
    queue.sleep = clock.sleep.side_effect = lambda seconds: setattr(
        clock.time, "return_value", clock.time.return_value + seconds
    )
    monkeypatch.setattr(event_source, "time", clock)
    monkeypatch.setattr(event_source, "_sqs", lambda mapping: queue)
    queue.initializing.is_alive.return_value = False
    monkeypatch.setattr(event_source, "_initializing", lambda mapping: queue.initializing)
    return queue


MAPPING = {"BatchSize": "100", "MaximumBatchingWindowInSeconds": "20"}


def test_messages_that_have_waited_are_not_waited_for(queue: Mock) -> None:
    """All that is in the queue is in the batch, and then it is closed, though it has only just been received."""
    waited = [message("first", sent=90), message("second", sent=91)]
    queue.receive_message.side_effect = [{"Messages": waited[:1]}, {"Messages": waited[1:]}, {}]

    assert event_source._collect("queue", MAPPING) == waited


def test_a_batch_is_closed_once_all_is_uploaded(queue: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    """No second is waited out then; and what was sent just after the queue had been looked at is in it too."""
    first, last = message("first", sent=100), message("last", sent=100)
    ended_at = 0.0
    monkeypatch.setattr(event_source.uploads, "ended_at", lambda: ended_at)
    answers = iter([{"Messages": [first]}, {}, {"Messages": [last]}, {}])

    def receive(**_: Any) -> dict[str, Any]:
        nonlocal ended_at
        if (answer := next(answers)) == {}:
            ended_at = 100.05
        return answer

    queue.receive_message.side_effect = receive

    assert event_source._collect("queue", MAPPING) == [first, last]
    assert event_source.time.time() == pytest.approx(100 + event_source.POLL_SECONDS)


def test_what_is_sent_after_an_upload_has_ended_is_waited_for_as_ever(
    queue: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_source.uploads, "ended_at", lambda: 99.9)
    queue.receive_message.side_effect = lambda **_: (
        {"Messages": [message("later", sent=100)]} if queue.receive_message.call_count == 1 else {}
    )

    assert event_source._collect("queue", MAPPING) == [message("later", sent=100)]
    assert event_source.time.time() == pytest.approx(100 + QUIET_SECONDS, abs=event_source.POLL_SECONDS)


def test_a_batch_stays_open_while_the_function_is_being_initialized_for_it(queue: Mock) -> None:
    """It could do nothing else than wait, and what comes until then would need an environment of its own."""
    early, late = message("early", sent=100), message("late", sent=105)
    queue.initializing.is_alive.side_effect = lambda: event_source.time.time() < 106
    coming = [(100, early), (105, late)]

    def receive(**_: Any) -> dict[str, Any]:
        is_there = coming and event_source.time.time() >= coming[0][0]
        return {"Messages": [coming.pop(0)[1]]} if is_there else {}

    queue.receive_message.side_effect = receive

    assert event_source._collect("queue", MAPPING) == [early, late]
    queue.initializing.join.assert_called_once()


def test_a_batch_stays_open_however_slow_the_account_is_while_an_object_is_uploaded(
    queue: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = {"one": "going on"}
    monkeypatch.setattr(event_source.uploads, "are_going_on", lambda: bool(uploads))
    small, large = message("small", sent=100), message("large", sent=150)

    def receive(**_: Any) -> dict[str, Any]:
        queue.sleep(25)
        if queue.receive_message.call_count == 3:
            uploads.clear()
            return {"Messages": [large]}
        return {"Messages": [small]} if queue.receive_message.call_count == 1 else {}

    queue.receive_message.side_effect = receive

    assert event_source._collect("queue", MAPPING) == [small, large]


def test_the_function_is_initialized_once_while_its_batch_is_open(
    process: Process, deploy: Deploy, notes: Path
) -> None:
    queue_url, s3 = deploy(BatchSize=10, MaximumBatchingWindowInSeconds=1), process.client("s3")
    s3.create_bucket(Bucket=STACK)
    upload = s3.create_multipart_upload(Bucket=STACK, Key="large")["UploadId"]  # keeps it open

    send(process, queue_url, "small")
    until(lambda: notes.exists() and notes.read_text() == "initialized\n", seconds=30)
    s3.abort_multipart_upload(Bucket=STACK, Key="large", UploadId=upload)

    assert noted(process, queue_url, notes, "seen") == [["small", "1"]]
    assert len(noted(process, queue_url, notes, "initialized")) == 1


def test_no_other_environment_is_initialized_while_the_first_is_at_work(
    process: Process, deploy: Deploy, notes: Path, tmp_path: Path
) -> None:
    """For it may be free by the time that the next batch is closed."""
    queue_url, s3 = deploy(BatchSize=2, MaximumBatchingWindowInSeconds=1), process.client("s3")
    s3.create_bucket(Bucket=STACK)
    upload = s3.create_multipart_upload(Bucket=STACK, Key="large")["UploadId"]  # keeps the next one open

    (meeting := tmp_path / "meeting").mkdir()
    send(process, queue_url, str(meeting), "fine")
    until(lambda: list(meeting.iterdir()))
    send(process, queue_url, "next")
    until(lambda: counts(process, queue_url) == (0, 3))
    (meeting / "ended").touch()
    until(lambda: counts(process, queue_url) == (0, 1))
    s3.abort_multipart_upload(Bucket=STACK, Key="large", UploadId=upload)

    assert len(noted(process, queue_url, notes, "batch")) == 2
    assert len(noted(process, queue_url, notes, "initialized")) == 1


def test_as_many_batches_as_the_mapping_allows_are_with_the_function_at_once(
    process: Process, deploy: Deploy, notes: Path, tmp_path: Path
) -> None:
    queue_url = deploy(BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})

    (meeting := tmp_path / "meeting").mkdir()
    send(process, queue_url, *[str(meeting)] * 6)

    spans = [(float(begun), float(ended)) for begun, ended in noted(process, queue_url, notes, "batch")]
    assert max(sum(begun <= moment < ended for begun, ended in spans) for moment, _ in spans) == 2
