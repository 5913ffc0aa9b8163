"""The Data Catalog's side of a crawl: what is created, changed, left or taken away, by SchemaChangePolicy.

New tables and partitions are always created; UpdateBehavior and DeleteBehavior say what happens to those
that changed or are gone (AWS Glue: Setting crawler configuration options).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from localcloud.glue.crawl_log import CrawlLog
from localcloud.glue.crawl_settings import CrawlSettings
from localcloud.glue.crawl_tables import (
    FoundTable,
    partition_inputs,
    same_location,
    table_input,
    table_name,
)
from localcloud.glue.crawl_types import STRING, VOID, Column, Type, hive_type

JSON = dict[str, Any]

_DEPRECATED = "DEPRECATED_BY_CRAWLER"
_PARTITIONS_A_CALL = 100
_NUMBERS_HELD_BY = {
    "bigint": {"int"},
    "float": {"int", "bigint", "double"},
    "double": {"int", "bigint"},
    "decimal": {"int", "bigint", "double"},
}
# Parameters that describe the data: a new definition replaces them all, and leaves those of people.
_DESCRIBING = {
    "delimiter",
    "skip.header.line.count",
    "columnsOrdered",
    "areColumnsQuoted",
    _DEPRECATED,
}
_READING = ("classification", "compressionType", "delimiter", "skip.header.line.count")
_READ_BY = {
    "LazySimpleSerDe": "csv",
    "OpenCSVSerde": "csv",
    "JsonSerDe": "json",
    "ParquetHiveSerDe": "parquet",
}
_TABLE_FIELDS = ("Name", "Description", "Owner", "Retention", "TableType", "Parameters")


class Catalog:
    """Writes what one crawler found to one database."""

    def __init__(self, glue: Any, database: str, settings: CrawlSettings, log: CrawlLog) -> None:
        self._glue, self.database, self._log = glue, database, log
        self._crawler, self._prefix = settings.name, settings.table_prefix
        self._updates = settings.policy.update_behavior == "UPDATE_IN_DATABASE"
        self._deletion = settings.policy.delete_behavior

    def tables(self) -> dict[str, JSON]:
        """The database's tables by name. Raises botocore's ClientError where there is no such database."""
        self._glue.get_database(Name=self.database)
        pages = self._glue.get_paginator("get_tables").paginate(DatabaseName=self.database)
        return {table["Name"]: table for page in pages for table in page["TableList"]}

    def save(self, found: Iterable[FoundTable], is_crawled: Callable[[str], bool]) -> None:
        """Write the tables found, and see to those of this crawler that were not.

        `is_crawled` says whether a location is one that this crawl looked at.
        """
        tables = self.tables()
        locations = {name: table["StorageDescriptor"].get("Location", "") for name, table in tables.items()}
        saved = set()
        for each in sorted(found, key=lambda each: each.location):
            name = table_name(each, self._prefix, locations)
            locations[name] = each.location
            saved.add(name)
            self._save(each, name, tables.get(name))
        for name, table in tables.items():
            ours = table.get("Parameters", {}).get("UPDATED_BY_CRAWLER") == self._crawler
            if ours and name not in saved and is_crawled(locations[name]):
                self.missing(table)

    def _save(self, found: FoundTable, name: str, table: JSON | None) -> None:
        definition = table_input(found, name, self._crawler)
        if table is None:
            self._glue.create_table(DatabaseName=self.database, TableInput=definition)
            self._log.info(f"Created table {name} in database {self.database}: {_summary(definition)}")
        else:
            self._update(table, definition, list(differences(table, definition, found.columns, is_exactly)))
        self._save_partitions(found, name)

    def compare(self, table: JSON, found: FoundTable) -> None:
        """Compare a table that someone declared with the data at its location.

        A declared type that holds the values found is no drift, and stays: JSON has neither dates nor
        decimals, and its small integers are `int`.
        """
        definition = table_input(found, table["Name"], self._crawler)
        changes = list(differences(table, definition, found.columns, holds))
        declared = {
            column["Name"]: column["Type"] for column in table["StorageDescriptor"].get("Columns", [])
        }
        storage = definition["StorageDescriptor"]
        storage["Location"] = table["StorageDescriptor"]["Location"]
        for column, wanted in zip(found.columns, storage["Columns"], strict=True):
            if holds(declared.get(wanted["Name"], ""), column.type):
                wanted["Type"] = declared[wanted["Name"]]
        self._update(table, definition, changes)
        if table.get("PartitionKeys") == definition["PartitionKeys"]:
            self._save_partitions(found, table["Name"])

    def _update(self, table: JSON, definition: JSON, changes: list[str]) -> None:
        name, former = table["Name"], table.get("Parameters", {})
        for change in changes:
            self._log.warn(f"Drift in table {name}: {change}")
        if not self._updates or (not changes and definition["Parameters"].items() <= former.items()):
            reason = "UpdateBehavior is LOG" if changes else "unchanged"
            self._log.info(f"Left table {name} in database {self.database} as it is ({reason})")
            return
        kept = {key: value for key, value in former.items() if key not in _DESCRIBING}
        owned = {key: table[key] for key in ("Description", "Owner", "Retention") if table.get(key)}
        wanted = definition | owned | {"Parameters": kept | definition["Parameters"]}
        self._glue.update_table(DatabaseName=self.database, TableInput=wanted)
        what = _summary(definition) if changes else "sizes and counts only"
        self._log.info(f"Updated table {name} in database {self.database}: {what}")

    def missing(self, table: JSON) -> None:
        """See to a table whose data is gone, or no longer makes a table, as DeleteBehavior says."""
        name, location = table["Name"], table["StorageDescriptor"].get("Location", "")
        self._log.warn(f"Drift in table {name}: {location} no longer holds a table")
        if self._deletion == "DELETE_FROM_DATABASE":
            self._glue.delete_table(DatabaseName=self.database, Name=name)
            self._log.info(f"Deleted table {name} from database {self.database}")
        elif self._deletion == "DEPRECATE_IN_DATABASE" and _DEPRECATED not in table.get("Parameters", {}):
            fields = {key: table[key] for key in _TABLE_FIELDS if table.get(key)}
            fields |= {key: table.get(key, []) for key in ("StorageDescriptor", "PartitionKeys")}
            fields["Parameters"] = _deprecated(table)
            self._glue.update_table(DatabaseName=self.database, TableInput=fields)
            self._log.info(f"Deprecated table {name} in database {self.database}")
        else:
            self._log.info(f"Left table {name} in database {self.database} as it is ({self._deletion})")

    def _save_partitions(self, found: FoundTable, name: str) -> None:
        if not found.partition_keys:
            return
        where = {"DatabaseName": self.database, "TableName": name}
        pages = self._glue.get_paginator("get_partitions").paginate(**where)
        former = {tuple(each["Values"]): each for page in pages for each in page["Partitions"]}
        wanted = {tuple(each["Values"]): each for each in partition_inputs(found)}
        new = [each for values, each in wanted.items() if values not in former]
        for call in _batches(new):
            answer = self._glue.batch_create_partition(**where, PartitionInputList=call)
            _refuse_errors(name, answer)
        changed = [
            {"PartitionValueList": list(values), "PartitionInput": each}
            for values, each in wanted.items()
            if values in former and _partition_differs(former[values], each)
        ]
        for call in _batches(changed if self._updates else []):
            answer = self._glue.batch_update_partition(**where, Entries=call)
            _refuse_errors(name, answer)
        gone = [each for values, each in former.items() if values not in wanted]
        for each in gone:
            self._missing_partition(where, each)
        counts = f"{len(new)} new, {len(changed)} changed, {len(gone)} gone"
        self._log.info(f"Partitions of table {name}: {len(wanted)} found, {counts}")

    def _missing_partition(self, where: Mapping[str, str], partition: JSON) -> None:
        values = partition["Values"]
        self._log.warn(f"Drift in table {where['TableName']}: partition {'/'.join(values)} is gone")
        if self._deletion == "DELETE_FROM_DATABASE":
            self._glue.delete_partition(**where, PartitionValues=values)
        elif self._deletion == "DEPRECATE_IN_DATABASE" and _DEPRECATED not in partition.get("Parameters", {}):
            storage = partition["StorageDescriptor"]
            wanted = {"Values": values, "StorageDescriptor": storage, "Parameters": _deprecated(partition)}
            entry = {"PartitionValueList": values, "PartitionInput": wanted}
            _refuse_errors(where["TableName"], self._glue.batch_update_partition(**where, Entries=[entry]))


def is_exactly(declared: str, found: Type) -> bool:
    """Whether a declared type is the one that was found."""
    return declared == hive_type(found)


def holds(declared: str, found: Type) -> bool:
    """Whether values of the type found can be read as the type declared."""
    if found == VOID or is_exactly(declared, found):
        return bool(declared)
    if found == STRING:
        return declared in ("date", "timestamp") or declared.startswith(("char(", "varchar("))
    return found in _NUMBERS_HELD_BY.get(declared.partition("(")[0], ())


def differences(
    table: JSON, definition: JSON, columns: Iterable[Column], agrees: Callable[[str, Type], bool]
) -> Iterator[str]:
    """What is different in the data found, as sentences' ends; sizes and counts are no difference."""
    declared = {column["Name"]: column["Type"] for column in table["StorageDescriptor"].get("Columns", [])}
    found = {column.catalog_name: column.type for column in columns}
    yield from _column_differences(declared, found, agrees)
    in_order = [name for name in declared if name in found] == [name for name in found if name in declared]
    if not in_order and _format(definition) == "csv":
        yield "the columns are in another order"
    for what, value in (("partition keys", _partition_keys), ("format", _format)):
        old, new = value(table) or "none", value(definition) or "none"
        if old != new:
            yield f"{what}: {old} in the catalog and {new} in the data"
    former = table.get("Parameters", {})
    for key in _READING if "UPDATED_BY_CRAWLER" in former else ():
        old, new = former.get(key), definition["Parameters"].get(key)
        if old != new:
            yield f"{key}: {old!r} in the catalog and {new!r} in the data"
    if _DEPRECATED in former:
        yield "it was deprecated, and there is data again"


