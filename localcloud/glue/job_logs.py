"""The output of a job's script in CloudWatch Logs: a stream for each run in each of Glue's two groups."""

import contextlib
import threading
import time
from collections.abc import Iterable
from typing import IO, Any

from botocore.exceptions import ClientError

from localcloud.aws import client

OUTPUT = "/aws-glue/jobs/output"
ERROR = "/aws-glue/jobs/error"
_FLUSH_SECONDS = 1.0
# PutLogEvents' limits of a batch; each event counts 26 bytes more than its message.
_BATCH_EVENTS, _BATCH_BYTES, _EVENT_BYTES = 10_000, 1_048_576, 26

Event = dict[str, Any]


class LogStream(threading.Thread):
    """Sends the lines of a pipe to a log stream as they come, at most once a second."""

    def __init__(self, group: str, stream: str, pipe: IO[bytes]) -> None:
        super().__init__(name=f"{group} {stream}", daemon=True)
        self._group, self._stream, self._pipe = group, stream, pipe
        self._logs = client("logs")  # of the caller, whom the thread would not know
        self._events: list[Event] = []
        self._sent = 0.0
        self._created = False
        self._failure: ClientError | None = None
        self.start()

    def run(self) -> None:
        """Read until the pipe ends."""
        with self._pipe:
            for line in self._pipe:
                text = line.decode(errors="replace").rstrip("\r\n")
                if text:  # CloudWatch Logs takes no empty message
                    self._events.append({"timestamp": int(time.time() * 1000), "message": text})
                if time.monotonic() - self._sent > _FLUSH_SECONDS:
                    self._flush()
        self._flush()

    def finish(self) -> None:
        """Wait for the end. Raises ClientError where lines could not be sent."""
        self.join()
        if self._failure:
            raise self._failure

    def _flush(self) -> None:
        events, self._events = self._events, []
        self._sent = time.monotonic()
        try:
            self._send(events)
        except ClientError as error:
            self._failure = error

    def _send(self, events: list[Event]) -> None:
        if events and not self._created:
            _create(self._logs, self._group, self._stream)
            self._created = True
        for batch in batches(events):
            self._logs.put_log_events(logGroupName=self._group, logStreamName=self._stream, logEvents=batch)


def _create(logs: Any, group: str, stream: str) -> None:
    with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)


def batches(events: Iterable[Event]) -> Iterable[list[Event]]:
    """Events in batches that PutLogEvents takes."""
    batch: list[Event] = []
    size = 0
    for event in events:
        length = len(event["message"].encode()) + _EVENT_BYTES
        if batch and (len(batch) == _BATCH_EVENTS or size + length > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch
