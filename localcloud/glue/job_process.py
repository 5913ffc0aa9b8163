"""The process of one job run: its script and arguments, its output in CloudWatch Logs, how it ended."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from localcloud.aws import REGION, client, endpoint

RUNTIME = Path(__file__).parent / "runtime"
OUTPUT_LOG = "/aws-glue/jobs/output"
ERROR_LOG = "/aws-glue/jobs/error"
_FLUSH_SECONDS = 1.0
_BATCH_EVENTS, _BATCH_BYTES = 10_000, 1_000_000  # PutLogEvents' limits, less a margin for what each event adds


@dataclass(frozen=True)
class Launch:
    """What a process is started with."""

    run_id: str
    script: Path
    arguments: Mapping[str, str]
    python_path: list[Path]
    session: Mapping[str, str]
    """Settings of the run's Spark session."""
    buckets: Path
    """The directory that holds a directory for each bucket."""
    environment: Mapping[str, str]


class JobProcess:
    """A script that runs in a process of its own; `wait` tells how it ended."""

    def __init__(self, launch: Launch, directory: Path) -> None:
        self._outcome = directory / "outcome"
        work = directory / "work"
        work.mkdir()
        description = directory / "launch.json"
        description.write_text(_description(launch, self._outcome))
        self._process = subprocess.Popen(
            [sys.executable, str(RUNTIME / "run_script.py"), str(description)],
            cwd=work,
            env=_environment(launch),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._logs = [
            LogStream(ERROR_LOG, launch.run_id, self._process.stderr),
            LogStream(OUTPUT_LOG, launch.run_id, self._process.stdout),
        ]

    def wait(self, seconds: float | None) -> str | None:
        """Wait for the end: None when the script succeeded, else why it did not, in one line.

        Raises subprocess.TimeoutExpired when it has not ended after `seconds`.
        """
        code = self._process.wait(seconds)
        self.kill()  # what the script left running would keep its output open
        for log in self._logs:
            log.finish()
        if code < 0:
            return f"The script's process was ended by {signal.Signals(-code).name}"
        if code == 0:
            return None
        return self._outcome.read_text() if self._outcome.exists() else f"The script's process exited with {code}"

    def kill(self) -> None:
        """End the process and those it started, now."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def _description(launch: Launch, outcome: Path) -> str:
    arguments = [word for name, value in launch.arguments.items() for word in (name, value)]
    return json.dumps(
        {
            "run_id": launch.run_id,
            "argv": [str(launch.script), *arguments],
            "python_path": [str(path) for path in launch.python_path],
            "session": dict(launch.session),
            "buckets": str(launch.buckets),
            "outcome": str(outcome),
        }
    )


def _environment(launch: Launch) -> dict[str, str]:
    account = {
        "AWS_ENDPOINT_URL": endpoint(),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    python = {
        "PYTHONPATH": os.pathsep.join(str(path) for path in (RUNTIME, *launch.python_path)),
        "PYTHONUNBUFFERED": "1",
        "PYSPARK_PYTHON": sys.executable,
    }
    return os.environ | account | python | launch.environment


class LogStream(threading.Thread):
    """Sends the lines of a pipe to a stream of CloudWatch Logs as they come, at most once a second."""

    def __init__(self, group: str, stream: str, pipe: IO[bytes] | None) -> None:
        super().__init__(name=f"{group} {stream}", daemon=True)
        assert pipe is not None
        self._group, self._stream, self._pipe = group, stream, pipe
        self._events: list[dict[str, Any]] = []
        self._sent = 0.0
        self._created = False
        self.start()

    def run(self) -> None:
        """Read until the pipe ends."""
        for line in self._pipe:
            text = line.decode(errors="replace").rstrip("\r\n")
            if text:  # CloudWatch Logs takes no empty events
                self._events.append({"timestamp": int(time.time() * 1000), "message": text})
            if time.monotonic() - self._sent > _FLUSH_SECONDS:
                self._flush()
        self._flush()

    def finish(self) -> None:
        """Wait until all is sent."""
        self.join()

    def _flush(self) -> None:
        events, self._events = self._events, []
        self._sent = time.monotonic()
        if events and not self._created:
            create_stream(self._group, self._stream)
            self._created = True
        for batch in _batches(events):
            client("logs").put_log_events(logGroupName=self._group, logStreamName=self._stream, logEvents=batch)


def create_stream(group: str, stream: str) -> None:
    """Create a log stream, and its group unless there is one."""
    logs = client("logs")
    try:
        logs.create_log_group(logGroupName=group)
    except logs.exceptions.ResourceAlreadyExistsException:
        pass
    logs.create_log_stream(logGroupName=group, logStreamName=stream)


def _batches(events: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    for event in events:
        length = len(event["message"].encode()) + 26
        if batch and (len(batch) == _BATCH_EVENTS or size + length > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch


def fetch(address: str, directory: Path) -> Path:
    """The object at an `s3://bucket/key` address, as a file of the same name in `directory`."""
    parts = urlsplit(address)
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / Path(parts.path).name
    client("s3").download_file(parts.netloc, parts.path.lstrip("/"), str(file))
    return file
