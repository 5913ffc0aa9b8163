"""How Spark sees S3 during one job run: a directory for each bucket, and S3 brought up to date at the end."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from botocore.exceptions import ClientError
from ministack.services import s3

from localcloud import iam
from localcloud.aws import caller, client, upload
from localcloud.glue.spark import RAW
from localcloud.signature import Signature, signature

Object = tuple[str, str]  # bucket and key
WITHHELD = "AccessDenied.gz"
"""In the place of what a role may not read: a file that no reader can read, and that none passes over."""
_ADDRESS = re.compile(r"s3://([^/\s]+)/([^\s,;:'\"]*)")
"""Bucket and key of an object, or a folder."""
_NOT_ZIPPED = re.compile("not a gzip|not in gzip|header check", re.IGNORECASE)


class S3View:
    """The objects of every bucket as they are when a run starts, as files below `root`: `root/bucket/key`.

    Files are hard links where S3 keeps its objects on the same file system, so that laying them out costs no
    copy. Neither S3 nor Spark changes a file in place: both write a new one and rename it.

    What the caller, the job's role, may not list and get is withheld: reading it fails, and so does deleting it, before
    which Spark asks for its status.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.size = 0
        """Bytes of all that may be read."""
        self.hidden: list[str] = []
        """Objects that cannot be files, and which Spark therefore does not see, as `s3://` addresses."""
        self._laid_out: dict[Object, Signature] = {}
        self._withheld: dict[Path, str] = {}
        """Why each path may not be read."""
        self._unreadable: dict[str, Path] = {}
        """For each reason a folder that stands in the place of what it is the reason for."""
        self._closed: dict[Object, str | None] = {}
        """Why the role may not list each folder, '' the bucket's own; None where it may."""

    def lay_out(self) -> None:
        """Lay out every bucket. Call it in the run's context: it reads its account, as its role."""
        self.root.mkdir(parents=True)
        for bucket in list(s3._buckets):
            objects = dict(s3._buckets[bucket]["objects"])
            folders = _folders(objects)
            self._make(bucket, "")
            for folder in folders:
                # What is in a folder that is closed need not be there to be closed too.
                if not (self._closed_by(bucket, folder) and self._closed_by(bucket, _above(folder))):
                    self._make(bucket, folder)
            for key, stored in objects.items():
                if _is_path(key) and key not in folders:
                    self._lay_out_object(bucket, key, stored["size"])
                elif not (key.endswith("/") and key.rstrip("/") in folders):
                    self.hidden.append(f"s3://{bucket}/{key}")

    def _lay_out_object(self, bucket: str, key: str, size: int) -> None:
        if self._closed_by(bucket, _above(key)):
            return
        file = self.root / bucket / key
        getting = iam.Permission("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
        if denial := iam.denial_of(caller().access_key_id, getting):
            # For whoever reads the path, and for whoever reads its folder: Spark passes over folders in a folder.
            file.symlink_to(self._unreadable_for(denial))
            self._withheld[file] = denial
            self._mark(file.parent, denial)
        elif _place(bucket, key, size, file):
            self._laid_out[bucket, key] = signature(file)
            self.size += size

    def _closed_by(self, bucket: str, folder: str) -> str | None:
        """Why the role may not list a folder, of which nothing is laid out then: it cannot tell what is there."""
        if (bucket, folder) not in self._closed:
            prefix = folder and f"{folder}/"
            listing = iam.Permission("s3:ListBucket", f"arn:aws:s3:::{bucket}", (("s3:prefix", prefix),))
            self._closed[bucket, folder] = iam.denial_of(caller().access_key_id, listing)
        return self._closed[bucket, folder]

    def _make(self, bucket: str, folder: str) -> None:
        """Make a folder and those that it is in, with a mark where the role may not list it."""
        path = self.root / bucket / folder
        if not path.exists():
            if folder:
                self._make(bucket, _above(folder))
            path.mkdir()
            if denial := self._closed_by(bucket, folder):
                self._mark(path, denial)

    def _mark(self, folder: Path, denial: str) -> None:
        """Let whoever reads the folder meet the reason."""
        mark = folder / WITHHELD
        if mark not in self._withheld:
            mark.symlink_to(self._unreadable_for(denial) / WITHHELD)
            self._withheld[mark] = denial

    def _unreadable_for(self, denial: str) -> Path:
        if denial not in self._unreadable:
            folder = self.root.with_name("withheld") / str(len(self._unreadable))
            folder.mkdir(parents=True)
            (folder / WITHHELD).write_text(denial)
            self._unreadable[denial] = folder
        return self._unreadable[denial]

    def denial_behind(self, failure: str) -> str | None:
        """S3's refusal, where it is why a script failed: it names a path that was withheld, or could not unzip one."""
        for file, denial in self._withheld.items():
            if f"s3://{file.relative_to(self.root)}" in failure:
                return denial
        for bucket, address in _ADDRESS.findall(failure):
            if bucket in s3._buckets:
                key = address.rstrip("/.")
                is_object = key in s3._buckets[bucket]["objects"]
                if closed := self._closed_by(bucket, _above(key) if is_object else key):
                    return closed
        if self._withheld and _NOT_ZIPPED.search(failure):
            return f"perhaps because {next(iter(self._withheld.values()))}"
        return None

    def session_settings(self) -> dict[str, str]:
        """Hadoop's settings that make `s3://bucket/key` these files, for the Spark session of the run."""
        buckets = [bucket.name for bucket in self.root.iterdir()]
        return {
            f"fs.viewfs.mounttable.{bucket}.linkFallback": f"{RAW}://{self.root / bucket}"
            for bucket in buckets
            # Hadoop would take the settings of bucket `a.b` for malformed ones of bucket `a`.
            if not any(bucket.startswith(f"{other}.") for other in buckets)
        }

    def put_back(self) -> None:
        """Put what the run wrote into S3 and delete what it deleted: first the new, as others may be reading.

        Raises AccessDeniedError where the run deleted what was withheld, or wrote to a folder that it may not list,
        as Spark does before it writes, and ClientError where S3 refuses.
        """
        for file, denial in self._withheld.items():
            if not file.is_symlink():
                raise iam.AccessDeniedError(denial)
        found = dict(self._files())
        new = {where: file for where, file in found.items() if self._laid_out.get(where) != signature(file)}
        for bucket, key in new:
            if closed := self._closed_by(bucket, _above(key)):
                raise iam.AccessDeniedError(closed)
        for (bucket, key), file in new.items():
            upload(file, bucket, key)
        for bucket, key in self._laid_out.keys() - found.keys():
            client("s3").delete_object(Bucket=bucket, Key=key)

    def _files(self) -> Iterator[tuple[Object, Path]]:
        for bucket in self.root.iterdir():
            for file in bucket.rglob("*"):
                key = file.relative_to(bucket)
                stored = bucket.name, str(key)
                if file in self._withheld:
                    continue
                if file.is_file() and (stored in self._laid_out or not _is_scratch(key)):
                    yield stored, file


def _folders(keys: Iterable[str]) -> set[str]:
    """The folders that keys are in, or are: one that ends with a slash marks its folder."""
    found: set[str] = set()
    for key in keys:
        if _is_path(key.rstrip("/")):
            folder = _above(key).rstrip("/")
            while folder and folder not in found:
                found.add(folder)
                folder = _above(folder)
    return found


def _above(key: str) -> str:
    """The folder that an object or a folder is in, '' the bucket's own."""
    return key.rpartition("/")[0]


def _place(bucket: str, key: str, size: int, file: Path) -> bool:
    """Make `file` an object; False when the object is gone meanwhile."""
    stored = s3._object_disk_path(bucket, key)
    if size == 0:
        file.touch()  # a marker such as _SUCCESS is the one file that Hadoop writes over in place
        return True
    try:
        os.link(stored, file)
    except OSError:  # another file system, or an object that S3 keeps in memory
        try:
            client("s3").download_file(bucket, key, str(file))
        except ClientError as error:
            if error.response["Error"]["Code"] != "404":
                raise
            return False
    return True


def _is_path(key: str) -> bool:
    """Whether a key can be the path of a file."""
    parts = key.split("/")
    return "\0" not in key and all(part not in ("", ".", "..") and len(part.encode()) < 256 for part in parts)


def _is_scratch(key: PurePath) -> bool:
    """Whether Hadoop left a file behind: of a write that did not finish, or a checksum."""
    return "_temporary" in key.parts or (key.name.startswith(".") and key.name.endswith(".crc"))
