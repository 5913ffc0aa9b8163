"""The account's requests to itself: no connection, and all that stands in front of a service."""

import subprocess
import sys
from pathlib import Path

import pytest

from localcloud.account import free_port
from localcloud.deploy import PROJECT

WITHOUT_SPARK = """
import os
import sys
from pathlib import Path
from unittest.mock import Mock

from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

import localcloud.account
from localcloud import aws, iam
from tests.localcloud.process import create_role

localcloud.account.SparkDriver = Mock()
connected, send = [], URLLib3Session.send
URLLib3Session.send = lambda session, request: (connected.append(request.method), send(session, request))[1]
with localcloud.account.Account(int(sys.argv[1]), Path(sys.argv[2])):
    create_role(aws.client("iam"), "reader", ["states"], ["s3:GetObject"])  # once it answers, it is loaded
    assert connected == ["POST", "POST"], "MiniStack authorizes IAM itself"
    connected.clear()
    s3 = aws.client("s3")
"""
BODIES = """
    s3.create_bucket(Bucket="lake")
    file = Path(sys.argv[2], "file")
    file.write_bytes(b"from a file")
    with file.open("rb") as body:
        s3.put_object(Bucket="lake", Key="a b/\\u00e9?", Body=body)
    s3.put_object(Bucket="lake", Key="empty", Body=b"", Metadata={"kind": "none"})

    listed = [entry["Key"] for entry in s3.list_objects_v2(Bucket="lake", Prefix="a b/")["Contents"]]
    read = s3.get_object(Bucket="lake", Key="a b/\\u00e9?", Range="bytes=5-6")

    assert listed == ["a b/\\u00e9?"]
    assert read["Body"].read() == b"a "
    assert read["ResponseMetadata"]["RequestId"]
    assert s3.get_object(Bucket="lake", Key="empty")["Metadata"] == {"kind": "none"}
    assert connected == []
    assert s3.head_object(Bucket="lake", Key="empty")["ContentLength"] == 0
    assert connected == ["HEAD"]
"""
PERMISSIONS = """
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="a", Body=b"a")
    with iam.acting_as("reader", "states"):
        reader = aws.client("s3")
        assert reader.get_object(Bucket="lake", Key="a")["Body"].read() == b"a"
        try:
            reader.put_object(Bucket="lake", Key="a", Body=b"b")
        except ClientError as error:
            assert "assumed-role/reader/states is not authorized" in str(error), error
        else:
            raise AssertionError("written without permission")
    assert connected == []
"""
END = """
    os._exit(0)  # its threads are still loading
"""


@pytest.mark.parametrize("requests", [BODIES, PERMISSIONS], ids=["bodies", "permissions"])
def test_a_request_of_the_account_to_itself(tmp_path: Path, requests: str) -> None:
    command = [sys.executable, "-c", WITHOUT_SPARK + requests + END, str(free_port()), str(tmp_path)]

    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)

    assert not done.returncode, done.stderr
