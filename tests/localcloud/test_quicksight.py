"""QuickSight through the endpoint: data sources, data sets, and ingestions that really fill SPICE."""

import datetime as dt
import decimal
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from botocore.exceptions import ClientError

from tests.localcloud.process import Process
from tests.localcloud.waiting import Clients, client_errors, until

ACCOUNT = "000000000000"
COLUMNS = [
    {"Name": "id", "Type": "INTEGER"},
    {"Name": "day", "Type": "DATETIME"},
    {"Name": "total", "Type": "DECIMAL"},
    {"Name": "who", "Type": "STRING"},
]


class Sales:
    """An account with a table `orders`, an Athena data source, and what the tests ask of QuickSight."""

    def __init__(self, clients: Clients, directory: Path) -> None:
        self.clients, self.spice = clients, directory / "spice"
        self.quicksight = clients("quicksight")
        clients("s3").create_bucket(Bucket="bi-lake")
        clients("glue").create_database(DatabaseInput={"Name": "bi"})
        self.table("orders", id="bigint", day="date", total="decimal(19,4)", who="string")
        results = {"ResultConfiguration": {"OutputLocation": "s3://bi-lake/results/"}}
        clients("athena").create_work_group(Name="bi", Configuration=results)
        self.source = self.create_source("athena")

    def table(self, name: str, **types: str) -> None:
        storage = {
            "Columns": [{"Name": column, "Type": type_} for column, type_ in types.items()],
            "Location": f"s3://bi-lake/{name}/",
            "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
        }
        self.clients("glue").create_table(
            DatabaseName="bi", TableInput={"Name": name, "StorageDescriptor": storage}
        )

    def put(self, table: str, *rows: dict[str, Any]) -> None:
        body = "".join(f"{json.dumps(row)}\n" for row in rows)
        self.clients("s3").put_object(Bucket="bi-lake", Key=f"{table}/part.json", Body=body)

    def create_source(self, source_id: str) -> str:
        parameters = {"AthenaParameters": {"WorkGroup": "bi"}}
        request = {
            "DataSourceId": source_id,
            "Name": source_id,
            "Type": "ATHENA",
            "DataSourceParameters": parameters,
        }
        return str(self.quicksight.create_data_source(AwsAccountId=ACCOUNT, **request)["Arn"])

    def data_set(
        self, set_id: str, table: str = "orders", columns: list[dict[str, str]] = COLUMNS, **more: Any
    ) -> Any:
        relational = {"DataSourceArn": self.source, "Schema": "bi", "Name": table, "InputColumns": columns}
        more.setdefault("PhysicalTableMap", {"table": {"RelationalTable": relational}})
        more.setdefault("ImportMode", "SPICE")
        return self.quicksight.create_data_set(AwsAccountId=ACCOUNT, DataSetId=set_id, Name=set_id, **more)

    def describe(self, set_id: str, ingestion_id: str) -> Any:
        key = {"AwsAccountId": ACCOUNT, "DataSetId": set_id, "IngestionId": ingestion_id}
        return self.quicksight.describe_ingestion(**key)["Ingestion"]

    def ended(self, set_id: str, ingestion_id: str) -> Any:
        def ended() -> Any:
            ingestion = self.describe(set_id, ingestion_id)
            return ingestion if ingestion["IngestionStatus"] in ("COMPLETED", "FAILED", "CANCELLED") else None

        return until(ended)

    def ingest(self, set_id: str, ingestion_id: str) -> Any:
        key = {"AwsAccountId": ACCOUNT, "DataSetId": set_id, "IngestionId": ingestion_id}
        assert self.quicksight.create_ingestion(**key)["IngestionStatus"] == "INITIALIZED"
        return self.ended(set_id, ingestion_id)

    def rows(self, set_id: str) -> list[tuple[Any, ...]]:
        return duckdb.read_parquet(str(self.spice / f"{set_id}.parquet")).order("1").fetchall()


@pytest.fixture(scope="module")
def sales(process: Process) -> Sales:
    return Sales(process.client, process.directory)


