"""Drift: where a table of the catalog and the data at its location differ."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from localcloud.glue.crawl_tables import is_deprecated
from localcloud.glue.crawl_types import STRING, VOID, Column, Type, hive_type

JSON = dict[str, Any]
Agrees = Callable[[str, Type], bool]

_NUMBERS_HELD_BY = {
    "bigint": {"int"},
    "float": {"int", "bigint", "double"},
    "double": {"int", "bigint"},
    "decimal": {"int", "bigint", "double"},
}
_TEXT_HELD_BY = {"date", "timestamp", "char", "varchar"}
_READ_BY = {
    "LazySimpleSerDe": "csv",
    "OpenCSVSerde": "csv",
    "JsonSerDe": "json",
    "ParquetHiveSerDe": "parquet",
}
_READING = ("compressionType", "delimiter", "skip.header.line.count")


def is_exactly(declared: str, found: Type) -> bool:
    """Whether a declared type is the one that was found."""
    return declared == hive_type(found)


def holds(declared: str, found: Type) -> bool:
    """Whether values of the type found can be read as the type declared."""
    if found == VOID or is_exactly(declared, found):
        return bool(declared)
    name = declared.partition("(")[0]
    return name in _TEXT_HELD_BY if found == STRING else found in _NUMBERS_HELD_BY.get(name, ())


def declared_columns(table: JSON) -> dict[str, str]:
    """The types of a table's columns by name."""
    return {each["Name"]: each["Type"] for each in table.get("StorageDescriptor", {}).get("Columns", [])}


def differences(table: JSON, definition: JSON, columns: Iterable[Column], agrees: Agrees) -> Iterator[str]:
    """What is different in the data found, as ends of sentences; sizes and counts are no difference.

    `agrees` says whether a type declared goes with one found. How the data is to be read is compared
    for a crawler's tables only: people write it in other ways.
    """
    declared = declared_columns(table)
    found = {column.catalog_name: column.type for column in columns}
    yield from _column_differences(declared, found, agrees)
    in_order = [name for name in declared if name in found] == [name for name in found if name in declared]
    if not in_order and _format(definition) == "csv":
        yield "the columns are in another order"
    former, wanted = table.get("Parameters", {}), definition["Parameters"]
    reading = _READING if "UPDATED_BY_CRAWLER" in former else ()
    facts = [
        ("partition keys", _partition_keys(table), _partition_keys(definition)),
        ("format", _format(table), _format(definition)),
        *((key, former.get(key), wanted.get(key)) for key in reading),
    ]
    for fact, old, new in facts:
        if old != new:
            yield f"{fact}: {old!r} in the catalog and {new!r} in the data"
    if is_deprecated(table):
        yield "it was deprecated, and there is data again"


def _column_differences(
    declared: Mapping[str, str], found: Mapping[str, Type], agrees: Agrees
) -> Iterator[str]:
    for name, type_ in found.items():
        if name not in declared:
            yield f"column {name} {hive_type(type_)} is new"
        elif not agrees(declared[name], type_):
            yield f"column {name} is {declared[name]} in the catalog and {hive_type(type_)} in the data"
    for name in declared:
        if name not in found:
            yield f"column {name} {declared[name]} is in no object sampled"


def _partition_keys(table: JSON) -> list[str]:
    return [key["Name"] for key in table.get("PartitionKeys", [])]


def _format(table: JSON) -> str:
    """The format that a table's SerDe reads; where it is none of ours, the SerDe."""
    serde = table.get("StorageDescriptor", {}).get("SerdeInfo", {}).get("SerializationLibrary", "")
    return _READ_BY.get(serde.rpartition(".")[2], str(serde))
