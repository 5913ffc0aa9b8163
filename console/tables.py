"""What Athena answers and the Data Catalog holds."""

import time
from typing import Any

from operate.errors import OperateError
from operate.stack import Clients

POLL_SECONDS = 0.2
MOST_SECONDS = 60
MOST_ROWS = 5_000

Row = list[str | None]
"""Values as texts."""
CHECKS = """
select run, check_name, passed, observed, expected, bytes_scanned, milliseconds, recorded_at
from validation_results
order by run desc, passed, check_name
limit 1000
"""


class Tables:
    """The results' tables of a stack, read through its work group."""

    def __init__(self, client: Clients, work_group: str, database: str) -> None:
        self._client, self._work_group, self._database = client, work_group, database

    def query(self, sql: str) -> tuple[list[str], list[Row]]:
        """The names of the columns and the rows that the SQL gives.

        Raises OperateError where the query fails, or gives too many for a page.
        """
        athena = self._client("athena")
        query_id = athena.start_query_execution(
            QueryString=sql, WorkGroup=self._work_group, QueryExecutionContext={"Database": self._database}
        )["QueryExecutionId"]
        _wait(athena, query_id)
        rows: list[Row] = []
        for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id):
            found = page["ResultSet"]["Rows"]
            rows += ([cell.get("VarCharValue") for cell in row["Data"]] for row in found)
            if len(rows) > MOST_ROWS:
                raise OperateError(f"a query gave more than {MOST_ROWS} rows, which is too many for a page")
        names, *rows = rows  # as the first row come the names ("GetQueryResults", Athena API Reference)
        return [str(name) for name in names], rows

    def checks(self) -> list[dict[str, str | None]]:
        """The records of the checks, those of the newest run first and of it the failed ones."""
        names, rows = self.query(CHECKS)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def catalog(self) -> list[dict[str, Any]]:
        """The databases of the Data Catalog, with their tables and columns."""
        glue = self._client("glue")
        pages = glue.get_paginator("get_databases").paginate()
        names = [database["Name"] for page in pages for database in page["DatabaseList"]]
        return [{"name": name, "tables": _tables(glue, name)} for name in names]


def _wait(athena: Any, query_id: str) -> None:
    deadline = time.monotonic() + MOST_SECONDS
    while time.monotonic() < deadline:
        status = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            return
        if status["State"] in ("FAILED", "CANCELLED"):
            raise OperateError(f"Athena query {query_id} failed: {status.get('StateChangeReason', '')}")
        time.sleep(POLL_SECONDS)
    raise OperateError(f"Athena query {query_id} took longer than {MOST_SECONDS} seconds")


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