def _column_differences(
    types: Mapping[str, str], found: Mapping[str, Type], agrees: Callable[[str, Type], bool]
) -> Iterator[str]:
    for name, type_ in found.items():
        if name not in types:
            yield f"column {name} {hive_type(type_)} is new"
        elif not agrees(types[name], type_):
            yield f"column {name} is {types[name]} in the catalog and {hive_type(type_)} in the data"
    for name in types:
        if name not in found:
            yield f"column {name} {types[name]} is in no object sampled"


def _partition_keys(table: JSON) -> str:
    return ", ".join(key["Name"] for key in table.get("PartitionKeys", []))


def _format(table: JSON) -> str:
    """The format that a table's SerDe reads; where it is none of ours, the SerDe."""
    library: str = table["StorageDescriptor"].get("SerdeInfo", {}).get("SerializationLibrary", "")
    return _READ_BY.get(library.rpartition(".")[2], library)


def _partition_differs(former: JSON, wanted: JSON) -> bool:
    old, new = former["StorageDescriptor"], wanted["StorageDescriptor"]
    return (
        old["Columns"] != new["Columns"]
        or not same_location(old["Location"], new["Location"])
        or former.get("Parameters") != wanted["Parameters"]
    )


def _deprecated(entry: JSON) -> dict[str, str]:
    return {**entry.get("Parameters", {}), _DEPRECATED: str(int(time.time() * 1000))}


def _summary(definition: JSON) -> str:
    storage, parameters = definition["StorageDescriptor"], definition["Parameters"]
    return (
        f"{len(storage['Columns'])} columns, {parameters['classification']}, "
        f"{parameters['objectCount']} objects at {storage['Location']}"
    )


def _batches(entries: list[JSON]) -> Iterator[list[JSON]]:
    for start in range(0, len(entries), _PARTITIONS_A_CALL):
        yield entries[start : start + _PARTITIONS_A_CALL]


def _refuse_errors(table: str, answer: JSON) -> None:
    for error in answer.get("Errors", []):
        detail = error["ErrorDetail"]
        raise RuntimeError(f"partition of table {table}: {detail['ErrorCode']}: {detail['ErrorMessage']}")
