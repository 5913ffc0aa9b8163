"""Work fails or is slow though it was started, and no longer once the fault is taken away."""

from collections.abc import Iterator
from typing import Any

import pytest

from localcloud import faults
from tests.localcloud.faults.injected import INJECTED, new_name
from tests.localcloud.glue.job_client import Account
from tests.localcloud.process import Process
from tests.localcloud.waiting import Clients, until

ROLE = "arn:aws:iam::000000000000:role/any"


class DataSet:
    """A SPICE data set of one row."""

    def __init__(self, clients: Clients) -> None:
        self.name, self.quicksight = new_name(), clients("quicksight")
        clients("s3").put_object(Bucket="lake", Key=f"{self.name}/part.json", Body=b'{"id": 1}\n')
        table = {
            "Columns": [{"Name": "id", "Type": "bigint"}],
            "Location": f"s3://lake/{self.name}/",
            "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
        }
        table_input = {"Name": self.name, "StorageDescriptor": table}
        clients("glue").create_table(DatabaseName="sales", TableInput=table_input)
        results = {"ResultConfiguration": {"OutputLocation": "s3://lake/results/"}}
        clients("athena").create_work_group(Name=self.name, Configuration=results)
        self._create()

    def _create(self) -> None:
        source = self.quicksight.create_data_source(
            AwsAccountId="000000000000",
            DataSourceId=self.name,
            Name=self.name,
            Type="ATHENA",
            DataSourceParameters={"AthenaParameters": {"WorkGroup": self.name}},
        )["Arn"]
        columns = [{"Name": "id", "Type": "INTEGER"}]
        table = {"DataSourceArn": source, "Schema": "sales", "Name": self.name, "InputColumns": columns}
        first = self.quicksight.create_data_set(
            AwsAccountId="000000000000",
            DataSetId=self.name,
            Name=self.name,
            PhysicalTableMap={"table": {"RelationalTable": table}},
            ImportMode="SPICE",
        )["IngestionId"]
        assert self._ended(first)["IngestionStatus"] == "COMPLETED"

    def delete(self) -> None:
        self.quicksight.delete_data_set(AwsAccountId="000000000000", DataSetId=self.name)
        self.quicksight.delete_data_source(AwsAccountId="000000000000", DataSourceId=self.name)

    def ingest(self) -> Any:
        """An ingestion when it has ended."""
        key = {"AwsAccountId": "000000000000", "DataSetId": self.name, "IngestionId": new_name()}
        self.quicksight.create_ingestion(**key)
        return self._ended(key["IngestionId"])

    def _ended(self, ingestion_id: str) -> Any:
        key = {"AwsAccountId": "000000000000", "DataSetId": self.name, "IngestionId": ingestion_id}

        def ended() -> Any:
            ingestion = self.quicksight.describe_ingestion(**key)["Ingestion"]
            return ingestion if ingestion["IngestionStatus"] in ("COMPLETED", "FAILED") else None

        return until(ended)


@pytest.fixture
def data_set(account: Clients) -> Iterator[DataSet]:
    data_set = DataSet(account)
    yield data_set
    data_set.delete()


@pytest.fixture
def jobs(process: Process, account: Clients) -> Account:
    return Account(process.endpoint, process.directory, process.id)


def test_a_crawl_fails(account: Clients) -> None:
    glue, name = account("glue"), new_name()
    targets = {"S3Targets": [{"Path": f"s3://lake/{name}/"}]}
    glue.create_crawler(Name=name, Role=ROLE, DatabaseName="sales", Targets=targets)

    def crawl() -> Any:
        glue.start_crawler(Name=name)
        return until(lambda: (c := glue.get_crawler(Name=name)["Crawler"])["State"] == "READY" and c)[
            "LastCrawl"
        ]

    faults.add(f"fail crawl {name}")
    failed = crawl()
    assert failed["Status"] == "FAILED"
    assert failed["ErrorMessage"] == f"InjectedFaultError: fail crawl {name} {INJECTED}"
    faults.clear()
    assert crawl()["Status"] == "SUCCEEDED"


def test_a_job_fails_and_its_retry_does_not(jobs: Account) -> None:
    job = jobs.job("print('ran')", MaxRetries=1)
    faults.add(f"fail job {job} times 1")

    run_id = jobs.start(job)
    failed = jobs.wait(job, run_id)
    runs = until(lambda: (runs := jobs.client("glue").get_job_runs(JobName=job)["JobRuns"])[1:] and runs)
    retry = jobs.wait(job, runs[0]["Id"])

    assert failed["JobRunState"] == "FAILED"
    assert failed["ErrorMessage"] == f"InjectedFaultError: fail job {job} times 1 {INJECTED}"
    assert jobs.log(failed) == []
    assert retry["JobRunState"] == "SUCCEEDED"
    assert jobs.log(retry) == ["ran"]


def test_a_slow_job_begins_later(jobs: Account) -> None:
    job = jobs.job("import time; print(time.time())")
    faults.add(f"slow job {job} by 2 seconds")

    run = jobs.wait(job, jobs.start(job))

    assert run["JobRunState"] == "SUCCEEDED"
    assert float(jobs.log(run)[0]) - run["StartedOn"].timestamp() > 2


def test_a_slow_job_is_running_and_can_be_stopped(jobs: Account) -> None:
    job = jobs.job("print('ran')")
    faults.add(f"slow job {job} by 600 seconds")
    run_id = jobs.start(job)
    jobs.wait(job, run_id, "RUNNING")

    jobs.client("glue").batch_stop_job_run(JobName=job, JobRunIds=[run_id])

    run = jobs.wait(job, run_id)
    assert run["JobRunState"] == "STOPPED"
    assert jobs.log(run) == []


def test_a_slow_job_can_run_out_of_time(jobs: Account) -> None:
    job = jobs.job("print('ran')", Timeout=1)
    faults.add(f"slow job {job} by 600 seconds")

    assert jobs.wait(job, jobs.start(job))["JobRunState"] == "TIMEOUT"


def test_a_query_fails_that_contains_a_text(account: Clients) -> None:
    athena = account("athena")

    def status_of(query: str) -> Any:
        location = {"OutputLocation": "s3://lake/results/"}
        started = athena.start_query_execution(QueryString=query, ResultConfiguration=location)

        def ended() -> Any:
            execution = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])
            status = execution["QueryExecution"]["Status"]
            return status if status["State"] in ("SUCCEEDED", "FAILED") else None

        return until(ended)

    faults.add("fail query as orders times 1")
    assert status_of("select 1 as n")["State"] == "SUCCEEDED"
    failed = status_of("select 1 as orders")
    assert failed["State"] == "FAILED"
    assert failed["StateChangeReason"] == (
        f"GENERIC_INTERNAL_ERROR: InjectedFaultError: fail query as orders times 1 {INJECTED}"
    )
    assert status_of("select 1 as orders")["State"] == "SUCCEEDED"


def test_an_ingestion_fails(data_set: DataSet) -> None:
    faults.add(f"fail ingestion {data_set.name}")

    failed = data_set.ingest()
    assert failed["IngestionStatus"] == "FAILED"
    assert failed["ErrorInfo"] == {
        "Type": "INTERNAL_SERVICE_ERROR",
        "Message": f"InjectedFaultError: fail ingestion {data_set.name} {INJECTED}",
    }
    faults.clear()
    assert data_set.ingest()["IngestionStatus"] == "COMPLETED"
