"""What a run works on and what came of it: files uploaded, results fetched."""

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from functions.alert.failure import events_of
from localcloud import aws, own_api, scratch

_LARGE = 8 * 1024 * 1024
"""Bytes from which an object is fetched in pieces; for a small one that takes twice as long."""
_INCOMING = ".incoming-"
_FETCHED = "fetched"
"""The folder of what is complete; it has another name until then."""


class RunError(Exception):
    """No run can be had; the message says why and what to do."""


def upload(directory: Path, bucket: str) -> list[str]:
    """Upload the directory's CSV files, gzipped or not, under `read/`, the largest first, and return their keys.

    The account learns that these were all, and need not wait for more. Raises RunError where there is none.
    """
    found = (path for path in directory.iterdir() if path.name.endswith((".csv", ".csv.gz")))
    files = sorted(found, key=lambda path: path.stat().st_size, reverse=True)
    if not files:
        raise RunError(f"{directory} holds no .csv file; name a directory that holds the input files")
    with ThreadPoolExecutor(max_workers=4) as pool:
        keys = list(pool.map(lambda path: _upload(path, bucket), files))
    own_api.call("EndUpload", {})
    return keys


def _upload(path: Path, bucket: str) -> str:
    key = f"read/{path.name}"
    aws.upload(path, bucket, key)
    return key


def save(execution_arn: str, bucket: str, output: Path) -> None:
    """Fetch `execution.json`, and for a run that succeeded its results (`write/`) and `validations/`.

    What a former run left there is replaced only then, once all of it is here.
    """
    execution = aws.client("stepfunctions").describe_execution(executionArn=execution_arn)
    execution.pop("ResponseMetadata")

    def fetch(directory: Path) -> None:
        record = {**execution, "history": events_of(aws.client("stepfunctions"), execution_arn)}
        (directory / "execution.json").write_text(json.dumps(record, indent=2, default=_iso) + "\n")
        if execution["status"] == "SUCCEEDED":
            for folder, prefix in _folders(execution["name"]).items():
                _download(bucket, prefix, directory / folder)

    put(fetch, output)


def put(fetch: Callable[[Path], None], output: Path) -> None:
    """Replace in `output` what `fetch` puts into a directory: all of it or, where it is killed, nothing.

    A process that is killed between the two leaves it to the next one, which calls `repair`.
    """
    output.mkdir(parents=True, exist_ok=True)
    repair(output)
    with scratch.directory(_INCOMING, output) as incoming:
        fetching = incoming / "fetching"
        fetching.mkdir()
        fetch(fetching)
        fetching.rename(incoming / _FETCHED)
        try:
            _replace(incoming, output)
        finally:  # an interrupt may have come between two renames
            _replace(incoming, output)


def repair(output: Path) -> None:
    """Finish what a process that was killed had begun to replace in `output`, and remove what else it left."""
    for incoming in scratch.abandoned(_INCOMING, output):
        _replace(incoming, output)
        shutil.rmtree(incoming, ignore_errors=True)


def _folders(run: str) -> dict[str, str]:
    return {"write": "write/", "validations": f"validations/{run}/"}


def _download(bucket: str, prefix: str, directory: Path) -> None:
    directory.mkdir()
    s3 = aws.client("s3")
    for key, size in _listed(bucket, prefix):
        path = directory / key.removeprefix(prefix)
        path.parent.mkdir(parents=True, exist_ok=True)
        if size < _LARGE:
            path.write_bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        else:
            s3.download_file(bucket, key, str(path))


def _listed(bucket: str, prefix: str) -> Iterator[tuple[str, int]]:
    """The keys under a prefix, and the bytes of their objects."""
    for page in aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from ((entry["Key"], entry["Size"]) for entry in page.get("Contents", []))


def _replace(incoming: Path, output: Path) -> None:
    """Put all that was fetched in its place; whenever this is cut short, doing it again does the rest."""
    for new in sorted((incoming / _FETCHED).glob("*")):
        old = output / new.name
        if old.exists():
            old.rename(incoming / f"former-{new.name}")
        new.rename(old)


def _iso(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="milliseconds")
    raise TypeError(f"{type(value).__name__} has no place in execution.json")
