"""The log of a crawl in CloudWatch Logs, where the real one is: /aws-glue/crawlers, a stream per crawler."""

import contextlib
import time
from typing import Any

LOG_GROUP = "/aws-glue/crawlers"
_BATCH = 500


def warnings(logs: Any, stream: str, crawl_id: str) -> list[str]:
    """What a crawl warned of, read back from the log."""
    read = logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=stream, startFromHead=True)
    mark = f"[{crawl_id}] WARN : "
    return [e["message"].removeprefix(mark) for e in read["events"] if e["message"].startswith(mark)]


class CrawlLog:
    """Lines of one crawl, each with the crawl's id in front; `flush` writes those not yet written."""

    def __init__(self, logs: Any, stream: str, crawl_id: str) -> None:
        self._logs, self._stream, self._crawl_id = logs, stream, crawl_id
        self._events: list[dict[str, Any]] = []

    def benchmark(self, message: str) -> None:
        self._add("BENCHMARK", message)

    def info(self, message: str) -> None:
        self._add("INFO", message)

    def warn(self, message: str) -> None:
        self._add("WARN", message)

    def error(self, message: str) -> None:
        self._add("ERROR", message)

    def flush(self) -> None:
        """Write what was logged; makes the group and the stream where they are missing."""
        if not self._events:
            return
        for create, names in (
            (self._logs.create_log_group, {"logGroupName": LOG_GROUP}),
            (self._logs.create_log_stream, {"logGroupName": LOG_GROUP, "logStreamName": self._stream}),
        ):
            with contextlib.suppress(self._logs.exceptions.ResourceAlreadyExistsException):
                create(**names)
        events, self._events = self._events, []
        self._logs.put_log_events(logGroupName=LOG_GROUP, logStreamName=self._stream, logEvents=events)

    def _add(self, level: str, message: str) -> None:
        line = f"[{self._crawl_id}] {level} : {message}"
        self._events.append({"timestamp": int(time.time() * 1000), "message": line})
        if len(self._events) >= _BATCH:
            self.flush()
