"""How a query fails, in Athena's own error codes."""


class QueryError(Exception):
    """A query that ran and failed: `code` as Athena prints it before the sentence (TABLE_NOT_FOUND ...)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")


class ScanLimitError(Exception):
    """A query that would read more than the workgroup's BytesScannedCutoffPerQuery."""
