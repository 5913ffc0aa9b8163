"""The rows of data sets straight from their tables, through Athena: what DIRECT_QUERY shows, on any account."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from charts.dashboard import Rows
from charts.errors import NotDrawnError
from charts.fields import JSON
from charts.query import Query, quoted, shown

FIRST_PAUSE, LAST_PAUSE = 0.02, 1.0
"""Seconds between two looks at a query: each is half as long again as the one before, for most are over soon."""

Client = Callable[[str], Any]
"""A boto3 client of a service, by its name."""


class QueryFailedError(Exception):
    """Athena did not answer; the message is its own."""


def athena_rows(client: Client, account_id: str, definition: JSON) -> Rows:
    """The rows of a definition's data sets, by QuickSight's descriptions of them and Athena's answers."""
    arns = {d["Identifier"]: d["DataSetArn"] for d in definition["DataSetIdentifierDeclarations"]}

    def rows(identifier: str, query: Query) -> Iterator[list[str | None]]:
        set_id = arns[identifier].rpartition("/")[2]
        described = client("quicksight").describe_data_set(AwsAccountId=account_id, DataSetId=set_id)[
            "DataSet"
        ]
        table = physical_table(described)
        workgroup = workgroup_of(client, account_id, table["DataSourceArn"])
        sql = query.sql(f"({select(described, table)})")
        return answered(client("athena"), sql, workgroup)

    return rows


def physical_table(data_set: JSON) -> JSON:
    """The RelationalTable or CustomSql of a data set that has one table."""
    tables = [dict(table) for part in data_set["PhysicalTableMap"].values() for table in part.values()]
    if len(tables) != 1 or not ({"Schema", "SqlQuery"} & tables[0].keys()):
        raise NotDrawnError(f"the data set {data_set['Name']} of {len(tables)} physical tables")
    return tables[0]


def select(data_set: JSON, table: JSON) -> str:
    """A query of the columns that the data set shows."""
    types = {column["Name"]: column["Type"] for column in table.get("InputColumns") or table["Columns"]}
    names = [column["Name"] for column in data_set["OutputColumns"]]
    if not set(names) <= types.keys():
        raise NotDrawnError(f"the data set {data_set['Name']} with columns of its own")
    return f"select {shown(names, types)} from {relation(table)}"


def relation(table: JSON) -> str:
    if "SqlQuery" in table:
        return f"({table['SqlQuery'].rstrip().rstrip(';')}) as custom"
    parts = [table.get("Catalog") or "AwsDataCatalog", table["Schema"], table["Name"]]
    return ".".join(map(quoted, parts))


def workgroup_of(client: Client, account_id: str, source_arn: str) -> str:
    source_id = source_arn.rpartition("/")[2]
    source = client("quicksight").describe_data_source(AwsAccountId=account_id, DataSourceId=source_id)[
        "DataSource"
    ]
    parameters = source["DataSourceParameters"].get("AthenaParameters")
    if parameters is None:
        raise NotDrawnError(f"the data source {source['Name']} of type {source['Type']}")
    return str(parameters.get("WorkGroup", "primary"))


def answered(athena: Any, sql: str, workgroup: str) -> Iterator[list[str | None]]:
    """The texts of the query's result. Raises QueryFailedError."""
    query_id = athena.start_query_execution(QueryString=sql, WorkGroup=workgroup)["QueryExecutionId"]
    pause = FIRST_PAUSE
    while (status := state(athena, query_id))["State"] in ("QUEUED", "RUNNING"):
        time.sleep(pause)
        pause = min(1.5 * pause, LAST_PAUSE)
    if status["State"] != "SUCCEEDED":
        raise QueryFailedError(status.get("StateChangeReason", status["State"]))
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
    rows = (row["Data"] for page in pages for row in page["ResultSet"]["Rows"])
    next(rows)  # the names of the columns
    return ([cell.get("VarCharValue") for cell in row] for row in rows)


def state(athena: Any, query_id: str) -> dict[str, Any]:
    status: dict[str, Any] = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]
    return status
