"""What a batch of the queue's messages says has been uploaded. Knows no AWS client."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

LISTED_BYTES = 100_000
"""How much of a run's input the list of objects may take; Step Functions allows 256 KiB in all."""


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
class Unreadable:
    """A message that is no S3 event, and why."""

    message_id: str
    body: str
    reason: str


@dataclass
class Batch:
    """The messages of one invocation: what they say was uploaded, once an object, and those that say nothing."""

    uploads: dict[tuple[str, str], Upload] = field(default_factory=dict)
    message_ids: list[str] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def add(self, upload: Upload) -> None:
        """Count an upload in, unless a later event of the same object is already there."""
        known = self.uploads.get((upload.bucket, upload.key))
        if known is None or known.is_before(upload):
            self.uploads[upload.bucket, upload.key] = upload

    def run_input(self) -> str:
        """The run's input: `objects` ({bucket, key, size}, as many as fit in LISTED_BYTES) and `object_count`."""
        listed, length = [], 0
        for upload in self.uploads.values():
            entry = {"bucket": upload.bucket, "key": upload.key, "size": upload.size}
            length += len(json.dumps(entry))
            if length > LISTED_BYTES:
                break
            listed.append(entry)
        return json.dumps({"objects": listed, "object_count": len(self.uploads)})


def read_batch(records: list[dict[str, Any]]) -> Batch:
    """Read the SQS records of an invocation.

    `s3:TestEvent`, which S3 sends when notifications are set up, and folder markers are read and mean nothing.
    """
    batch = Batch()
    for record in records:
        try:
            uploads = _uploads_of(record["body"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            reason = f"not an S3 event: {type(error).__name__}: {error}"[:256]
            batch.unreadable.append(Unreadable(record["messageId"], record["body"], reason))
            continue
        batch.message_ids.append(record["messageId"])
        for upload in uploads:
            batch.add(upload)
    return batch


def _uploads_of(body: str) -> list[Upload]:
    event = json.loads(body)
    if event.get("Event") == "s3:TestEvent":
        return []
    uploads = [_upload_of(record) for record in event["Records"]]
    return [upload for upload in uploads if not upload.key.endswith("/")]


def _upload_of(record: dict[str, Any]) -> Upload:
    s3 = record["s3"]
    return Upload(
        bucket=s3["bucket"]["name"],
        key=unquote_plus(s3["object"]["key"]),
        size=int(s3["object"].get("size", 0)),
        sequencer=s3["object"].get("sequencer", ""),
    )
