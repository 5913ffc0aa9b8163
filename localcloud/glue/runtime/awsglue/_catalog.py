"""Tables of the Data Catalog: where their rows are, in which format, and which types the crawler guessed."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3


class EntityNotFoundException(Exception):  # noqa: N818
    """The catalog has no such table."""


@dataclass(frozen=True)
class Partition:
    """The values of the partition columns, and the rows' place."""

    values: tuple[str, ...]
    location: str


@dataclass(frozen=True)
class Table:
    """A table of the catalog."""

    database: str
    name: str
    location: str
    classification: str
    columns: dict[str, str]
    partition_columns: dict[str, str]
    parameters: dict[str, str]
    """The table's parameters over those of its SerDe."""

    def partitions(self) -> list[Partition]:
        """The partitions in the catalog."""
        pages = (
            _glue().get_paginator("get_partitions").paginate(DatabaseName=self.database, TableName=self.name)
        )
        return [
            Partition(tuple(partition["Values"]), partition["StorageDescriptor"]["Location"])
            for page in pages
            for partition in page["Partitions"]
        ]


def get_table(database: str, name: str) -> Table:
    """A table. Raises EntityNotFoundException, and Exception where Glue could not tell how to read it."""
    glue = _glue()
    try:
        found = glue.get_table(DatabaseName=database, Name=name)["Table"]
    except glue.exceptions.EntityNotFoundException:
        raise EntityNotFoundException(f"There is no table {name} in database {database}") from None
    storage = found["StorageDescriptor"]
    parameters = storage.get("SerdeInfo", {}).get("Parameters", {}) | found.get("Parameters", {})
    if not parameters.get("classification"):
        raise Exception(f"No classification or connection in {database}.{name}")
    return Table(
        database=database,
        name=name,
        location=storage["Location"],
        classification=parameters["classification"].lower(),
        columns=_types(storage["Columns"]),
        partition_columns=_types(found.get("PartitionKeys", [])),
        parameters=parameters,
    )


def _types(columns: list[Mapping[str, Any]]) -> dict[str, str]:
    types = {column["Name"]: column.get("Type", "string") for column in columns}
    if len(types) < len(columns):
        raise NotImplementedError("Two columns of one name are not supported by localcloud")
    return types


@functools.cache
def _glue() -> Any:
    return boto3.client("glue")
