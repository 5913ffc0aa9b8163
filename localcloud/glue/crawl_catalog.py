"""The Data Catalog's side of a crawl: what is created, changed, left or taken away, by SchemaChangePolicy.

New tables and partitions are always created; UpdateBehavior and DeleteBehavior say what happens to those
that changed or are gone (AWS Glue: Setting crawler configuration options).
"""

from collections.abc import Callable, Iterable
from typing import Any

from localcloud.glue.crawl_drift import declared_columns, differences, holds, is_exactly
from localcloud.glue.crawl_log import CrawlLog
from localcloud.glue.crawl_partitions import Partitions
from localcloud.glue.crawl_settings import CrawlSettings
from localcloud.glue.crawl_tables import (
    DESCRIBING_PARAMETERS,
    FoundTable,
    deprecated,
    is_deprecated,
    table_input,
    table_name,
)

JSON = dict[str, Any]

_TABLE_FIELDS = (
    "Name",
    "Description",
    "Owner",
    "Retention",
    "TableType",
    "StorageDescriptor",
    "PartitionKeys",
)
_PEOPLES_FIELDS = ("Description", "Owner", "Retention")


class Catalog:
    """Writes what one crawler found to one database."""

    def __init__(self, glue: Any, database: str, settings: CrawlSettings, log: CrawlLog) -> None:
        self._glue, self._database, self._settings, self._log = glue, database, settings, log
        self._policy = settings.policy

    def tables(self) -> dict[str, JSON]:
        """The database's tables by name. Raises botocore's ClientError where there is no such database."""
        self._glue.get_database(Name=self._database)
        pages = self._glue.get_paginator("get_tables").paginate(DatabaseName=self._database)
        return {table["Name"]: table for page in pages for table in page["TableList"]}

    def save(self, found: Iterable[FoundTable], is_crawled: Callable[[str], bool]) -> None:
        """Write the tables found, and see to those of this crawler that were not.

        `is_crawled` says whether a location is one that this crawl looked at.
        """
        tables = self.tables()
        locations = {name: location(table) for name, table in tables.items()}
        saved = set()
        for each in sorted(found, key=lambda each: each.location):
            name = table_name(each, self._settings.table_prefix, locations)
            locations[name] = each.location
            saved.add(name)
            self._save(each, name, tables.get(name))
        for name, table in tables.items():
            ours = table.get("Parameters", {}).get("UPDATED_BY_CRAWLER") == self._settings.name
            if ours and name not in saved and is_crawled(locations[name]):
                self.missing(table)

    def compare(self, table: JSON, found: FoundTable) -> None:
        """Compare a table that someone declared with the data at its location.

        A declared type that holds the values found is no drift, and stays: JSON has neither dates nor
        decimals, and its small integers are `int`.
        """
        definition = table_input(found, table["Name"], self._settings.name)
        changes = list(differences(table, definition, found.columns, holds))
        storage, declared = definition["StorageDescriptor"], declared_columns(table)
        storage["Location"] = location(table)
        for column, wanted in zip(found.columns, storage["Columns"], strict=True):
            if holds(declared.get(wanted["Name"], ""), column.type):
                wanted["Type"] = declared[wanted["Name"]]
        self._update(table, definition, changes)
        if table.get("PartitionKeys") == definition["PartitionKeys"]:
            self._save_partitions(found, table["Name"])

    def missing(self, table: JSON) -> None:
        """See to a table whose data is gone, or makes no table, as DeleteBehavior says."""
        name, where = table["Name"], f"in database {self._database}"
        self._log.warn(f"Drift in table {name}: there is no data for it at {location(table)}")
        if self._policy.deletes:
            self._glue.delete_table(DatabaseName=self._database, Name=name)
            self._log.info(f"Deleted table {name} {where}")
        elif self._policy.deprecates and not is_deprecated(table):
            fields = {key: table[key] for key in _TABLE_FIELDS if key in table}
            fields["Parameters"] = deprecated(table)
            self._glue.update_table(DatabaseName=self._database, TableInput=fields)
            self._log.info(f"Deprecated table {name} {where}")
        else:
            self._log.info(f"Left table {name} {where} as it is ({self._policy.delete_behavior})")

    def _save(self, found: FoundTable, name: str, table: JSON | None) -> None:
        definition = table_input(found, name, self._settings.name)
        if table is None:
            self._glue.create_table(DatabaseName=self._database, TableInput=definition)
            self._log.info(f"Created table {name} in database {self._database}: {_summary(definition)}")
        else:
            self._update(table, definition, list(differences(table, definition, found.columns, is_exactly)))
        self._save_partitions(found, name)

    def _update(self, table: JSON, definition: JSON, changes: list[str]) -> None:
        name, former = table["Name"], table.get("Parameters", {})
        for change in changes:
            self._log.warn(f"Drift in table {name}: {change}")
        if not self._policy.updates or (not changes and definition["Parameters"].items() <= former.items()):
            reason = "UpdateBehavior is LOG" if changes else "unchanged"
            self._log.info(f"Left table {name} in database {self._database} as it is ({reason})")
            return
        kept = {key: value for key, value in former.items() if key not in DESCRIBING_PARAMETERS}
        owned = {key: table[key] for key in _PEOPLES_FIELDS if table.get(key)}
        wanted = definition | owned | {"Parameters": kept | definition["Parameters"]}
        self._glue.update_table(DatabaseName=self._database, TableInput=wanted)
        what = _summary(definition) if changes else "sizes and counts only"
        self._log.info(f"Updated table {name} in database {self._database}: {what}")

    def _save_partitions(self, found: FoundTable, name: str) -> None:
        if found.partition_keys:
            Partitions(self._glue, self._database, name, self._policy, self._log).save(found)


def location(table: JSON) -> str:
    """Where a table's data lies; empty for a view."""
    return str(table.get("StorageDescriptor", {}).get("Location") or "")


def _summary(definition: JSON) -> str:
    storage, parameters = definition["StorageDescriptor"], definition["Parameters"]
    size = f"{len(storage['Columns'])} columns, {parameters['objectCount']} objects"
    return f"{parameters['classification']}, {size} at {storage['Location']}"
