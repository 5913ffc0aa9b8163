"""The rows of a SPICE data set, which AWS shows to nobody but a visual: an operation of the account's own."""

import duckdb

from charts.query import shown
from localcloud.athena.readers import literal
from localcloud.own_api import RELATION
from localcloud.quicksight.datasets import invalid, output_columns, source, unsupported
from localcloud.quicksight.operations import QuickSight
from localcloud.quicksight.records import find
from localcloud.quicksight.spice import session
from localcloud.service import JSON, Operation


def query_data_set(request: JSON) -> JSON:
    """QueryDataSet: the rows of a query on what was ingested last, none where nothing was.

    InvalidParameterValueException for a query that cannot be run.
    """
    record = find(QuickSight.current.data_sets, "DataSet", request["DataSetId"])
    if record["ImportMode"] != "SPICE":
        raise unsupported(f"QueryDataSet of {record['DataSetId']}, which is not in SPICE,")
    file = QuickSight.current.file(record["DataSetId"])
    if not file.exists():
        return {"Rows": []}
    with session() as connection:
        try:
            connection.execute(f"create temp view {RELATION} as {select(record, str(file))}")
            rows = connection.execute(request["Query"]).fetchall()
        except duckdb.Error as error:
            raise invalid(f"Data set {record['DataSetId']}: {error}") from None
    return {"Rows": [[None if value is None else str(value) for value in row] for row in rows]}


def select(record: JSON, file: str) -> str:
    """A query of the columns that the data set shows."""
    types = {column["Name"]: column["Type"] for column in source(record).columns}
    names = [column["Name"] for column in output_columns(record)]
    if not set(names) <= types.keys():
        raise unsupported(f"QueryDataSet of {record['DataSetId']}, which renames columns,")
    return f"select {shown(names, types)} from read_parquet({literal(file)})"


OPERATIONS: dict[str, Operation] = {"QueryDataSet": query_data_set}
