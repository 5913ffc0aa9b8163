"""What the queue's messages say has been uploaded. Knows no AWS client."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote_plus

LISTED_BYTES = 100_000
"""How much of a run's input the list of objects may take; Step Functions allows 256 KiB in all."""
REASON_CHARACTERS = 256

T = TypeVar("T")


@dataclass(frozen=True)
class Upload:
    """An object that was created in the input bucket, its key as it is in S3."""

    bucket: str
    key: str
    size: int
    sequencer: str

    def is_before(self, other: "Upload") -> bool:
        """Whether the other event of the same key is the later one.

        Sequencers are hexadecimal, and the shorter is padded with zeros on the right ("Event message structure",
        Amazon S3 User Guide).
        """
        width = max(len(self.sequencer), len(other.sequencer))
        return self.sequencer.ljust(width, "0") < other.sequencer.ljust(width, "0")


@dataclass(frozen=True)
class Message:
    """A message that S3 sent. It tells of no upload where S3 tested the queue or a folder was made.

    `sent` is when the queue took it, in milliseconds since 1970: the objects were in the bucket by then.
    """

    message_id: str
    sent: int
    uploads: tuple[Upload, ...]


@dataclass(frozen=True)
class Unreadable:
    """A message that is no S3 event, and why."""

    message_id: str
    body: str
    reason: str


def read_messages(records: Iterable[dict[str, Any]]) -> tuple[list[Message], list[Unreadable]]:
    """Tell the SQS records of an invocation apart: S3's events, and what is none."""
    messages, unreadable = [], []
    for record in records:
        message_id, body = record["messageId"], record["body"]
        try:
            uploads = _uploads_of(body)
        except Exception as error:  # whatever it is, one message must not hold up the others
            reason = f"not an S3 event: {error}"[:REASON_CHARACTERS]
            unreadable.append(Unreadable(message_id, body, reason))
        else:
            messages.append(Message(message_id, int(record["attributes"]["SentTimestamp"]), uploads))
    return messages, unreadable


def run_input(messages: Iterable[Message]) -> dict[str, Any]:
    """A run's input: `objects` ({bucket, key, size}, as many as fit in LISTED_BYTES) and `object_count`."""
    uploads = _latest(upload for message in messages for upload in message.uploads)
    listed, length = [], 0
    for upload in uploads:
        entry = {"bucket": upload.bucket, "key": upload.key, "size": upload.size}
        length += len(json.dumps(entry))
        if length > LISTED_BYTES:
            break
        listed.append(entry)
    return {"objects": listed, "object_count": len(uploads)}


def _latest(uploads: Iterable[Upload]) -> list[Upload]:
    """Each object once, as its latest event tells of it."""
    latest: dict[tuple[str, str], Upload] = {}
    for upload in uploads:
        known = latest.setdefault((upload.bucket, upload.key), upload)
        if known.is_before(upload):
            latest[upload.bucket, upload.key] = upload
    return list(latest.values())


def _uploads_of(body: str) -> tuple[Upload, ...]:
    """The uploads that a message's body tells of. Raises ValueError, with what is wrong, for no S3 event."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the body is not JSON, {error}") from None
    if isinstance(event, dict) and event.get("Event") == "s3:TestEvent":
        return ()
    uploads = (_upload_of(record) for record in _member(event, "Records", list))
    return tuple(upload for upload in uploads if not upload.key.endswith("/"))


def _upload_of(record: Any) -> Upload:
    if (source := _member(record, "eventSource", str)) != "aws:s3":
        raise ValueError(f"its eventSource is {source!r}")
    return Upload(
        bucket=_member(record, "s3.bucket.name", str),
        key=_decoded(_member(record, "s3.object.key", str)),
        size=_member(record, "s3.object.size", int, default=0),
        sequencer=_member(record, "s3.object.sequencer", str, default=""),
    )


def _member(value: Any, path: str, kind: type[T], default: T | None = None) -> T:
    """What `value` holds at the dotted `path`; `default` where that is allowed to be missing.

    Raises ValueError for what is missing, empty or of another kind.
    """
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None and default is not None:
        return default
    if not isinstance(value, kind) or value in ("", []):
        raise ValueError(f"its {path} is missing, empty or no {kind.__name__}")
    if isinstance(value, str):
        value.encode()  # raises for half a character, which Step Functions would refuse the whole input for
    return value


def _decoded(key: str) -> str:
    """The key of an event as it is in S3: percent-encoded UTF-8 with + for a space, decoded."""
    if wrong := re.search(r"%(?![0-9A-Fa-f]{2})", key):
        raise ValueError(f"its key has a % at {wrong.start()} that encodes nothing")
    try:
        return unquote_plus(key, errors="strict")
    except UnicodeDecodeError as error:
        raise ValueError(f"its key is not percent-encoded UTF-8, {error}") from None
