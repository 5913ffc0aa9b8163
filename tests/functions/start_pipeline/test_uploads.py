import json
from collections.abc import Callable
from typing import Any

import pytest
from uploads import LISTED_BYTES, REASON_CHARACTERS, Message, Upload, read_messages, run_input

Event = Callable[[str], dict[str, Any]]


def record(body: Any, message_id: str = "id") -> dict[str, Any]:
    """An SQS record; a body that is no text is JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    return {"messageId": message_id, "body": text, "attributes": {"SentTimestamp": "1769841000000"}}


def s3_event(key: Any = "read/a.csv", **described: Any) -> dict[str, Any]:
    """No more than a replay sends: no sequencer, no versionId, no eventName."""
    uploaded = {"bucket": {"name": "input"}, "object": {"key": key, **described}}
    return {"Records": [{"eventSource": "aws:s3", "s3": uploaded}]}


def objects(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    messages, unreadable = read_messages(records)
    assert not unreadable
    return list(run_input(messages)["objects"])


def reason(body: Any) -> str:
    messages, (unreadable,) = read_messages([record(body)])
    assert not messages
    return unreadable.reason


def test_six_messages_are_six_uploads(event: Event) -> None:
    messages, unreadable = read_messages(event("six_files")["Records"])

    assert [len(message.uploads) for message in messages] == [1] * 6
    assert "read/Sales.SalesOrderHeader.csv" in {message.uploads[0].key for message in messages}
    assert not unreadable


def test_a_message_knows_when_it_was_sent() -> None:
    ((message,), _) = read_messages([record(s3_event(size=7), "first")])

    assert message == Message("first", 1769841000000, (Upload("input", "read/a.csv", 7, ""),))


def test_what_a_replay_sends_is_an_upload() -> None:
    assert objects([record(s3_event())]) == [{"bucket": "input", "key": "read/a.csv", "size": 0}]


def test_keys_are_decoded_and_folder_markers_are_no_uploads(event: Event) -> None:
    uploaded = objects(event("odd_keys")["Records"])

    assert [entry["key"] for entry in uploaded] == ["read/Sales Customer (März) 100%+.csv"]


def test_a_test_event_is_read_and_uploads_nothing(event: Event) -> None:
    ((message,), unreadable) = read_messages(event("test_event")["Records"])

    assert (message.uploads, unreadable) == ((), [])


def test_of_duplicates_the_latest_counts(event: Event) -> None:
    assert [entry["size"] for entry in objects(event("duplicates")["Records"])] == [200]


def test_an_earlier_event_that_arrives_later_changes_nothing(event: Event) -> None:
    later, earlier, _ = event("duplicates")["Records"]

    assert [entry["size"] for entry in objects([later, earlier])] == [200]
    assert [entry["size"] for entry in objects([earlier, later])] == [200]


@pytest.mark.parametrize(
    ("earlier", "later"), [("55AED6DCD90281E5", "55AED6DCD90281E6"), ("0A", "0AF"), ("0A9", "0B")]
)
def test_sequencers_are_compared_padded_on_the_right(earlier: str, later: str) -> None:
    first, second = (Upload("bucket", "key", 1, sequencer) for sequencer in (earlier, later))

    assert first.is_before(second)
    assert not second.is_before(first)


def test_what_is_no_s3_event_is_told_apart_and_the_others_are_read(event: Event) -> None:
    (message,), unreadable = read_messages(event("poison")["Records"])

    assert [upload.key for upload in message.uploads] == ["read/Sales.Customer.csv"]
    assert [poison.message_id[-1] for poison in unreadable] == ["1", "3", "4"]
    assert unreadable[0].body == "this is not JSON"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "the body is not JSON, Expecting value: line 1 column 1 (char 0)"),
        ("this is not JSON", "the body is not JSON, Expecting value: line 1 column 1 (char 0)"),
        ("[" * 100_000, "the body is not JSON, maximum recursion depth exceeded"),
        ("9" * 5000, "the body is not JSON, Exceeds the limit"),
        ([], "its Records is missing, empty or no list"),
        (None, "its Records is missing, empty or no list"),
        ({}, "its Records is missing, empty or no list"),
        ({"Records": {}}, "its Records is missing, empty or no list"),
        ({"Records": []}, "its Records is missing, empty or no list"),
        ({"Records": [None]}, "its eventSource is missing, empty or no str"),
        ({"Records": [{"eventSource": "aws:ses"}]}, "its eventSource is 'aws:ses'"),
        ({"Records": [{"eventSource": "aws:s3"}]}, "its s3.bucket.name is missing, empty or no str"),
        (s3_event(key=None), "its s3.object.key is missing, empty or no str"),
        (s3_event(key=""), "its s3.object.key is missing, empty or no str"),
        (s3_event(key=["read/a.csv"]), "its s3.object.key is missing, empty or no str"),
        (s3_event(key="read/100%.csv"), "its key has a % at 8 that encodes nothing"),
        (s3_event(key="read/%FF.csv"), "its key is not percent-encoded UTF-8"),
        (s3_event(key="read/\ud800.csv"), "surrogates not allowed"),
        (s3_event(size="7"), "its s3.object.size is missing, empty or no int"),
        (s3_event(size=float("inf")), "its s3.object.size is missing, empty or no int"),
        (s3_event(sequencer=7), "its s3.object.sequencer is missing, empty or no str"),
    ],
)
def test_the_reason_says_what_is_wrong(body: Any, why: str) -> None:
    assert reason(body).startswith("not an S3 event: ")
    assert why in reason(body)


def test_a_reason_can_be_sent_whatever_the_message_holds() -> None:
    told = reason({"Records": [{"eventSource": "\x00\ufffe" + "a" * 1000}]})

    assert len(told) == REASON_CHARACTERS
    assert told.isprintable()


def test_one_record_that_cannot_be_read_sets_the_whole_message_aside() -> None:
    both = {"Records": s3_event()["Records"] + [{}]}

    assert "eventSource" in reason(both)


def test_the_input_of_a_run_is_bounded_and_tells_the_whole_count() -> None:
    records = [record(s3_event(key=f"read/{number}-{'%C3%A4' * 20}.csv")) for number in range(3000)]

    told = run_input(read_messages(records)[0])

    assert len(json.dumps(told)) < LISTED_BYTES * 1.1
    assert told["object_count"] == 3000
    assert 0 < len(told["objects"]) < 3000


def test_an_object_too_long_to_list_is_still_counted() -> None:
    told = run_input(read_messages([record(s3_event(key="a" * LISTED_BYTES))])[0])

    assert told == {"objects": [], "object_count": 1}
