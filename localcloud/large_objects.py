"""Large S3 objects stay on the disk: MiniStack would hold an upload's parts, and all of an object for a range of it."""

import contextlib
import mmap
import tempfile
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from ministack.services import s3

from localcloud.service import Handler, Response

_in_its_file = ContextVar("in_its_file", default=False)
_read_whole = s3._read_body
_upload_to_memory = s3._upload_part
_with_data = s3._version_entry_from_record
_copy_displaced = s3._persist_displaced_version


def register(handlers: dict[str, Handler]) -> None:
    """Let a GET with a Range read no more of the object than it asks for, a part wait in a file for the others, and
    versions be only where MiniStack looks for those without data: the last in the object's file, others in their own.
    """
    others = handlers["s3"]

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        _in_its_file.set(method == "GET" and "range" in headers)
        return await others(method, path, headers, body, query)

    handlers["s3"] = handle
    s3._read_body = _read
    s3._upload_part = _upload_part
    s3._version_entry_from_record = lambda record, version, data: _with_data(record, version, None)
    s3._persist_displaced_version = _persist_displaced_version


def _read(bucket: str, key: str, stored: dict[str, Any]) -> bytes | mmap.mmap:
    """The object's bytes; where they are sliced or copied, its file, of which a slice is bytes too."""
    if _in_its_file.get() and stored.get("body") is None and stored["size"]:
        with contextlib.suppress(OSError), Path(s3._object_disk_path(bucket, key)).open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    whole: bytes = _read_whole(bucket, key, stored)
    return whole


def _upload_part(
    bucket: str, key: str, body: bytes, query: dict[str, list[str]], headers: dict[str, str]
) -> Response:
    """Store a part; its bytes are those of a file that goes with them."""
    answer: Response = _upload_to_memory(bucket, key, body, query, headers)
    if answer[0] == 200 and body:
        parts = s3._multipart_uploads[query["uploadId"][0]]["parts"]
        with tempfile.TemporaryFile() as file:
            file.write(body)
            file.flush()
            parts[int(query["partNumber"][0])]["body"] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return answer


def _persist_displaced_version(bucket: str, key: str, former: dict[str, Any] | None, versioning: str) -> None:
    """Make a version a second name of the object's file, which is not written to: what comes next is a new file."""
    if former and versioning == "Enabled" and former.get("body") is None:
        version = s3._version_disk_path(bucket, key, former.get("version_id") or "null")
        with contextlib.suppress(OSError):
            Path(version).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            Path(version).hardlink_to(s3._object_disk_path(bucket, key))
            return
    asked_before = _in_its_file.set(True)
    _copy_displaced(bucket, key, former, versioning)
    _in_its_file.reset(asked_before)
