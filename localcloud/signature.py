"""What tells a file from those that were in its place: S3 and Spark write a new file and rename it, and change none."""

from pathlib import Path

Signature = tuple[int, int, int]
"""Inode, bytes, and nanoseconds of the last change."""


def signature(file: Path) -> Signature:
    """The file's, as it is now. Raises OSError where it is gone."""
    status = file.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
