import json
from collections.abc import Callable
from typing import Any

import pytest
from uploads import LISTED_BYTES, Upload, read_batch

Event = Callable[[str], dict[str, Any]]


def keys_of(event: dict[str, Any]) -> list[str]:
    return [upload.key for upload in read_batch(event["Records"]).uploads.values()]


def test_six_messages_are_six_uploads(event: Event) -> None:
    batch = read_batch(event("six_files")["Records"])

    assert len(batch.uploads) == len(batch.message_ids) == 6
    assert "read/Sales.SalesOrderHeader.csv" in {upload.key for upload in batch.uploads.values()}
    assert not batch.unreadable


def test_keys_are_decoded_and_folder_markers_are_no_uploads(event: Event) -> None:
    assert keys_of(event("odd_keys")) == ["read/Sales Customer (März) 100%+.csv"]


def test_a_test_event_is_read_and_uploads_nothing(event: Event) -> None:
    batch = read_batch(event("test_event")["Records"])

    assert (len(batch.message_ids), batch.uploads, batch.unreadable) == (1, {}, [])


def test_of_duplicates_the_latest_counts(event: Event) -> None:
    batch = read_batch(event("duplicates")["Records"])

    assert [upload.size for upload in batch.uploads.values()] == [200]
    assert len(batch.message_ids) == 3


def test_an_earlier_event_that_arrives_later_changes_nothing(event: Event) -> None:
    records = event("duplicates")["Records"]

    assert [u.size for u in read_batch([records[0], records[1]]).uploads.values()] == [200]
    assert [u.size for u in read_batch([records[1], records[0]]).uploads.values()] == [200]


@pytest.mark.parametrize(
    ("earlier", "later"), [("55AED6DCD90281E5", "55AED6DCD90281E6"), ("0A", "0AF"), ("0A9", "0B")]
)
def test_sequencers_are_compared_padded_on_the_right(earlier: str, later: str) -> None:
    first, second = (Upload("bucket", "key", 1, sequencer) for sequencer in (earlier, later))

    assert first.is_before(second)
    assert not second.is_before(first)


def test_what_is_no_s3_event_is_set_aside_and_the_others_are_read(event: Event) -> None:
    batch = read_batch(event("poison")["Records"])

    assert [upload.key for upload in batch.uploads.values()] == ["read/Sales.Customer.csv"]
    assert [message.message_id[-1] for message in batch.unreadable] == ["1", "3", "4"]
    assert "JSONDecodeError" in batch.unreadable[0].reason


def test_the_input_of_a_run_is_bounded_and_tells_the_whole_count(event: Event) -> None:
    record = event("one_file")["Records"][0]
    s3_event = json.loads(record["body"])
    records = []
    for number in range(3000):
        s3_event["Records"][0]["s3"]["object"]["key"] = f"read/{number}-{'%C3%A4' * 20}.csv"
        records.append({**record, "messageId": str(number), "body": json.dumps(s3_event)})

    run_input = read_batch(records).run_input()

    assert len(run_input.encode()) < LISTED_BYTES * 1.1
    assert json.loads(run_input)["object_count"] == 3000
    assert 0 < len(json.loads(run_input)["objects"]) < 3000
