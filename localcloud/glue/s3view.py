"""How Spark sees S3 during one job run: a directory for each bucket, and S3 brought up to date at the end."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ministack.services import s3

from localcloud.aws import client
from localcloud.glue.spark import RAW

Signature = tuple[int, int, int]


class S3View:
    """The objects of every bucket as they are when a run starts, as files below `root`: `root/bucket/key`.

    Files are hard links where S3 keeps its objects on the same file system, so that laying them out costs no
    copy. Neither S3 nor Spark changes a file in place: both write a new one and rename it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.hidden: list[str] = []
        """Objects that cannot be files, and which Spark therefore does not see, as `s3://` addresses."""
        self._laid_out: dict[tuple[str, str], Signature] = {}

    def lay_out(self) -> None:
        """Lay out every bucket. Call it in the request's context: it reads the caller's account."""
        for bucket in list(s3._buckets):
            (self.root / bucket).mkdir(parents=True)
            keys = list(s3._buckets[bucket]["objects"])
            folders = {str(folder) for key in keys for folder in PurePosixPath(key).parents}
            for key in keys:
                self._lay_out_object(bucket, key, folders)

    def _lay_out_object(self, bucket: str, key: str, folders: set[str]) -> None:
        if key.endswith("/") and _is_path(key[:-1]):
            (self.root / bucket / key).mkdir(parents=True, exist_ok=True)
        elif key in folders or not _is_path(key):
            self.hidden.append(f"s3://{bucket}/{key}")
        else:
            file = self.root / bucket / key
            file.parent.mkdir(parents=True, exist_ok=True)
            _place(bucket, key, file)
            self._laid_out[bucket, key] = _signature(file)

    def session_settings(self) -> dict[str, str]:
        """Hadoop's settings that make `s3://bucket/key` these files, for the Spark session of the run."""
        return {
            f"fs.viewfs.mounttable.{bucket.name}.linkFallback": f"{RAW}://{bucket}"
            for bucket in self.root.iterdir()
        }

    def put_back(self) -> None:
        """Put what the run wrote into S3 and delete what it deleted; new objects first, as readers are about."""
        found: set[tuple[str, str]] = set()
        for bucket, key, file in self._files():
            found.add((bucket, key))
            if self._laid_out.get((bucket, key)) != _signature(file):
                client("s3").upload_file(str(file), bucket, key)
        for bucket, key in self._laid_out.keys() - found:
            client("s3").delete_object(Bucket=bucket, Key=key)

    def _files(self) -> Iterator[tuple[str, str, Path]]:
        for bucket in self.root.iterdir():
            for file in bucket.rglob("*"):
                key = file.relative_to(bucket)
                if file.is_file() and not _is_scratch(key):
                    yield bucket.name, str(key), file

    def discard(self) -> None:
        """Remove the files; S3 keeps its own."""
        shutil.rmtree(self.root, ignore_errors=True)


def _place(bucket: str, key: str, file: Path) -> None:
    stored = s3._object_disk_path(bucket, key)
    size = s3._buckets[bucket]["objects"][key]["size"]
    if size == 0:
        file.touch()  # markers like _SUCCESS are the one thing Hadoop writes over in place
        return
    try:
        os.link(stored, file)
    except OSError:  # another file system, or an object that S3 keeps in memory
        client("s3").download_file(bucket, key, str(file))


def _signature(file: Path) -> Signature:
    status = file.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _is_path(key: str) -> bool:
    """Whether a key can be the path of a file."""
    parts = key.split("/")
    return "\0" not in key and all(part not in ("", ".", "..") and len(part.encode()) < 256 for part in parts)


def _is_scratch(key: PurePosixPath) -> bool:
    """Whether Hadoop left a file behind: of a write that did not finish, or a checksum."""
    return "_temporary" in key.parts or (key.name.startswith(".") and key.name.endswith(".crc"))
