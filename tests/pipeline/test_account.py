"""What another shell sees of a run, with plain boto3 and the `aws` command."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.oracle import read_results
from tests.pipeline.conftest import Account, Run
from tests.template import properties

RESULTS = sorted(path.stem for path in (PROJECT / "glue_scripts").glob("*.py"))
pytestmark = pytest.mark.usefixtures("first_run")


def test_the_aws_command_lists_executions(account: Account) -> None:
    arguments = ["stepfunctions", "list-executions", "--state-machine-arn", account.output("PipelineArn")]
    done = subprocess.run(
        ["aws", *arguments, "--output", "json"],
        env=account.environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "run-000001" in {execution["name"] for execution in json.loads(done.stdout)["executions"]}


def test_raw_tables_are_named_and_typed_as_glue_does(account: Account) -> None:
    tables = {
        table["Name"]: table
        for table in account.client("glue").get_tables(DatabaseName="sales_raw")["TableList"]
    }

    assert set(tables) >= {
        "person_person_csv",
        "production_product_csv",
        "sales_customer_csv",
        "sales_salesorderdetail_csv",
        "sales_salesorderheader_csv",
        "sales_specialofferproduct_csv",
    }
    header = tables["sales_salesorderheader_csv"]
    columns = {column["Name"]: column["Type"] for column in header["StorageDescriptor"]["Columns"]}
    assert (columns["salesorderid"], columns["totaldue"], columns["orderdate"]) == (
        "bigint",
        "string",
        "string",
    )
    assert header["Parameters"]["classification"] == "csv"
    assert header["Parameters"]["delimiter"] == ";"
    assert header["Parameters"]["skip.header.line.count"] == "1"
    detail = tables["sales_salesorderdetail_csv"]["StorageDescriptor"]["Columns"]
    assert {column["Name"]: column["Type"] for column in detail}["linetotal"] == "double"


@pytest.mark.parametrize("result", RESULTS)
def test_each_job_has_runs_with_arguments_and_times(account: Account, result: str) -> None:
    runs = account.client("glue").get_job_runs(JobName=f"csv-to-charts-{result}")["JobRuns"]
    succeeded = [run for run in runs if run["JobRunState"] == "SUCCEEDED"]

    assert succeeded
    job = account.client("glue").get_job(JobName=f"csv-to-charts-{result}")["Job"]
    assert job["DefaultArguments"]["--output_path"].endswith(f"/write/{result}/")
    assert succeeded[-1]["CompletedOn"] > succeeded[-1]["StartedOn"]
    assert succeeded[-1]["ExecutionTime"] >= 0
    assert (succeeded[-1]["WorkerType"], succeeded[-1]["NumberOfWorkers"]) == ("G.1X", 2)


@pytest.mark.parametrize("result", RESULTS)
def test_results_are_objects_in_a_folder_each(account: Account, result: str) -> None:
    assert [key for key in account.keys("OutputBucketName", f"write/{result}/") if key.endswith(".json")]


def test_athena_answers_from_the_records_of_the_checks(account: Account) -> None:
    athena = account.client("athena")
    query = athena.start_query_execution(
        QueryString="select * from validation_results where run = 'run-000001'",
        QueryExecutionContext={"Database": account.output("ResultsDatabaseName")},
        WorkGroup=account.output("WorkGroupName"),
    )["QueryExecutionId"]
    while (status := athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"])[
        "State"
    ] in (
        "QUEUED",
        "RUNNING",
    ):
        time.sleep(0.05)

    assert status["State"] == "SUCCEEDED", status
    rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
    header, *records = [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows]
    assert len(records) == len(properties("AWS::Athena::NamedQuery"))
    assert {record[header.index("passed")] for record in records} == {"true"}


def test_the_checks_are_saved_queries_of_the_work_group(account: Account) -> None:
    athena = account.client("athena")
    ids = athena.list_named_queries(WorkGroup=account.output("WorkGroupName"))["NamedQueryIds"]
    named = athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"]

    assert {query["Name"] for query in named} == {q["Name"] for q in properties("AWS::Athena::NamedQuery")}


@pytest.mark.parametrize("result", RESULTS)
def test_each_data_set_was_refreshed_with_all_rows(account: Account, first_run: Run, result: str) -> None:
    ingestions = account.client("quicksight").list_ingestions(
        AwsAccountId="000000000000", DataSetId=f"csv-to-charts-{result}"
    )["Ingestions"]
    rows = len(read_results(Path(first_run.output) / "write")[result])

    asked_for = [ingestion for ingestion in ingestions if ingestion["RequestType"] != "INITIAL_INGESTION"]
    assert {ingestion["IngestionStatus"] for ingestion in asked_for} == {"COMPLETED"}
    assert {ingestion["RowInfo"]["RowsIngested"] for ingestion in asked_for} == {rows}
    assert {ingestion["RowInfo"]["RowsDropped"] for ingestion in asked_for} == {0}
