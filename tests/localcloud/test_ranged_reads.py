"""A ranged read takes what it asks for of an object, and no more."""

import os

from tests.localcloud.process import Process
from tests.localcloud.waiting import Clients

TEBIBYTE = 1024**4


def test_a_range_of_an_object_that_no_memory_could_hold(process: Process, account: Clients) -> None:
    account("s3").put_object(Bucket="lake", Key="vast.csv", Body=b"id;name\n1;Zo\xc3\xab\n")
    [file] = (process.directory / "s3").rglob("vast.csv")
    os.truncate(file, TEBIBYTE)

    read = account("s3").get_object(Bucket="lake", Key="vast.csv", Range="bytes=3-6")

    assert (read["Body"].read(), read["ContentRange"]) == (b"name", "bytes 3-6/15")
    account("s3").delete_object(Bucket="lake", Key="vast.csv")
