"""The objects of a crawl: what lies under an include path, and their bytes by range."""

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_FOLDER_MARKERS = ("/", "_$folder$")


@dataclass(frozen=True)
class S3Object:
    """An object of the store; reading it takes one ranged request."""

    s3: Any
    bucket: str
    key: str
    size: int

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    def read(self, start: int, length: int) -> bytes:
        """At most `length` bytes from `start` on. Raises botocore's ClientError NoSuchKey when it is gone."""
        if start >= self.size:
            return b""
        wanted = f"bytes={start}-{min(start + length, self.size) - 1}"
        body: bytes = self.s3.get_object(Bucket=self.bucket, Key=self.key, Range=wanted)["Body"].read()
        return body


@dataclass(frozen=True)
class IncludePath:
    """`s3://bucket/folder/`, or the path of one object.

    `folder` is where the path's tables begin: it ends in a slash, or is empty for the whole bucket.
    """

    bucket: str
    path: str

    @classmethod
    def parse(cls, uri: str) -> "IncludePath":
        """Raises ValueError for anything but an S3 path."""
        scheme, _, rest = uri.partition("://")
        bucket, _, path = rest.partition("/")
        if scheme not in ("s3", "s3a", "s3n") or not bucket:
            raise ValueError(f"{uri!r} is no S3 path; write it as s3://bucket/folder/")
        return cls(bucket, path)

    @property
    def folder(self) -> str:
        return self.path if not self.path or self.path.endswith("/") else f"{self.path}/"

    def holds(self, uri: str) -> bool:
        """Whether a table's location lies on this path."""
        return f"{uri.rstrip('/')}/".startswith(f"s3://{self.bucket}/{self.folder}")

    def objects(self, s3: Any) -> Iterator[S3Object]:
        """The objects on this path, without the markers of folders."""
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.path):
            for entry in page.get("Contents", []):
                key = entry["Key"]
                is_here = key == self.path or key.startswith(self.folder)
                if is_here and not key.endswith(_FOLDER_MARKERS):
                    yield S3Object(s3, self.bucket, key, entry["Size"])

    def ignores(self, key: str, exclusions: Iterable[str]) -> str | None:
        """Why the crawler ignores an object, as the end of a sentence; None where it does not."""
        relative = key.removeprefix(self.folder) if key != self.path else key.rpartition("/")[2]
        if any(name.startswith(("_", ".")) for name in relative.split("/")):
            return "is hidden: a name on its path begins with _ or a dot"
        excluding = next((glob for glob in exclusions if glob_pattern(glob).fullmatch(relative)), None)
        return excluding and f"is excluded by {excluding}"


@functools.cache
def glob_pattern(glob: str) -> re.Pattern[str]:
    """An exclude pattern as a regular expression (AWS Glue: Include and exclude patterns).

    `*` and `?` stay within a folder, `**` does not; `[a-z]`, `[!a]`, `{csv,json}` and `\\` as usual.
    """
    meanings = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}
    pattern, in_braces = "", False
    for token in re.findall(r"\\.|\*\*|\[[^]]+]|.", glob, re.DOTALL):
        in_braces = token == "{" or (in_braces and token != "}")
        if token.startswith("[") and len(token) > 1:
            pattern += f"(?!/){token.replace('[!', '[^', 1)}"
        elif token == "," and in_braces:
            pattern += "|"
        else:
            pattern += meanings.get(token) or re.escape(token[-1])
    return re.compile(pattern, re.DOTALL)
