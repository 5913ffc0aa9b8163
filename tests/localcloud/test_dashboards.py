"""QuickSight's analyses and dashboards through the endpoint, and the rows that a visual sees."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from charts.engine import FIRST, Here
from localcloud import aws, dashboard, own_api
from tests.localcloud.process import Process
from tests.localcloud.test_quicksight import ACCOUNT
from tests.localcloud.waiting import client_errors, until

COLUMNS = [
    {"Name": "id", "Type": "INTEGER"},
    {"Name": "who", "Type": "STRING"},
    {"Name": "paid", "Type": "BOOLEAN"},
]


@pytest.fixture(scope="module")
def shop(process: Process) -> Iterator[Any]:
    """QuickSight with one data set, `shop`, in SPICE."""
    clients = process.client
    clients("s3").create_bucket(Bucket="shop-lake")
    clients("glue").create_database(DatabaseInput={"Name": "shop"})
    storage = {
        "Columns": [
            {"Name": "id", "Type": "bigint"},
            {"Name": "who", "Type": "string"},
            {"Name": "paid", "Type": "boolean"},
        ],
        "Location": "s3://shop-lake/sales/",
        "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
    }
    clients("glue").create_table(
        DatabaseName="shop", TableInput={"Name": "sales", "StorageDescriptor": storage}
    )
    body = b'{"id": 1, "who": "Ann", "paid": true}\n{"id": 2, "who": "Bo", "paid": false}\n'
    clients("s3").put_object(Bucket="shop-lake", Key="sales/part.json", Body=body)
    results = {"ResultConfiguration": {"OutputLocation": "s3://shop-lake/results/"}}
    clients("athena").create_work_group(Name="shop", Configuration=results)
    quicksight = clients("quicksight")
    source = quicksight.create_data_source(
        AwsAccountId=ACCOUNT,
        DataSourceId="shop",
        Name="shop",
        Type="ATHENA",
        DataSourceParameters={"AthenaParameters": {"WorkGroup": "shop"}},
    )["Arn"]
    table = {"DataSourceArn": source, "Schema": "shop", "Name": "sales", "InputColumns": COLUMNS}
    for name, mode in (("shop", "SPICE"), ("shop-direct", "DIRECT_QUERY")):
        quicksight.create_data_set(
            AwsAccountId=ACCOUNT,
            DataSetId=name,
            Name=name,
            ImportMode=mode,
            PhysicalTableMap={"sales": {"RelationalTable": table}},
        )
    until(lambda: ingested(quicksight))
    yield quicksight
    for name in ("shop", "shop-direct"):
        quicksight.delete_data_set(AwsAccountId=ACCOUNT, DataSetId=name)
    quicksight.delete_data_source(AwsAccountId=ACCOUNT, DataSourceId="shop")


def ingested(quicksight: Any) -> bool:
    ingestions = quicksight.list_ingestions(AwsAccountId=ACCOUNT, DataSetId="shop")["Ingestions"]
    return {ingestion["IngestionStatus"] for ingestion in ingestions} == {"COMPLETED"}


def definition(column: str = "id", data_set: str = "shop", kind: str = "Numerical") -> dict[str, Any]:
    field = {"FieldId": "f", "Column": {"DataSetIdentifier": "shop", "ColumnName": column}}
    values = {"Values": [{f"{kind}MeasureField": field}]}
    visual = {"KPIVisual": {"VisualId": "kpi", "ChartConfiguration": {"FieldWells": values}}}
    arn = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:dataset/{data_set}"
    return {
        "DataSetIdentifierDeclarations": [{"Identifier": "shop", "DataSetArn": arn}],
        "Sheets": [{"SheetId": "sheet", "Name": "Sheet", "Visuals": [visual]}],
    }


def test_a_dashboard_has_versions_of_which_one_is_published(shop: Any) -> None:
    key = {"AwsAccountId": ACCOUNT, "DashboardId": "versions"}
    created = shop.create_dashboard(**key, Name="One", Definition=definition())
    assert (created["Status"], created["CreationStatus"]) == (201, "CREATION_IN_PROGRESS")
    updated = shop.update_dashboard(**key, Name="Two", Definition=definition("who", kind="Categorical"))
    assert updated["VersionArn"].endswith("dashboard/versions/version/2")

    described = shop.describe_dashboard(**key)["Dashboard"]
    assert (described["Name"], described["Version"]["VersionNumber"]) == ("One", 1)
    assert described["Version"]["Status"] == "CREATION_SUCCESSFUL"
    assert described["Version"]["Sheets"] == [{"SheetId": "sheet", "Name": "Sheet"}]
    assert shop.describe_dashboard_definition(**key, AliasName="$LATEST")["Name"] == "Two"

    shop.update_dashboard_published_version(**key, VersionNumber=2)
    assert shop.describe_dashboard_definition(**key)["Definition"] == definition("who", kind="Categorical")
    listed = shop.list_dashboards(AwsAccountId=ACCOUNT)["DashboardSummaryList"]
    assert [(d["Name"], d["PublishedVersionNumber"]) for d in listed if d["DashboardId"] == "versions"] == [
        ("Two", 2)
    ]
    versions = shop.list_dashboard_versions(**key)["DashboardVersionSummaryList"]
    assert [version["VersionNumber"] for version in versions] == [2, 1]
    with client_errors("ResourceExistsException", "Dashboard versions already exists"):
        shop.create_dashboard(**key, Name="One", Definition=definition())
    with client_errors("ResourceNotFoundException", "Version 3 of dashboard versions is not found"):
        shop.describe_dashboard(**key, VersionNumber=3)

    shop.delete_dashboard(**key)
    with client_errors("ResourceNotFoundException", "Dashboard versions is not found"):
        shop.describe_dashboard(**key)


def test_an_analysis_is_described_updated_listed_and_deleted(shop: Any) -> None:
    key = {"AwsAccountId": ACCOUNT, "AnalysisId": "analysis"}
    shop.create_analysis(**key, Name="One", Definition=definition())
    shop.update_analysis(**key, Name="Two", Definition=definition("gone"))
    described = shop.describe_analysis(**key)["Analysis"]
    assert (described["Name"], described["Status"]) == ("Two", "UPDATE_FAILED")
    assert [error["Type"] for error in described["Errors"]] == ["COLUMN_REPLACEMENT_MISSING"]
    shop.update_analysis(**key, Name="Three", Definition=definition())
    answered = shop.describe_analysis_definition(**key)
    assert (answered["ResourceStatus"], answered["Definition"]) == ("UPDATE_SUCCESSFUL", definition())
    assert "Errors" not in answered
    listed = shop.list_analyses(AwsAccountId=ACCOUNT)["AnalysisSummaryList"]
    assert [a["Name"] for a in listed if a["AnalysisId"] == "analysis"] == ["Three"]
    with client_errors("NotImplementedException", "DeleteAnalysis without ForceDeleteWithoutRecovery"):
        shop.delete_analysis(**key)
    shop.delete_analysis(**key, ForceDeleteWithoutRecovery=True)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        shop.describe_analysis(**key)


@pytest.mark.parametrize(
    ("wrong", "type_", "message"),
    [
        (definition(data_set="gone"), "DATA_SET_NOT_FOUND", "dataset/gone' is not found"),
        (definition("gone"), "COLUMN_REPLACEMENT_MISSING", "Required column 'gone' is missing in data set"),
        (definition("who"), "COLUMN_TYPE_MISMATCH", "Column 'who'"),
    ],
)
def test_a_dashboard_whose_data_does_not_fit_has_failed(
    shop: Any, wrong: dict[str, Any], type_: str, message: str
) -> None:
    key = {"AwsAccountId": ACCOUNT, "DashboardId": type_}
    shop.create_dashboard(**key, Name="Wrong", Definition=wrong)
    version = shop.describe_dashboard(**key)["Dashboard"]["Version"]
    assert version["Status"] == "CREATION_FAILED"
    assert [error["Type"] for error in version["Errors"]] == [type_]
    assert message in version["Errors"][0]["Message"]
    with client_errors("InvalidParameterValueException", "is CREATION_FAILED"):
        shop.update_dashboard_published_version(**key, VersionNumber=1)


def test_a_definition_that_is_wrong_in_itself_is_refused(shop: Any) -> None:
    undeclared = definition()
    undeclared["DataSetIdentifierDeclarations"][0]["Identifier"] = "other"
    twice = definition()
    twice["Sheets"][0]["Visuals"] += copy.deepcopy(twice["Sheets"][0]["Visuals"])
    unknown = definition()
    unknown["Sheets"][0]["ContentType"] = "POSTER"
    long_id = definition()
    long_id["Sheets"][0]["SheetId"] = "no spaces"
    for wrong, message in (
        (undeclared, "the data set shop, which is not declared"),
        (twice, "More than one visual has the id kpi"),
        (unknown, "ContentType is 'POSTER', not one of"),
        (long_id, "SheetId is 'no spaces', not of the pattern"),
    ):
        with client_errors("InvalidParameterValueException", message):
            shop.create_dashboard(AwsAccountId=ACCOUNT, DashboardId="wrong", Name="Wrong", Definition=wrong)


def test_a_stack_with_a_dashboard_that_fails_is_rolled_back(shop: Any, process: Process) -> None:
    properties = {
        "AwsAccountId": ACCOUNT,
        "DashboardId": "stack",
        "Name": "Stack",
        "Definition": definition("gone"),
    }
    template = {"Resources": {"D": {"Type": "AWS::QuickSight::Dashboard", "Properties": properties}}}
    cloudformation = process.client("cloudformation")
    cloudformation.create_stack(StackName="wrong-dashboard", TemplateBody=json.dumps(template))
    events = until(lambda: failures(cloudformation, "wrong-dashboard"))
    assert "Required column 'gone' is missing" in events[0]
    with client_errors("ResourceNotFoundException", "Dashboard stack is not found"):
        shop.describe_dashboard(AwsAccountId=ACCOUNT, DashboardId="stack")


def failures(cloudformation: Any, stack: str) -> list[str]:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED" and e["LogicalResourceId"] == "D"]
    return [event["ResourceStatusReason"] for event in failed]


@pytest.fixture
def endpoint(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "endpoint", lambda: process.client("s3").meta.endpoint_url)


@pytest.mark.usefixtures("shop", "endpoint")
def test_a_query_sees_what_is_in_spice() -> None:
    query = "select who, sum(paid) from data_set group by who order by who"
    assert own_api.call("QueryDataSet", {"DataSetId": "shop", "Query": query})["Rows"] == [
        ["Ann", "1"],
        ["Bo", "0"],
    ]


@pytest.mark.usefixtures("shop", "endpoint")
@pytest.mark.parametrize(
    ("data_set", "query", "message"),
    [
        ("gone", "select 1", "DataSet gone is not found"),
        ("shop", "select gone from data_set", "Data set shop: Binder Error"),
        ("shop-direct", "select 1", "QueryDataSet of shop-direct, which is not in SPICE"),
    ],
)
def test_a_query_that_cannot_be_run(data_set: str, query: str, message: str) -> None:
    with pytest.raises(own_api.OwnApiError, match=message):
        own_api.call("QueryDataSet", {"DataSetId": data_set, "Query": query})


@pytest.mark.usefixtures("endpoint")
def test_the_account_draws_what_can_be_drawn() -> None:
    engine = dashboard.Engine()
    own_api.call("PrepareToDraw", {})

    svg = engine.svg(FIRST)
    assert svg == Here().svg(FIRST)
    assert engine.png(svg) == Here().png(svg)
    with pytest.raises(own_api.OwnApiError, match=r"cannot be drawn: unknown token at 1:1$"):
        engine.png("no picture")


def test_the_account_gets_ready_to_draw_once_when_the_jobs_have_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[str] = []
    monkeypatch.setattr(own_api, "call", lambda operation, _: called.append(operation))
    types = ["ExecutionStarted", "ParallelStateEntered", "ParallelStateSucceeded", "TaskStateEntered"]
    preparation = dashboard.Preparation()

    by_length = []
    for length in range(1, len(types) + 1):
        preparation([{"type": kind} for kind in types[:length]])
        by_length.append(list(called))

    assert by_length == [[], [], ["PrepareToDraw"], ["PrepareToDraw"]]
