"""Of a large object no more is in memory than somebody asks for."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.localcloud.process import Process
from tests.localcloud.waiting import Clients

TEBIBYTE = 1024**4
PART = 5 * 2**20
"""The least that a part may have which is not the last."""


def test_a_range_of_an_object_that_no_memory_could_hold(process: Process, account: Clients) -> None:
    account("s3").put_object(Bucket="lake", Key="vast.csv", Body=b"id;name\n1;Zo\xc3\xab\n")
    [file] = (process.directory / "s3").rglob("vast.csv")
    os.truncate(file, TEBIBYTE)

    read = account("s3").get_object(Bucket="lake", Key="vast.csv", Range="bytes=3-6")

    assert (read["Body"].read(), read["ContentRange"]) == (b"name", "bytes 3-6/15")
    account("s3").delete_object(Bucket="lake", Key="vast.csv")


def test_the_parts_of_an_upload_are_put_together(account: Clients) -> None:
    s3, parts = account("s3"), [b"a" * PART, b"b" * PART, b"c"]
    upload = s3.create_multipart_upload(Bucket="lake", Key="parts.csv")["UploadId"]

    tags = [_upload(s3, upload, number, body) for number, body in enumerate(parts, 1)]
    s3.complete_multipart_upload(
        Bucket="lake", Key="parts.csv", UploadId=upload, MultipartUpload={"Parts": tags}
    )

    assert s3.get_object(Bucket="lake", Key="parts.csv")["Body"].read() == b"".join(parts)


def _upload(s3: Any, upload: str, number: int, body: bytes) -> dict[str, Any]:
    answer = s3.upload_part(Bucket="lake", Key="parts.csv", UploadId=upload, PartNumber=number, Body=body)
    return {"PartNumber": number, "ETag": answer["ETag"]}


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells how much memory a process has")
def test_parts_and_versions_are_not_in_memory(process: Process, account: Clients) -> None:
    s3, body = account("s3"), os.urandom(64 * 2**20)
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="kept", Key="first.csv", Body=body)
    before = _memory(process)

    for _ in range(4):
        s3.put_object(Bucket="kept", Key="first.csv", Body=body)
    upload = s3.create_multipart_upload(Bucket="lake", Key="unfinished.csv")["UploadId"]
    for number in range(1, 5):
        s3.upload_part(Bucket="lake", Key="unfinished.csv", UploadId=upload, PartNumber=number, Body=body)

    assert _memory(process) - before < 2 * len(body)
    s3.abort_multipart_upload(Bucket="lake", Key="unfinished.csv", UploadId=upload)


def _memory(process: Process) -> int:
    """Bytes in memory that are not those of a file."""
    status = Path(f"/proc/{process.id}/status").read_text()
    return 1024 * int(status.partition("RssAnon:")[2].split()[0])


def test_each_version_can_be_read(account: Clients) -> None:
    s3 = account("s3")
    s3.create_bucket(Bucket="versions")
    s3.put_object(Bucket="versions", Key="a.csv", Body=b"before")
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    ids = [s3.put_object(Bucket="versions", Key="a.csv", Body=text)["VersionId"] for text in (b"one", b"two")]
    s3.delete_object(Bucket="versions", Key="a.csv")

    read = [
        s3.get_object(Bucket="versions", Key="a.csv", VersionId=version)["Body"].read()
        for version in ("null", *ids)
    ]

    assert read == [b"before", b"one", b"two"]


def test_a_version_is_the_file_that_the_object_was(process: Process, account: Clients) -> None:
    s3 = account("s3")
    s3.create_bucket(Bucket="linked")
    s3.put_bucket_versioning(Bucket="linked", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="linked", Key="linked.csv", Body=b"one")
    [file] = (process.directory / "s3").rglob("linked.csv")
    former = file.stat().st_ino
    s3.put_object(Bucket="linked", Key="linked.csv", Body=b"two")

    [version] = {*(process.directory / "s3").rglob("linked.csv")} - {file}

    assert (version.stat().st_ino, version.read_bytes(), file.read_bytes()) == (former, b"one", b"two")
