"""The tables of the Glue Data Catalog and the objects under their locations."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError
from sqlglot import exp

from localcloud import aws, iam
from localcloud.athena.errors import QueryError


@dataclass(frozen=True)
class DataObject:
    """One S3 object a table reads: its address, the file that holds it, its size in bytes."""

    url: str
    path: str
    size: int

    def partition(self, key: str) -> str | None:
        """The value of partition `key` in the object's address (`.../key=value/...`)."""
        found = re.search(rf"/{re.escape(key)}=([^/]*)/", self.url, re.IGNORECASE)
        return unquote(found[1]) if found else None


@dataclass(frozen=True)
class Table:
    """A table as the catalog declares it, columns in order and partition keys last."""

    database: str
    name: str
    definition: dict[str, Any]

    @property
    def storage(self) -> dict[str, Any]:
        return self.definition.get("StorageDescriptor") or {}

    @property
    def serde(self) -> str:
        library: str = (self.storage.get("SerdeInfo") or {}).get("SerializationLibrary", "")
        return library.rpartition(".")[2]

    @property
    def serde_parameters(self) -> dict[str, str]:
        return (self.storage.get("SerdeInfo") or {}).get("Parameters") or {}

    @cached_property
    def columns(self) -> dict[str, exp.DataType]:
        return {column["Name"].lower(): column_type(column) for column in self.storage.get("Columns") or []}

    @cached_property
    def partition_keys(self) -> dict[str, exp.DataType]:
        keys = self.definition.get("PartitionKeys") or []
        return {key["Name"].lower(): column_type(key) for key in keys}

    @property
    def all_columns(self) -> dict[str, exp.DataType]:
        """Those that a query sees: the partition keys too."""
        return self.columns | self.partition_keys

    @cached_property
    def objects(self) -> list[DataObject]:
        """Every object under the location, at any depth, without the hidden ones (`_` or `.` first)."""
        bucket, _, prefix = self.storage.get("Location", "").partition("://")[2].partition("/")
        folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
        return [
            data_object(bucket, entry) for entry in list_objects(bucket, folder) if visible(entry, folder)
        ]

    def header_lines(self) -> int:
        parameters = {**(self.definition.get("Parameters") or {}), **self.serde_parameters}
        return int(parameters.get("skip.header.line.count", 0))


def find_table(database: str, name: str, position: str) -> Table:
    """The catalog's table; TABLE_NOT_FOUND or SCHEMA_NOT_FOUND with the `position` in the query otherwise."""
    glue = aws.client("glue")
    try:
        return Table(database, name, glue.get_table(DatabaseName=database, Name=name)["Table"])
    except glue.exceptions.AccessDeniedException as error:
        raise denied(error) from None
    except glue.exceptions.EntityNotFoundException:
        if not database_exists(database):
            raise QueryError("SCHEMA_NOT_FOUND", f"{position}: Schema '{database}' does not exist") from None
        table = f"awsdatacatalog.{database}.{name}"
        raise QueryError("TABLE_NOT_FOUND", f"{position}: Table '{table}' does not exist") from None


def database_exists(name: str) -> bool:
    glue = aws.client("glue")
    try:
        glue.get_database(Name=name)
    except glue.exceptions.AccessDeniedException as error:
        raise denied(error) from None
    except glue.exceptions.EntityNotFoundException:
        return False
    return True


def denied(error: ClientError) -> QueryError:
    """Of a query whose caller may not use something: whose permissions a query has are its caller's."""
    return QueryError("PERMISSION_DENIED", error.response["Error"]["Message"])


def column_type(column: dict[str, Any]) -> exp.DataType:
    """A column's Hive type; a bare `decimal` is decimal(10,0), as in Hive."""
    declared = column.get("Type") or "string"
    return exp.DataType.build("decimal(10,0)" if declared == "decimal" else declared, dialect="hive")


def list_objects(bucket: str, prefix: str) -> list[dict[str, Any]]:
    s3 = aws.client("s3")
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [entry for page in pages for entry in page.get("Contents", [])]
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDenied":
            raise denied(error) from None
        raise QueryError("HIVE_METASTORE_ERROR", f"s3://{bucket}/{prefix} cannot be read: {error}") from None


def visible(entry: dict[str, Any], folder: str) -> bool:
    parts = entry["Key"].removeprefix(folder).split("/")
    return entry["Size"] > 0 and not any(part.startswith(("_", ".")) for part in parts)


def data_object(bucket: str, entry: dict[str, Any]) -> DataObject:
    key = entry["Key"]
    return DataObject(f"s3://{bucket}/{key}", str(object_file(bucket, key)), entry["Size"])


def object_file(bucket: str, key: str) -> Path:
    """The file that is the object, for a caller who may get it; iam.AccessDeniedError for another.

    MiniStack keeps every object as a file of its own: DuckDB reads that file, nothing is copied.
    """
    from ministack.services import s3

    iam.require(iam.Permission("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}"))
    return Path(s3._object_disk_path(bucket, key))
