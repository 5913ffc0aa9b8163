"""Files that Spark must not be given: each would be read as something else than it is, or end the JVM."""

import functools
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from pyspark.sql import SparkSession

WITHHELD = "AccessDenied.gz"
"""What lies in the place of what the role may not read, with the reason in it."""
LONGEST_LINE = 32 * 1024 * 1024


class LineTooLongError(Exception):
    """A line is longer than Spark, which holds it whole, can be trusted with."""


def readable(spark: SparkSession, location: str, compression: str) -> list[tuple[Path, str]]:
    """The files of a CSV table at an `s3://` location, with their addresses; `compression` is what the crawler found.

    Raises LineTooLongError, PermissionError for what the job's role may not read, and NotImplementedError for gzip data
    that does not bear the name.
    """
    files = list(_files(spark, location))
    for file, address in files:
        if file.name == WITHHELD:
            raise PermissionError(file.read_text())
        if compression == "gzip" and file.suffix != ".gz":
            raise NotImplementedError(
                f"{address} is gzip data whose name does not end in .gz, which is not supported by localcloud"
            )
        if (start := _endless_line(file)) is not None:
            raise LineTooLongError(
                f"{address} has a line of more than {LONGEST_LINE // 1024**2} MiB, from byte {start} on; "
                "is it a text file, and do its lines end?"
            )
    return files


def _files(spark: SparkSession, location: str) -> Iterator[tuple[Path, str]]:
    """The files at a location, with their addresses; none in a bucket that Spark has no directory for."""
    bucket, key = _bucket_and_key(location)
    mount = spark.conf.get(f"fs.viewfs.mounttable.{bucket}.linkFallback", "")
    root = Path(str(mount).partition("://")[2])
    place = root / key
    for file in [place, *place.rglob("*")] if mount else []:
        if file.is_file():
            yield file, f"s3://{bucket}/{file.relative_to(root)}"


def check_listing(location: str) -> None:
    """Ask S3 what is at an `s3://` location. Raises ClientError where the job's role may not know."""
    bucket, key = _bucket_and_key(location)
    _s3().list_objects_v2(Bucket=bucket, Prefix=key and f"{key}/", MaxKeys=1)


@functools.cache
def _s3() -> Any:
    return boto3.client("s3")


def _bucket_and_key(location: str) -> tuple[str, str]:
    bucket, _, key = location.partition("://")[2].partition("/")
    return bucket, key.strip("/")


def _endless_line(file: Path) -> int | None:
    """Where a line begins that is too long: of each such stretch only the last line end is looked for."""
    if file.stat().st_size <= LONGEST_LINE:
        return None
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as text:
        start = 0
        while len(text) - start > LONGEST_LINE:
            ends = (text.rfind(mark, start, start + LONGEST_LINE) for mark in (b"\n", b"\r"))
            end = next((place for place in ends if place >= 0), None)
            if end is None:
                return start
            start = end + 1
    return None
