"""The partitions of a table: created where new, and otherwise as the SchemaChangePolicy says."""

from collections.abc import Iterator
from typing import Any

from localcloud.glue.crawl_log import CrawlLog
from localcloud.glue.crawl_settings import SchemaChangePolicy
from localcloud.glue.crawl_tables import (
    FoundTable,
    deprecated,
    is_deprecated,
    partition_inputs,
    same_location,
)

JSON = dict[str, Any]

_A_CALL = 100  # the most partitions that one request may name


class Partitions:
    """The partitions of one table in the catalog."""

    def __init__(
        self, glue: Any, database: str, table: str, policy: SchemaChangePolicy, log: CrawlLog
    ) -> None:
        self._glue, self._table, self._policy, self._log = glue, table, policy, log
        self._where = {"DatabaseName": database, "TableName": table}

    def save(self, found: FoundTable) -> None:
        """Bring the catalog's partitions to those found. Raises RuntimeError for one that Glue refuses."""
        pages = self._glue.get_paginator("get_partitions").paginate(**self._where)
        former = {tuple(each["Values"]): each for page in pages for each in page["Partitions"]}
        wanted = {tuple(each["Values"]): each for each in partition_inputs(found)}
        new = [each for values, each in wanted.items() if values not in former]
        common = [(former[values], each) for values, each in wanted.items() if values in former]
        changed = [each for old, each in common if _differ(old, each)]
        gone = [each for values, each in former.items() if values not in wanted]
        self._create(new)
        if self._policy.updates:
            self._update(changed)
        for each in gone:
            self._missing(each)
        counts = f"{len(new)} new, {len(changed)} changed, {len(gone)} gone"
        self._log.info(f"Partitions of table {self._table}: {len(wanted)} found, {counts}")

    def _create(self, partitions: list[JSON]) -> None:
        for call in _batches(partitions):
            self._refuse_errors(self._glue.batch_create_partition(**self._where, PartitionInputList=call))

    def _update(self, partitions: list[JSON]) -> None:
        entries = [{"PartitionValueList": each["Values"], "PartitionInput": each} for each in partitions]
        for call in _batches(entries):
            self._refuse_errors(self._glue.batch_update_partition(**self._where, Entries=call))

    def _missing(self, partition: JSON) -> None:
        values = partition["Values"]
        self._log.warn(f"Drift in table {self._table}: partition {'/'.join(values)} is gone")
        if self._policy.deletes:
            self._glue.delete_partition(**self._where, PartitionValues=values)
        elif self._policy.deprecates and not is_deprecated(partition):
            fields = {"Values": values, "StorageDescriptor": partition["StorageDescriptor"]}
            self._update([fields | {"Parameters": deprecated(partition)}])

    def _refuse_errors(self, answer: JSON) -> None:
        for error in answer.get("Errors", []):
            detail = error["ErrorDetail"]
            reason = f"{detail['ErrorCode']}: {detail['ErrorMessage']}"
            raise RuntimeError(f"Glue refuses a partition of table {self._table}: {reason}")


def _differ(former: JSON, wanted: JSON) -> bool:
    old, new = former["StorageDescriptor"], wanted["StorageDescriptor"]
    return (
        old["Columns"] != new["Columns"]
        or not same_location(old["Location"], new["Location"])
        or former.get("Parameters") != wanted["Parameters"]
    )


def _batches(entries: list[JSON]) -> Iterator[list[JSON]]:
    for start in range(0, len(entries), _A_CALL):
        yield entries[start : start + _A_CALL]
