"""What an upload has led to once it is answered, and that nothing more comes."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack.services import s3

from localcloud import aws, own_api, uploads
from tests.localcloud.process import Process
from tests.localcloud.waiting import queue_for

NAME = "uploads"


@pytest.fixture
def queue_url(process: Process) -> Iterator[str]:
    """A queue that a bucket of the same name tells what becomes of its objects."""
    bucket, sqs = process.client("s3"), process.client("sqs")
    url = queue_for(sqs, NAME, "s3")
    bucket.create_bucket(Bucket=NAME)
    events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    target = {"QueueArn": f"arn:aws:sqs:us-east-1:000000000000:{NAME}", "Events": events}
    bucket.put_bucket_notification_configuration(
        Bucket=NAME, NotificationConfiguration={"QueueConfigurations": [target]}
    )
    sqs.purge_queue(QueueUrl=url)  # of the test event
    yield url
    bucket.delete_bucket(Bucket=NAME)
    sqs.delete_queue(QueueUrl=url)


def told(sqs: Any, queue_url: str) -> list[tuple[str, str]]:
    """Which event of which object each of the messages in the queue is about."""
    messages = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", [])
    records = [record for message in messages for record in json.loads(message["Body"])["Records"]]
    assert all(record["s3"]["object"]["sequencer"] for record in records)
    return [(record["eventName"], record["s3"]["object"]["key"]) for record in records]


def test_notifications_are_there_once_the_request_is_answered(process: Process, queue_url: str) -> None:
    bucket, sqs = process.client("s3"), process.client("sqs")

    for number in range(5):
        bucket.put_object(Bucket=NAME, Key=str(number), Body=b"")
        assert told(sqs, queue_url) == [("ObjectCreated:Put", str(number))]
        bucket.delete_object(Bucket=NAME, Key=str(number))
        assert told(sqs, queue_url) == [("ObjectRemoved:Delete", str(number))]


def test_a_request_is_not_answered_before_its_notification_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    senders = []
    monkeypatch.setattr(s3, "_fire_s3_event", lambda *_, **__: senders.append(threading.current_thread()))
    monkeypatch.setattr(s3, "_fire_s3_event_async", None)

    uploads.register()
    s3._fire_s3_event_async(NAME, "key", "s3:ObjectCreated:Put", size=1, etag="")

    assert senders == [threading.current_thread()]


def test_the_end_of_an_upload_is_the_moment_at_which_it_was_told(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_ended_at", 0.0)
    before = time.time()

    uploads.OPERATIONS["EndUpload"]({})

    assert before <= uploads.ended_at() <= time.time()
    monkeypatch.setattr(aws, "endpoint", lambda: process.endpoint)
    assert own_api.call("EndUpload", {}) == {}


def test_a_file_that_is_not_taken_is_named(
    process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file := tmp_path / "a.csv").write_text("a\n")
    monkeypatch.setattr(aws, "client", process.client)

    with pytest.raises(aws.UploadError, match=r"a\.csv to nowhere/read/a\.csv.*NoSuchBucket"):
        aws.upload(file, "nowhere", "read/a.csv")