ANN = {"id": 1, "day": "2011-09-01", "total": "10.5000", "who": 'Ann, "A"\nB'}
BO = {"id": 2, "day": None, "total": None, "who": ""}


def test_an_ingestion_stores_the_rows_in_columns(sales: Sales) -> None:
    sales.put("orders", ANN, BO)
    created = sales.data_set("orders")
    assert (created["Status"], created["Arn"]) == (
        201,
        f"arn:aws:quicksight:us-east-1:{ACCOUNT}:dataset/orders",
    )
    first = sales.ended("orders", created["IngestionId"])
    assert first["RequestType"] == "INITIAL_INGESTION"
    ingestion = sales.ingest("orders", "refresh-1")
    assert ingestion["IngestionStatus"] == "COMPLETED", ingestion
    assert ingestion["RowInfo"] == {"RowsIngested": 2, "RowsDropped": 0, "TotalRowsInDataset": 2}
    assert (ingestion["RequestSource"], ingestion["RequestType"]) == ("MANUAL", "FULL_REFRESH")
    assert sales.rows("orders") == [
        (1, dt.datetime(2011, 9, 1), decimal.Decimal("10.5000"), 'Ann, "A"\nB'),
        (2, None, None, ""),
    ]
    described = sales.quicksight.describe_data_set(AwsAccountId=ACCOUNT, DataSetId="orders")["DataSet"]
    size = (sales.spice / "orders.parquet").stat().st_size
    assert described["ConsumedSpiceCapacityInBytes"] == size == ingestion["IngestionSizeInBytes"]
    assert described["ImportMode"] == "SPICE"
    assert described["OutputColumns"] == COLUMNS
    listed = sales.quicksight.list_ingestions(AwsAccountId=ACCOUNT, DataSetId="orders")["Ingestions"]
    assert [i["RequestType"] for i in listed] == ["FULL_REFRESH", "INITIAL_INGESTION"]


def test_a_second_ingestion_replaces_the_rows(sales: Sales) -> None:
    sales.table("again", id="bigint")
    sales.put("again", {"id": 1})
    created = sales.data_set("again", "again", [{"Name": "id", "Type": "INTEGER"}])
    sales.ended("again", created["IngestionId"])
    sales.put("again", {"id": 2})
    assert sales.ingest("again", "r1")["RowInfo"]["TotalRowsInDataset"] == 1
    assert sales.rows("again") == [(2,)]


def test_a_failed_ingestion_leaves_the_former_rows(sales: Sales) -> None:
    sales.table("fragile", id="bigint")
    sales.put("fragile", {"id": 1})
    created = sales.data_set("fragile", "fragile", [{"Name": "id", "Type": "INTEGER"}])
    sales.ended("fragile", created["IngestionId"])
    sales.put("fragile", {"id": "x"})
    ingestion = sales.ingest("fragile", "r1")
    assert ingestion["IngestionStatus"] == "FAILED"
    assert ingestion["ErrorInfo"]["Type"] == "SQL_EXCEPTION"
    assert ingestion["ErrorInfo"]["Message"].startswith("HIVE_BAD_DATA: ")
    assert sales.rows("fragile") == [(1,)]


def test_a_table_that_is_not_there_yet(sales: Sales) -> None:
    created = sales.data_set("early", "later", [{"Name": "id", "Type": "INTEGER"}])
    failed = sales.ended("early", created["IngestionId"])
    assert failed["ErrorInfo"]["Type"] == "SQL_TABLE_NOT_FOUND"
    assert "Table 'awsdatacatalog.bi.later' does not exist" in failed["ErrorInfo"]["Message"]
    sales.table("later", id="bigint")
    assert sales.ingest("early", "r1")["RowInfo"]["RowsIngested"] == 0
    assert sales.rows("early") == []


def test_a_missing_column(sales: Sales) -> None:
    created = sales.data_set("gone_column", columns=[{"Name": "gone", "Type": "INTEGER"}])
    failed = sales.ended("gone_column", created["IngestionId"])
    assert failed["ErrorInfo"]["Type"] == "SQL_SCHEMA_MISMATCH_ERROR"


