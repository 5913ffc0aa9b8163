"""A query's result as Athena renders it: texts of values, the CSV in S3, pages of rows, column metadata."""

import datetime as dt
import decimal
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from localcloud.athena.errors import QueryError
from localcloud.athena.readers import literal
from localcloud.service import JSON

Render = Callable[[Any], str]
Row = list[str | None]

# DuckDB's type: Athena's name, precision, scale. sum(bigint) is a hugeint in DuckDB, a bigint in Athena.
TYPES: dict[str, tuple[str, int, int]] = {
    "BOOLEAN": ("boolean", 0, 0),
    "TINYINT": ("tinyint", 3, 0),
    "SMALLINT": ("smallint", 5, 0),
    "INTEGER": ("integer", 10, 0),
    "BIGINT": ("bigint", 19, 0),
    "HUGEINT": ("bigint", 19, 0),
    "FLOAT": ("float", 17, 0),
    "DOUBLE": ("double", 17, 0),
    "VARCHAR": ("varchar", 2147483647, 0),
    "BLOB": ("varbinary", 1073741824, 0),
    "DATE": ("date", 0, 0),
    "TIME": ("time", 0, 0),
    "TIMESTAMP_S": ("timestamp", 3, 0),
    "TIMESTAMP_MS": ("timestamp", 3, 0),
    "TIMESTAMP": ("timestamp", 3, 0),
    "TIMESTAMP WITH TIME ZONE": ("timestamp with time zone", 3, 0),
    "JSON": ("json", 0, 0),
}
NESTED = (("MAP(", "map"), ("STRUCT(", "row"))
PRINTED = ("boolean", "tinyint", "smallint", "integer", "bigint", "decimal", "varchar", "date")
"""Athena's types whose values DuckDB prints as Athena does."""
COPIED = "FORMAT csv, HEADER, FORCE_QUOTE *, NULLSTR ''"
# In a result file every value is quoted and NULL is nothing at all.
FIELD = re.compile(rb'("(?:[^"]|"")*"|)(,|\n)')


@dataclass(frozen=True)
class Column:
    """A column of a result: name, Athena's type, precision and scale."""

    name: str
    type: str
    precision: int = 0
    scale: int = 0

    def info(self) -> JSON:
        """GetQueryResults' ColumnInfo."""
        return {
            "CatalogName": "hive",
            "SchemaName": "",
            "TableName": "",
            "Name": self.name,
            "Label": self.name,
            "Type": self.type,
            "Precision": self.precision,
            "Scale": self.scale,
            "Nullable": "UNKNOWN",
            "CaseSensitive": self.type == "varchar",
        }


def column(name: str, duckdb_type: str) -> Column:
    decimal_type = re.fullmatch(r"DECIMAL\((\d+),\s?(\d+)\)", duckdb_type)
    if decimal_type:
        return Column(name, "decimal", int(decimal_type[1]), int(decimal_type[2]))
    if duckdb_type.endswith("]"):
        return Column(name, "array")
    nested = next((athena for prefix, athena in NESTED if duckdb_type.startswith(prefix)), None)
    if nested:
        return Column(name, nested)
    if duckdb_type not in TYPES:
        raise QueryError(
            "NOT_SUPPORTED", f"Column '{name}' has type {duckdb_type.lower()}, which Athena has not"
        )
    return Column(name, *TYPES[duckdb_type])


def write_csv(connection: duckdb.DuckDBPyConnection, query: str, columns: list[Column], file: Path) -> None:
    """The rows of DuckDB's `query` as Athena writes them, the column names first.

    DuckDB writes them itself where it would write the same, which takes a tenth of the time.
    """
    names = [column.name for column in columns]
    is_named = names == connection.sql(query).columns and len({name.lower() for name in names}) == len(names)
    if is_named and all(column.type in PRINTED for column in columns):
        connection.execute(f"COPY ({query}) TO {literal(str(file))} ({COPIED})")
        return
    result = connection.execute(query)
    with file.open("wb") as lines:
        lines.write(csv_line(names))
        while rows := result.fetchmany(10_000):
            lines.write("".join([",".join(map(field, row)) + "\n" for row in rows]).encode())


def csv_line(values: Iterable[str | None]) -> bytes:
    return (",".join(map(field, values)) + "\n").encode()


def field(value: Any) -> str:
    """A value as it stands in a result file."""
    if value is None:
        return ""
    printed = text(value)
    return '"' + (printed.replace('"', '""') if '"' in printed else printed) + '"'


def read_csv(data: bytes, limit: int) -> tuple[list[Row], int]:
    """At most `limit` rows of a result file's bytes, and the bytes they take."""
    rows: list[Row] = []
    row: Row = []
    end = 0
    for match in FIELD.finditer(data):
        quoted, delimiter = match.groups()
        row.append(quoted[1:-1].replace(b'""', b'"').decode() if quoted else None)
        if delimiter == b"\n":
            rows.append(row)
            row, end = [], match.end()
            if len(rows) == limit:
                break
    return rows, end


def text(value: Any) -> str:
    """A value as Athena prints it."""
    render = RENDER.get(type(value))
    if render is None:
        raise QueryError("NOT_SUPPORTED", f"A value of type {type(value).__name__} cannot be printed")
    return render(value)


def double_text(value: float) -> str:
    """A double as Java prints it: 0.001, 1.0E-4, 1.0E7."""
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = decimal.Decimal(repr(value)).normalize().as_tuple()
    mantissa = "".join(map(str, digits))
    power = int(exponent) + len(digits) - 1
    return f"{'-' if sign else ''}{mantissa[0]}.{mantissa[1:] or '0'}E{power}"


def timestamp_text(value: dt.datetime) -> str:
    milliseconds = f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03}"
    return f"{milliseconds} UTC" if value.tzinfo else milliseconds


def nested_text(value: Any) -> str:
    return "null" if value is None else text(value)


def entries_text(value: dict[Any, Any]) -> str:
    return "{" + ", ".join(f"{nested_text(k)}={nested_text(v)}" for k, v in value.items()) + "}"


RENDER: dict[type, Render] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: double_text,
    decimal.Decimal: lambda value: f"{value:f}",
    dt.date: dt.date.isoformat,
    dt.datetime: timestamp_text,
    dt.time: lambda value: value.isoformat("milliseconds"),
    bytes: lambda value: value.hex(" "),
    list: lambda value: "[" + ", ".join(map(nested_text, value)) + "]",
    dict: entries_text,
}
