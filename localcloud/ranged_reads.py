"""Ranged reads of S3 objects, answered from the object's file: MiniStack would read the whole object for each."""

import contextlib
import mmap
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from ministack.services import s3

from localcloud.service import Handler, Response

_is_ranged = ContextVar("is_ranged", default=False)
_read_whole = s3._read_body


def register(handlers: dict[str, Handler]) -> None:
    """Let a GET with a Range read no more of the object than it asks for."""
    others = handlers["s3"]

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        _is_ranged.set(method == "GET" and "range" in headers)
        return await others(method, path, headers, body, query)

    handlers["s3"] = handle
    s3._read_body = _read


def _read(bucket: str, key: str, stored: dict[str, Any]) -> bytes | mmap.mmap:
    """The object's bytes; where only a slice of them is taken, its file, of which a slice is bytes too."""
    if _is_ranged.get() and stored.get("body") is None and stored["size"]:
        with contextlib.suppress(OSError), Path(s3._object_disk_path(bucket, key)).open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    whole: bytes = _read_whole(bucket, key, stored)
    return whole
