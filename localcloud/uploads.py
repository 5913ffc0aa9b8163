"""Whether more is going to be uploaded, which S3's notifications do not tell: what an open batch waits for.

Whoever uploads to this account can say that this was all (`EndUpload`). It holds for every notification of what was
uploaded until then, since these are sent before the uploads are answered; on AWS, within seconds.
"""

import time
from typing import Any

from ministack.services import s3

from localcloud.service import JSON, Operation

_ended_at = 0.0


def register() -> None:
    """Let S3 send its notifications at once, which MiniStack does in threads, each in its own time."""
    s3._fire_s3_event_async = _notify


def are_going_on() -> bool:
    """Whether an object is being uploaded in parts."""
    return bool(s3._multipart_uploads)


def ended_at() -> float:
    """When somebody said last that nothing more comes, in seconds since the epoch."""
    return _ended_at


def end_upload(_: JSON) -> JSON:
    """EndUpload: what was uploaded until now is complete."""
    global _ended_at
    _ended_at = time.time()
    return {}


def _notify(bucket: str, key: str, event: str, *details: Any, **more: Any) -> None:
    s3._fire_s3_event(bucket, key, event, *details, sequencer=s3._next_event_sequencer(event), **more)


OPERATIONS: dict[str, Operation] = {"EndUpload": end_upload}
