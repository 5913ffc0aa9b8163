"""A job as its script sees it (awsglue.job). Without bookmarks there is nothing to keep between runs."""

from collections.abc import Mapping
from typing import Any

from awsglue._unsupported import Partial, missing_from


class Job(Partial):
    """Marks the beginning and the end of a job."""

    def __init__(self, glue_context: Any) -> None:
        self._name: str | None = None

    def init(self, job_name: str, args: Mapping[str, Any] | None = None) -> None:
        """Begin; `args` are those of getResolvedOptions."""
        self._name = job_name

    def isInitialized(self) -> bool:  # noqa: N802
        """Whether the job has begun and is not committed."""
        return self._name is not None

    def commit(self) -> None:
        """End."""
        self._name = None


__getattr__ = missing_from(__name__)
