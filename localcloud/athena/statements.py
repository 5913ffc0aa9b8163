"""The statements that are not queries: SHOW, DESCRIBE, and the DDL MiniStack runs on the catalog."""

from collections.abc import Callable

from localcloud import aws
from localcloud.athena.catalog import find_table
from localcloud.athena.errors import QueryError
from localcloud.athena.results import Column


def run(words: list[str], sql: str, database: str) -> tuple[list[Column], list[str]]:
    """The columns and lines of a statement's result; QueryError (NOT_SUPPORTED) for one not known here."""
    match [word.lower() for word in words]:
        case ["show", "databases" | "schemas"]:
            return [Column("database_name", "string")], names("get_databases", "DatabaseList")
        case ["show", "tables"]:
            return [Column("tab_name", "string")], tables(database)
        case ["show", "tables", "in" | "from", name]:
            return [Column("tab_name", "string")], tables(name)
        case ["describe" | "desc", *_, name]:
            return describe(name, database)
        case ["create" | "drop", *_]:
            return ddl(sql, database)
    raise QueryError("NOT_SUPPORTED", f"{' '.join(words[:2]).upper()} statements are not supported here")


def names(operation: str, member: str, **request: str) -> list[str]:
    pages = aws.client("glue").get_paginator(operation).paginate(**request)
    return sorted(item["Name"] for page in pages for item in page[member])


def tables(database: str) -> list[str]:
    return names("get_tables", "TableList", DatabaseName=database)


def describe(name: str, database: str) -> tuple[list[Column], list[str]]:
    schema, _, table_name = name.rpartition(".")
    table = find_table((schema or database).lower(), table_name.lower(), "line 1:1")
    keys = table.definition.get("PartitionKeys") or []
    declared = [*(table.storage.get("Columns") or []), *keys]
    texts = [[column["Name"], column["Type"], column.get("Comment", "")] for column in declared]
    columns = [Column(name, "string") for name in ("col_name", "data_type", "comment")]
    return columns, ["\t".join(value.ljust(20) for value in line) for line in texts]


def ddl(sql: str, database: str) -> tuple[list[Column], list[str]]:
    from ministack.services import athena

    parse: Callable[[str], object] = athena._parse_ddl
    statement = parse(sql)
    if statement is None:
        raise QueryError("NOT_SUPPORTED", "Of DDL, CREATE EXTERNAL TABLE and DROP TABLE are supported here")
    try:
        athena._run_ddl(statement, database)
    except ValueError as error:
        raise QueryError("FAILED", str(error)) from None
    return [], []
