"""A run for what is in the bucket already: its objects, told to the queue as S3 tells of uploads.

So start_pipeline remains the one that starts runs, one at a time and numbered.
"""

import json
from typing import Any
from urllib.parse import quote_plus

from operate.errors import OperateError

PREFIX = "read/"
RECORDS_IN_MESSAGE = 50
"""Of 4 KB each at the most: under SQS's limit of 256 KiB, and few messages are one batch, which is one run."""

S3Object = dict[str, Any]


def objects_of(s3: Any, bucket: str) -> list[S3Object]:
    """The objects under `read/`, without folder markers. Raises OperateError where there is none."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
    found = [entry for page in pages for entry in page.get("Contents", []) if not entry["Key"].endswith("/")]
    if not found:
        raise OperateError(f"s3://{bucket}/{PREFIX} holds no objects; upload the input files there")
    return found


def send(sqs: Any, queue_url: str, bucket: str, objects: list[S3Object]) -> None:
    """Send the queue messages as S3's of uploads."""
    for first in range(0, len(objects), RECORDS_IN_MESSAGE):
        part = objects[first : first + RECORDS_IN_MESSAGE]
        records = [_record(entry, bucket, sqs.meta.region_name) for entry in part]
        sqs.send_message(QueueUrl=queue_url, MessageBody=json.dumps({"Records": records}))


def _record(entry: S3Object, bucket: str, region: str) -> dict[str, Any]:
    """A record of an event ("Event message structure", Amazon S3 User Guide), without a sequencer: to whoever compares
    them, S3's own event of the object is the later one."""
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": region,
        "eventTime": entry["LastModified"].isoformat(),
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": bucket},
            "object": {
                "key": quote_plus(entry["Key"]),
                "size": entry["Size"],
                "eTag": entry["ETag"].strip('"'),
            },
        },
    }
