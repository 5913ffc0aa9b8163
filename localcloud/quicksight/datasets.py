"""What a data set is made of: its one physical table, and the columns it shows."""

from dataclasses import dataclass

from charts.query import quoted
from localcloud.service import JSON, ServiceError

# How the types of a source's columns look in a data set.
OUTPUT_TYPES = {"BIT": "INTEGER", "BOOLEAN": "INTEGER", "JSON": "STRING", "SEMISTRUCT": "STRING"}


@dataclass(frozen=True)
class Source:
    """The physical table of a data set: where its rows come from and the columns it declares."""

    data_source_arn: str
    columns: list[JSON]
    query: str


def source(data_set: JSON) -> Source:
    """The data set's physical table; NotImplementedException for one that is not Athena's or more than one."""
    tables = list(data_set["PhysicalTableMap"].values())
    if len(tables) != 1:
        raise unsupported(f"Data set {data_set['DataSetId']} joins {len(tables)} physical tables, which")
    ((kind, table),) = tables[0].items()
    if kind == "RelationalTable":
        parts = [table.get("Catalog") or "AwsDataCatalog", table.get("Schema") or "default", table["Name"]]
        columns = table["InputColumns"]
        return Source(table["DataSourceArn"], columns, select(columns, ".".join(map(quoted, parts))))
    if kind == "CustomSql":
        if not table.get("Columns"):
            raise invalid(f"CustomSql {table['Name']} has no Columns")
        subquery = f"(\n{table['SqlQuery'].rstrip().rstrip(';')}\n) as {quoted(table['Name'])}"
        return Source(table["DataSourceArn"], table["Columns"], select(table["Columns"], subquery))
    raise unsupported(f"A physical table of kind {kind}")


def output_columns(data_set: JSON) -> list[JSON]:
    """The columns people see: the physical table's, as the logical table renames and projects them."""
    columns = {column["Name"]: output_column(column) for column in source(data_set).columns}
    for logical in (data_set.get("LogicalTableMap") or {}).values():
        for transform in logical.get("DataTransforms", []):
            columns = transformed(columns, transform)
    return list(columns.values())


def output_column(column: JSON) -> JSON:
    shown = {"Name": column["Name"], "Type": OUTPUT_TYPES.get(column["Type"], column["Type"])}
    return shown | ({"SubType": column["SubType"]} if "SubType" in column else {})


def transformed(columns: dict[str, JSON], transform: JSON) -> dict[str, JSON]:
    ((kind, operation),) = transform.items()
    if kind == "TagColumnOperation":
        return columns
    if kind == "RenameColumnOperation":
        names = {operation["ColumnName"]: operation["NewColumnName"]}
        return {names.get(k, k): {**column, "Name": names.get(k, k)} for k, column in columns.items()}
    if kind == "ProjectOperation":
        missing = [name for name in operation["ProjectedColumns"] if name not in columns]
        if missing:
            raise invalid(f"ProjectOperation names columns that are not there: {', '.join(missing)}")
        return {name: columns[name] for name in operation["ProjectedColumns"]}
    raise unsupported(f"The data transform {kind}")


def select(columns: list[JSON], relation: str) -> str:
    return f"select {', '.join(quoted(column['Name']) for column in columns)} from {relation}"


def invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterValueException", message)


def unsupported(what: str) -> ServiceError:
    return ServiceError("NotImplementedException", f"{what} is not supported here", 501)
