"""The Parquet classifier: columns and row count from an object's footer, without its data."""

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from localcloud.glue.crawl_sample import Source, UnrecognizedFormatError
from localcloud.glue.crawl_types import Array, Column, Struct, Type

MAGIC = b"PAR1"
_TAIL = 8  # the footer's length, four bytes, and the magic
_NAMES = {
    "varchar": "string",
    "blob": "binary",
    "integer": "int",
    "utinyint": "smallint",
    "usmallint": "int",
    "uinteger": "bigint",
    "ubigint": "decimal(20,0)",
    "timestamp with time zone": "timestamp",
    "timestamp_ns": "timestamp",
}
_SAME = {"boolean", "tinyint", "smallint", "bigint", "float", "double", "date", "timestamp"}


class ParquetSchema(NamedTuple):
    """What a Parquet footer says."""

    columns: tuple[Column, ...]
    records: int


def parquet_schema(source: Source) -> ParquetSchema:
    """The schema of a Parquet object. Raises UnrecognizedFormatError for damage and unknown types."""
    with tempfile.TemporaryDirectory() as directory, duckdb.connect() as connection:
        path = _without_data(source, Path(directory) / "footer.parquet")
        try:
            relation = connection.read_parquet(str(path))
            columns = tuple(map(_column, relation.columns, relation.types))
            found = connection.execute(
                "select num_rows from parquet_file_metadata(?)", [str(path)]
            ).fetchone()
        except duckdb.Error as error:
            raise UnrecognizedFormatError(f"is damaged Parquet: {error}") from error
    return ParquetSchema(columns, found[0] if found else 0)


def _without_data(source: Source, path: Path) -> Path:
    """A sparse file with the footer of `source` where it belongs and nothing in front of it."""
    tail = source.read(source.size - _TAIL, _TAIL)
    start = source.size - _TAIL - int.from_bytes(tail[:4], "little")
    if not tail.endswith(MAGIC) or start < len(MAGIC):
        raise UnrecognizedFormatError("is damaged Parquet: it has no footer")
    with path.open("wb") as file:
        file.write(MAGIC)
        file.seek(start)
        file.write(source.read(start, source.size - start))
    return path


def _column(name: str, type_: Any) -> Column:
    return Column(name, _hive(name, type_))


def _hive(column: str, type_: Any) -> Type:
    """DuckDB's type as Hive's."""
    match type_.id:
        case "list":
            return Array(_hive(column, type_.children[0][1]))
        case "struct":
            return Struct(tuple(Column(name, _hive(column, child)) for name, child in type_.children))
        case "decimal":
            (_, precision), (_, scale) = type_.children
            return f"decimal({precision},{scale})"
        case str(name) if name in _NAMES or name in _SAME:
            return _NAMES.get(name, name)
    raise UnrecognizedFormatError(
        f"is Parquet whose column {column} is of type {type_}, unknown to the catalog"
    )
