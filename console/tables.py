"""What Athena answers and the Data Catalog holds."""

import time
from typing import Any

from operate.errors import OperateError
from operate.stack import Clients

POLL_SECONDS = 0.2
MOST_SECONDS = 60
MOST_ROWS = 5_000

Row = dict[str, str | None]
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

    def query(self, sql: str) -> list[Row]:
        """The rows that the SQL gives, as texts. Raises OperateError where the query fails or gives too many."""
        athena = self._client("athena")
        query_id = athena.start_query_execution(
            QueryString=sql, WorkGroup=self._work_group, QueryExecutionContext={"Database": self._database}
        )["QueryExecutionId"]
        _wait(athena, query_id)
        rows: list[Row] = []
        for page in athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id):
            names = [column["Name"] for column in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
            rows += (
                dict(zip(names, (cell.get("VarCharValue") for cell in row["Data"]), strict=True))
                for row in page["ResultSet"]["Rows"]
            )
            if len(rows) > MOST_ROWS:
                raise OperateError(f"a query gave more than {MOST_ROWS} rows, which is too many for a page")
        return rows[1:]  # the first one holds the names ("GetQueryResults", Athena API Reference)

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
