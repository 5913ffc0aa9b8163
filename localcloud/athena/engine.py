"""Running one query: its tables as views, its SQL in DuckDB, its rows in a file."""

import contextlib
import os
import re
import threading
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
from sqlglot import exp

from localcloud.athena import sql as athena_sql
from localcloud.athena.catalog import DataObject, Table, database_exists, find_table
from localcloud.athena.errors import QueryError, ScanLimitError
from localcloud.athena.readers import create_view
from localcloud.athena.results import Column, column, write_csv

MALFORMED_JSON = re.compile(
    r'Malformed JSON in file "(?P<file>[^"]*)", at byte \d+ in line (?P<line>\d+): (?P<why>[^\n]*)'
)
UNKNOWN_FUNCTION = re.compile(r"Function with name (\S+) does not exist")


@dataclass
class Query:
    """One execution of a parsed query."""

    sql: str
    parsed: exp.Query
    database: str

    def __post_init__(self) -> None:
        self.connection = session()
        self._catalog = f"query_{uuid.uuid4().hex}"
        self.tables: list[Table] = []
        self._closed = threading.Event()

    @property
    def objects(self) -> list[DataObject]:
        return [data for table in self.tables for data in table.objects]

    @property
    def bytes_scanned(self) -> int:
        """The size of every object of every table in the query: nothing is read twice."""
        return sum(data.size for data in self.objects)

    def plan(self, scan_limit: int | None) -> None:
        """Look the tables up; ScanLimitError when they hold more than `scan_limit` bytes."""
        # Athena looks at it for every query ("Configure access to databases and tables in the AWS Glue Data Catalog").
        database_exists("default")
        athena_sql.refuse_table_functions(self.parsed)
        names = athena_sql.table_names(self.parsed, self.sql, self.database)
        self.tables = [find_table(table.database, table.name, table.position) for table in names]
        if scan_limit is not None and self.bytes_scanned > scan_limit:
            raise ScanLimitError

    def run(self, output: Path) -> list[Column]:
        """Write the result to `output` and return its columns; QueryError as Athena words it."""
        translated = athena_sql.to_duckdb(self.sql, self.tables, self.database)
        try:
            self.create_views()
            described = enumerate(self.connection.sql(translated).description)
            columns = [column(output_name(i, name), str(type_)) for i, (name, type_, *_) in described]
            write_csv(self.connection, translated, columns, output)
        except duckdb.Error as error:
            raise self.as_athena(error) from error
        return columns

    def create_views(self) -> None:
        """Make the tables known in a catalog of the query's own, beside those of others."""
        self.connection.execute(f"ATTACH ':memory:' AS {self._catalog}")
        self.connection.execute(f"USE {self._catalog}")
        for table in self.tables:
            create_view(self.connection, table)

    def stop(self) -> None:
        """Interrupt the query until it ends: an interrupt between two statements is lost."""
        while not self._closed.wait(0.02):
            with contextlib.suppress(duckdb.ConnectionException):
                self.connection.interrupt()

    def close(self) -> None:
        self._closed.set()
        self.connection.close()
        with session() as other:  # one that nobody interrupts
            other.execute(f"DETACH DATABASE IF EXISTS {self._catalog}")

    def as_athena(self, error: duckdb.Error) -> QueryError:
        message = str(error)
        if "ivision by zero" in message:
            return QueryError("DIVISION_BY_ZERO", "/ by zero")
        if malformed := MALFORMED_JSON.search(message):
            # DuckDB counts one line too many, as a test shows.
            where = f"line {int(malformed['line']) - 1} of {self.with_addresses(malformed['file'])}"
            return QueryError("HIVE_BAD_DATA", f"Row is not a valid JSON Object: {where}: {malformed['why']}")
        if function := UNKNOWN_FUNCTION.search(message):
            return QueryError("FUNCTION_NOT_FOUND", f"Function '{function[1]}' not registered")
        text = self.with_addresses(athena_sql.first_line(error)).partition("Error: ")[2]
        code, separator, rest = text.partition(": ")
        if separator and code.startswith("HIVE_"):
            return QueryError(code, rest)
        return QueryError(CODES.get(type(error), "GENERIC_INTERNAL_ERROR"), text)

    def with_addresses(self, text: str) -> str:
        """`text` with S3 addresses where it names files."""
        for data in self.objects:
            text = text.replace(data.path, data.url)
        return text


def session() -> duckdb.DuckDBPyConnection:
    """A session of Athena's one DuckDB, for another takes 17 ms to start, longer than most queries here."""
    return _duckdb().cursor()


@cache
def _duckdb() -> duckdb.DuckDBPyConnection:
    """It reads S3's objects, which of them is for the views to say, and writes results; it sees no other file."""
    database = duckdb.connect(":memory:")
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    folders = [os.environ["S3_DATA_DIR"], str(results_folder())]
    database.execute("SET allowed_directories = $folders", {"folders": folders})
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")
    return database


def results_folder() -> Path:
    """Where results are written, before they are put into S3."""
    folder = Path(os.environ["S3_DATA_DIR"]).with_name("athena")
    folder.mkdir(exist_ok=True)
    return folder


CODES: dict[type[duckdb.Error], str] = {
    duckdb.BinderException: "SYNTAX_ERROR",
    duckdb.CatalogException: "SYNTAX_ERROR",
    duckdb.ConversionException: "INVALID_CAST_ARGUMENT",
    duckdb.OutOfRangeException: "NUMERIC_VALUE_OUT_OF_RANGE",
    duckdb.PermissionException: "NOT_SUPPORTED",
}


def output_name(position: int, name: str) -> str:
    return f"_col{position}" if name.startswith(athena_sql.UNNAMED) else name