def test_rows_that_do_not_convert_are_dropped_up_to_the_limit(sales: Sales) -> None:
    sales.table("mixed", value="string")
    sales.put("mixed", {"value": "1"}, {"value": "1.5"}, {"value": "x"}, {"value": None})
    created = sales.data_set("mixed", "mixed", [{"Name": "value", "Type": "INTEGER"}])
    ingestion = sales.ended("mixed", created["IngestionId"])
    assert ingestion["RowInfo"] == {"RowsIngested": 2, "RowsDropped": 2, "TotalRowsInDataset": 2}
    sales.put("mixed", *[{"value": "x"}] * 10_001)
    failed = sales.ingest("mixed", "r1")
    assert failed["ErrorInfo"]["Type"] == "DATA_TOLERANCE_EXCEPTION"
    assert failed["ErrorInfo"]["Message"].startswith("10001 of 10001 rows do not convert")
    assert sales.rows("mixed") == [(1,), (None,)]


def test_custom_sql_and_renamed_columns(sales: Sales) -> None:
    sql = {"DataSourceArn": sales.source, "Name": "answer", "SqlQuery": "select 42 as n, 'x' as s;"}
    columns = [{"Name": "n", "Type": "INTEGER"}, {"Name": "s", "Type": "STRING"}]
    transforms = [
        {"RenameColumnOperation": {"ColumnName": "n", "NewColumnName": "number"}},
        {"ProjectOperation": {"ProjectedColumns": ["number"]}},
    ]
    logical = {
        "shown": {"Alias": "shown", "Source": {"PhysicalTableId": "sql"}, "DataTransforms": transforms}
    }
    created = sales.data_set(
        "custom",
        PhysicalTableMap={"sql": {"CustomSql": {**sql, "Columns": columns}}},
        LogicalTableMap=logical,
    )
    assert sales.ended("custom", created["IngestionId"])["IngestionStatus"] == "COMPLETED"
    described = sales.quicksight.describe_data_set(AwsAccountId=ACCOUNT, DataSetId="custom")["DataSet"]
    assert described["OutputColumns"] == [{"Name": "number", "Type": "INTEGER"}]


def test_cancelling_an_ingestion_stops_its_query(sales: Sales) -> None:
    numbers = "unnest(sequence(1, 200000))"
    endless = f"select count(*) as n from {numbers} a (x), {numbers} b (y) where x * y = 7"
    sql = {"DataSourceArn": sales.source, "Name": "endless", "SqlQuery": endless}
    columns = [{"Name": "n", "Type": "INTEGER"}]
    created = sales.data_set("endless", PhysicalTableMap={"sql": {"CustomSql": {**sql, "Columns": columns}}})
    key = {"AwsAccountId": ACCOUNT, "DataSetId": "endless"}
    until(lambda: sales.describe("endless", created["IngestionId"])["IngestionStatus"] == "RUNNING")
    sales.quicksight.create_ingestion(**key, IngestionId="second")
    waiting = until(lambda: sales.describe("endless", "second").get("QueueInfo"))
    assert waiting == {"WaitingOnIngestion": created["IngestionId"], "QueuedIngestion": "second"}
    for ingestion_id in ("second", created["IngestionId"]):
        sales.quicksight.cancel_ingestion(**key, IngestionId=ingestion_id)
        cancelled = sales.describe("endless", ingestion_id)
        assert (cancelled["IngestionStatus"], cancelled["ErrorInfo"]["Type"]) == (
            "CANCELLED",
            "INGESTION_CANCELED",
        )
    with client_errors("InvalidParameterValueException", "is CANCELLED already"):
        sales.quicksight.cancel_ingestion(**key, IngestionId="second")
    sales.quicksight.delete_data_set(**key)
    athena = sales.clients("athena")
    query_ids = athena.list_query_executions(WorkGroup="bi")["QueryExecutionIds"]

    def states() -> set[str]:
        executions = athena.batch_get_query_execution(QueryExecutionIds=query_ids[-50:])["QueryExecutions"]
        return {execution["Status"]["State"] for execution in executions}

    until(lambda: "RUNNING" not in states())


