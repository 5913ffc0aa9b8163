"""One SPICE ingestion: the source's rows through Athena, checked against the data set's types, into Parquet."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import duckdb
from botocore.exceptions import ClientError
from sqlglot import exp

from localcloud import aws, endings
from localcloud.athena.catalog import object_file
from localcloud.athena.operations import bucket_and_key
from localcloud.athena.readers import lenient, literal, name
from localcloud.quicksight.datasets import Source
from localcloud.service import JSON

# Rows that may be skipped before an ingestion fails ("Skipped rows" in Importing data into SPICE).
MOST_ROWS_DROPPED = 10_000
# How soon an ingestion that waits for its query notices that it is cancelled.
CANCEL_SECONDS = 0.5
# A SPICE decimal has four digits after the point, unless its SubType is FLOAT.
FIXED, FLOAT = "decimal(19,4)", "double"
TYPES = {"INTEGER": "bigint", "DATETIME": "timestamp", "BIT": "boolean", "BOOLEAN": "boolean"}
# Athena's error codes: ErrorInfo's types.
ERROR_TYPES = {
    "TABLE_NOT_FOUND": "SQL_TABLE_NOT_FOUND",
    "SCHEMA_NOT_FOUND": "SQL_TABLE_NOT_FOUND",
    "COLUMN_NOT_FOUND": "SQL_SCHEMA_MISMATCH_ERROR",
    "Bytes scanned limit was exceeded": "SOURCE_RESOURCE_LIMIT_EXCEEDED",
}


class IngestionError(Exception):
    """Why an ingestion failed, as its ErrorInfo: `type` is one of the API's IngestionErrorType."""

    def __init__(self, type_: str, message: str) -> None:
        super().__init__(message)
        self.type = type_


@dataclass(frozen=True)
class Loaded:
    """What an ingestion brought into SPICE."""

    ingested: int
    dropped: int
    size: int


def ingest(source: Source, workgroup: str, target: Path, cancelled: Event) -> Loaded:
    """Replace `target` by the source's rows; as it was where that fails (IngestionError) or is cancelled."""
    location = query(source.query, workgroup, cancelled)
    with TemporaryDirectory(prefix="spice-", dir=target.parent) as scratch:
        parquet = Path(scratch, "rows.parquet")
        loaded = convert(source.columns, object_file(*bucket_and_key(location)), parquet)
        if not cancelled.is_set():
            parquet.replace(target)
    return loaded


def query(sql: str, workgroup: str, cancelled: Event) -> str:
    """Run `sql` in Athena and return where its result is."""
    athena = aws.client("athena")
    try:
        query_id = athena.start_query_execution(QueryString=sql, WorkGroup=workgroup)["QueryExecutionId"]
    except ClientError as error:
        raise IngestionError("SQL_EXCEPTION", error.response["Error"]["Message"]) from None
    execution = ended(query_id, cancelled)
    status = execution["Status"]
    if status["State"] == "SUCCEEDED":
        return str(execution["ResultConfiguration"]["OutputLocation"])
    reason = status.get("StateChangeReason", status["State"])
    code = ERROR_TYPES.get(reason.partition(":")[0], "SQL_EXCEPTION")
    raise IngestionError(code, f"{reason} [Execution ID: {query_id}]")


def ended(query_id: str, cancelled: Event) -> JSON:
    """The query's execution when it has ended; a cancelled ingestion stops it."""
    athena = aws.client("athena")
    while not endings.wait_for_more(query_id, 0, CANCEL_SECONDS):
        if cancelled.is_set():
            athena.stop_query_execution(QueryExecutionId=query_id)
    execution: JSON = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
    return execution


def convert(columns: list[JSON], rows: Path, parquet: Path) -> Loaded:
    """The texts of Athena's result as the data set's types; a row with a value that is not one is dropped."""
    names = [column["Name"].lower() for column in columns]
    if len(set(names)) < len(names):
        raise IngestionError("DUPLICATE_COLUMN_NAMES_FOUND", f"A column is there twice: {', '.join(names)}")
    values = {name(column["Name"]): lenient(spice_type(column), name(column["Name"])) for column in columns}
    fits = " AND ".join(f"({text} IS NULL OR {value} IS NOT NULL)" for text, value in values.items())
    types = ", ".join(f"{literal(column['Name'])}: 'VARCHAR'" for column in columns)
    dialect = "header=true, auto_detect=false, allow_quoted_nulls=false, delim=',', quote='\"', escape='\"'"
    texts = f"read_csv({literal(str(rows))}, columns={{{types}}}, {dialect})"
    with session() as connection:
        connection.execute(f"CREATE TEMP VIEW texts AS FROM {texts}")
        selected = ", ".join(f"{value} AS {text}" for text, value in values.items())
        copy = f"COPY (SELECT {selected} FROM texts WHERE {fits}) TO {literal(str(parquet))} (FORMAT parquet)"
        ingested = count(connection, copy)
        total = count(connection, "SELECT count(*) FROM texts")
    if total - ingested > MOST_ROWS_DROPPED:
        skipped = f"{total - ingested} of {total} rows do not convert to the data set's column types"
        raise IngestionError(
            "DATA_TOLERANCE_EXCEPTION", f"{skipped}; at most {MOST_ROWS_DROPPED} may be skipped"
        )
    return Loaded(ingested, total - ingested, parquet.stat().st_size)


def session() -> duckdb.DuckDBPyConnection:
    """A session of SPICE's one DuckDB, for another takes 17 ms to start; what a session creates is temporary."""
    return _duckdb().cursor()


@cache
def _duckdb() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


def count(connection: duckdb.DuckDBPyConnection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0]) if row else 0


def spice_type(column: JSON) -> exp.DataType:
    decimal = FLOAT if column.get("SubType") == "FLOAT" else FIXED
    type_ = decimal if column["Type"] == "DECIMAL" else TYPES.get(column["Type"], "string")
    return exp.DataType.build(type_, dialect="hive")
