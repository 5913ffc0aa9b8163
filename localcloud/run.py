"""One run, whole: files uploaded, the run they start followed to its end, and what came of it fetched."""

import datetime as dt
import json
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from localcloud import aws, scratch
from localcloud.history import StateRun, events_of, states_of

_INCOMING = ".incoming-"
_FETCHED = "fetched"
"""The folder of what is complete; it has another name until then."""
POLL_SECONDS = 0.3
START_SECONDS = 120
"""How long an upload may take to start a run: it waits for the batching window, and for a run that is going."""


class RunError(Exception):
    """No run can be had; the message says why and what to do."""


def upload(directory: Path, bucket: str) -> list[str]:
    """Upload the directory's CSV files, gzipped or not, under `read/`, the largest first, and return their keys.

    Raises RunError where there is none.
    """
    found = (path for path in directory.iterdir() if path.name.endswith((".csv", ".csv.gz")))
    files = sorted(found, key=lambda path: path.stat().st_size, reverse=True)
    if not files:
        raise RunError(f"{directory} holds no .csv file; name a directory that holds the input files")
    with ThreadPoolExecutor(max_workers=4) as pool:
        return list(pool.map(lambda path: _upload(path, bucket), files))


def _upload(path: Path, bucket: str) -> str:
    key = f"read/{path.name}"
    aws.client("s3").upload_file(str(path), bucket, key)
    return key


def newest_run(state_machine_arn: str) -> str | None:
    """The ARN of the newest execution, None before the first."""
    listed = aws.client("stepfunctions").list_executions(stateMachineArn=state_machine_arn, maxResults=1)
    return next((execution["executionArn"] for execution in listed["executions"]), None)


def wait_for_run(state_machine_arn: str, after: str | None) -> str:
    """The ARN of the run that starts after the run `after`. Raises RunError when none does."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (arn := newest_run(state_machine_arn)) not in (None, after):
            return str(arn)
        time.sleep(POLL_SECONDS)
    raise RunError(
        f"the upload started no run within {START_SECONDS} seconds; "
        "see the log of the function start-pipeline, and the messages in the dead-letter queue"
    )


def follow(execution_arn: str, tell: Callable[[StateRun], None]) -> str:
    """Tell of each state as it is entered and as it is left, until the execution ends; return its status."""
    told: set[tuple[int, bool]] = set()
    while True:
        status = aws.client("stepfunctions").describe_execution(executionArn=execution_arn)["status"]
        for place, state in enumerate(states_of(events_of(execution_arn))):
            for is_left in (False, True):
                if (place, is_left) not in told and (state.seconds is not None or not is_left):
                    told.add((place, is_left))
                    tell(state if is_left else StateRun(state.name, state.entered, None))
        if status != "RUNNING":
            return str(status)
        time.sleep(POLL_SECONDS)


def save(execution_arn: str, bucket: str, output: Path) -> None:
    """Fetch `execution.json`, and for a run that succeeded its results (`write/`) and `validations/`.

    What a former run left there is replaced only then, once all of it is here.
    """
    execution = aws.client("stepfunctions").describe_execution(executionArn=execution_arn)
    execution.pop("ResponseMetadata")

    def fetch(directory: Path) -> None:
        record = {**execution, "history": events_of(execution_arn)}
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
    for key in _keys(bucket, prefix):
        path = directory / key.removeprefix(prefix)
        path.parent.mkdir(parents=True, exist_ok=True)
        aws.client("s3").download_file(bucket, key, str(path))


def _keys(bucket: str, prefix: str) -> Iterator[str]:
    for page in aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (entry["Key"] for entry in page.get("Contents", []))


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