def test_a_used_id_is_refused(sales: Sales) -> None:
    sales.data_set("used", columns=COLUMNS[:1])
    sales.ingest("used", "once")
    with client_errors("ResourceExistsException", "Ingestion once already exists"):
        sales.ingest("used", "once")
    with client_errors("ResourceExistsException", "DataSet used already exists"):
        sales.data_set("used")
    with client_errors("ResourceExistsException", "DataSource athena already exists"):
        sales.create_source("athena")


def test_what_is_not_there(sales: Sales) -> None:
    with client_errors("ResourceNotFoundException", "DataSet gone is not found"):
        sales.ingest("gone", "r1")
    sales.data_set("there", columns=COLUMNS[:1])
    with client_errors("ResourceNotFoundException", "Ingestion gone is not found"):
        sales.describe("there", "gone")
    with client_errors("ResourceNotFoundException", "DataSource gone is not found"):
        sales.quicksight.describe_data_source(AwsAccountId=ACCOUNT, DataSourceId="gone")
    with client_errors("InvalidParameterValueException", "Invalid dataSourceArn"):
        table = {"DataSourceArn": "arn:gone", "Name": "t", "InputColumns": COLUMNS}
        sales.data_set("bad", PhysicalTableMap={"t": {"RelationalTable": table}})


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"columns": [{"Name": "id", "Type": "NUMBER"}]}, "Type is 'NUMBER', not one of STRING, INTEGER"),
        ({"ImportMode": "FAST"}, "ImportMode is 'FAST', not one of SPICE, DIRECT_QUERY"),
    ],
)
def test_values_the_model_has_not(sales: Sales, request_: dict[str, Any], message: str) -> None:
    with client_errors("InvalidParameterValueException", message):
        sales.data_set("wrong", **request_)


def test_direct_query_sets_have_no_ingestions(sales: Sales) -> None:
    assert "IngestionId" not in sales.data_set("direct", ImportMode="DIRECT_QUERY")
    with client_errors("InvalidParameterValueException", "direct is not a SPICE dataset"):
        sales.ingest("direct", "r1")


def test_what_is_not_supported_is_named(sales: Sales) -> None:
    with client_errors("NotImplementedException", "ListTemplates is not supported here"):
        sales.quicksight.list_templates(AwsAccountId=ACCOUNT)
    with client_errors("NotImplementedException", "A data source of type ORACLE"):
        sales.quicksight.create_data_source(AwsAccountId=ACCOUNT, DataSourceId="o", Name="o", Type="ORACLE")


def test_data_sources_and_sets_are_listed_updated_and_deleted(sales: Sales) -> None:
    source, key = sales.create_source("temporary"), {"AwsAccountId": ACCOUNT, "DataSourceId": "temporary"}
    assert source == f"arn:aws:quicksight:us-east-1:{ACCOUNT}:datasource/temporary"
    sales.quicksight.update_data_source(**key, Name="renamed")
    assert sales.quicksight.describe_data_source(**key)["DataSource"]["Name"] == "renamed"
    pages = sales.quicksight.get_paginator("list_data_sources").paginate(
        AwsAccountId=ACCOUNT, PaginationConfig={"PageSize": 1}
    )
    assert [s["DataSourceId"] for page in pages for s in page["DataSources"]] == ["athena", "temporary"]
    sales.quicksight.delete_data_source(**key)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        sales.quicksight.delete_data_source(**key)
    created = sales.data_set("short_lived", columns=COLUMNS[:1])
    sales.ended("short_lived", created["IngestionId"])
    sales.quicksight.delete_data_set(AwsAccountId=ACCOUNT, DataSetId="short_lived")
    assert not (sales.spice / "short_lived.parquet").exists()
    sets = sales.quicksight.list_data_sets(AwsAccountId=ACCOUNT)["DataSetSummaries"]
    assert "short_lived" not in [s["DataSetId"] for s in sets]
