"""What a run works on and what came of it: files uploaded, results fetched."""

import datetime as dt
import json
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from functions.alert.failure import events_of
from localcloud import aws


class RunError(Exception):
    """No run can be had; the message says why and what to do."""


def upload(directory: Path, bucket: str) -> list[str]:
    """Upload the directory's CSV files under `read/`, the largest first, and return their keys.

    Raises RunError where there is none.
    """
    files = sorted(directory.glob("*.csv"), key=lambda path: path.stat().st_size, reverse=True)
    if not files:
        raise RunError(f"{directory} holds no .csv file; name a directory that holds the input files")
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(lambda path: _upload(path, bucket), files))


def _upload(path: Path, bucket: str) -> str:
    key = f"read/{path.name}"
    aws.client("s3").upload_file(str(path), bucket, key)
    return key


def save(execution_arn: str, bucket: str, output: Path) -> None:
    """Fetch `execution.json`, and for a run that succeeded its results (`write/`) and `validations/`.

    What a former run left there is replaced only then, each folder at once.
    """
    output.mkdir(parents=True, exist_ok=True)
    execution = aws.client("stepfunctions").describe_execution(executionArn=execution_arn)
    with tempfile.TemporaryDirectory(dir=output, prefix=".incoming-") as directory:
        incoming = Path(directory)
        if execution["status"] == "SUCCEEDED":
            for folder, prefix in _folders(execution["name"]).items():
                _download(bucket, prefix, incoming / folder)
                _replace(incoming / folder, output / folder)
        execution.pop("ResponseMetadata")
        record = {**execution, "history": events_of(aws.client("stepfunctions"), execution_arn)}
        (incoming / "execution.json").write_text(json.dumps(record, indent=2, default=_iso) + "\n")
        (incoming / "execution.json").replace(output / "execution.json")


def _folders(run: str) -> dict[str, str]:
    return {"write": "write/", "validations": f"validations/{run}/"}


def _download(bucket: str, prefix: str, directory: Path) -> None:
    directory.mkdir()
    for key in _keys(bucket, prefix):
        path = directory / key.removeprefix(prefix)
        path.parent.mkdir(parents=True, exist_ok=True)
        aws.client("s3").download_file(bucket, key, str(path))


def _keys(bucket: str, prefix: str) -> Iterator[str]:
    for page in aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (entry["Key"] for entry in page.get("Contents", []))


def _replace(new: Path, old: Path) -> None:
    """Put `new` in the place of `old`."""
    aside = new.with_name(f"{new.name}.former")
    if old.exists():
        old.rename(aside)
    new.rename(old)
    shutil.rmtree(aside, ignore_errors=True)


def _iso(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="milliseconds")
    raise TypeError(f"{type(value).__name__} has no place in execution.json")
