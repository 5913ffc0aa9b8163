"""How many rows a job came to: lines of newline-delimited JSON."""

from collections.abc import Iterable
from pathlib import Path

from benchmarks.account import Account


def in_bucket(account: Account, bucket: str, prefix: str) -> int:
    """Those of the objects under a prefix."""
    s3 = account.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    return sum(_count(s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines()) for key in keys)


def in_folder(folder: Path) -> int:
    """Those of the JSON files in a folder."""
    return sum(_count(file.open("rb")) for file in folder.glob("*.json"))


def _count(lines: Iterable[bytes]) -> int:
    return sum(1 for line in lines if line.strip())
