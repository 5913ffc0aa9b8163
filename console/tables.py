"""What the tables of a stack hold, and the Data Catalog."""

from typing import Any

from charts.athena import QueryFailedError, answered
from charts.query import quoted
from operate.errors import OperateError
from operate.stack import Clients

CHECK = ("run", "check_name", "passed", "observed", "expected", "bytes_scanned", "milliseconds")
"""The columns of a check's record that are shown."""
MOST_CHECKS = 1000


class Tables:
    """The results' tables of a stack, read through its work group."""

    def __init__(self, client: Clients, work_group: str, database: str) -> None:
        self._client, self._work_group, self._database = client, work_group, database

    def checks(self) -> list[dict[str, str | None]]:
        """The records of the checks, those of the newest run first and of it the failed ones.

        Raises OperateError where the query fails.
        """
        sql = (
            f"select {', '.join(CHECK)} from {quoted(self._database)}.validation_results "
            f"order by run desc, passed, check_name limit {MOST_CHECKS}"
        )
        try:
            rows = list(answered(self._client("athena"), sql, self._work_group))
        except QueryFailedError as error:
            raise OperateError(f"Athena could not read validation_results: {error}") from None
        return [dict(zip(CHECK, row, strict=True)) for row in rows]

    def catalog(self) -> list[dict[str, Any]]:
        """The databases of the Data Catalog, with their tables and columns."""
        glue = self._client("glue")
        pages = glue.get_paginator("get_databases").paginate()
        names = [database["Name"] for page in pages for database in page["DatabaseList"]]
        return [{"name": name, "tables": _tables(glue, name)} for name in names]


def _tables(glue: Any, database: str) -> list[dict[str, Any]]:
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
    return [_table(table) for page in pages for table in page["TableList"]]


def _table(table: dict[str, Any]) -> dict[str, Any]:
    stored = table.get("StorageDescriptor", {})
    return {
        "name": table["Name"],
        "location": stored.get("Location", ""),
        "columns": [_column(column) for column in stored.get("Columns", [])],
        "partitions": [_column(column) for column in table.get("PartitionKeys", [])],
        "records": table.get("Parameters", {}).get("recordCount"),
    }


def _column(column: dict[str, str]) -> dict[str, str]:
    return {"name": column["Name"], "type": column.get("Type", ""), "comment": column.get("Comment", "")}
