"""What a run used and what that costs, from answers in the services' own shapes."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from operate import cost
from operate.errors import OperateError
from operate.usage import JobRun, Usage, usage_of
from tests.operate.conftest import Deployed, Refuses
from tests.operate.histories import Written
from tests.template import properties

ARN = "arn:aws:states:us-east-1:000000000000:execution:pipeline:run-000001"
CHILD = f"{ARN}-child"


class Services:
    """Clients that answer what they were told to, in that order, once their shapes have been checked."""

    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}
        self._stubs: dict[str, Stubber] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
            )
            self._stubs[service] = Stubber(self._clients[service])
            self._stubs[service].activate()
        return self._clients[service]

    def answer(self, service: str, operation: str, asked: dict[str, Any], answer: dict[str, Any]) -> None:
        self.client(service)
        self._stubs[service].add_response(operation, answer, asked)

    def history(self, history: Written, arn: str = ARN) -> None:
        asked = {"executionArn": arn, "maxResults": ANY}
        self.answer("stepfunctions", "get_execution_history", asked, {"events": history.events})

    def check(self) -> None:
        for stub in self._stubs.values():
            stub.assert_no_pending_responses()


@pytest.fixture
def services() -> Iterator[Services]:
    services = Services()
    yield services
    services.check()


@pytest.fixture
def history() -> Written:
    return Written()


def attempt(
    history: Written, resource: str, asked: dict[str, Any], answer: dict[str, Any], fails: bool = False
) -> None:
    """A try of a task whose `resource` is such as glue:startJobRun.sync."""
    kind, _, action = resource.rpartition(":")
    named = {"resourceType": kind, "resource": action}
    parameters = json.dumps(asked)
    history.add("TaskScheduled", **named, region="us-east-1", parameters=parameters)
    if action.endswith(".sync"):
        history.add("TaskSubmitted", **named, output=json.dumps(answer))
    if fails:
        history.add("TaskFailed", **named, error="Broken")
    else:
        history.add("TaskSucceeded", **named, output=json.dumps(answer))


def job_run(services: Services, run_id: str, **told: Any) -> None:
    record = {"NumberOfWorkers": 2, "WorkerType": "G.1X", "GlueVersion": "5.1", "ExecutionTime": 90} | told
    asked = {"JobName": "orders", "RunId": run_id}
    services.answer("glue", "get_job_run", asked, {"JobRun": record})


def crawl(history: Written) -> dt.datetime:
    """A task that starts a crawl, and the moment of it."""
    history.enter("StartCrawl")
    attempt(history, "aws-sdk:glue:startCrawler", {"Name": "input"}, {})
    moment: dt.datetime = history.events[-2]["timestamp"]
    return moment


def crawled(began: dt.datetime, minutes: float, **told: Any) -> dict[str, Any]:
    return {"StartTime": began, "EndTime": began + dt.timedelta(minutes=minutes), **told}


def crawls(services: Services, *listed: dict[str, Any], token: str = "", then: str = "") -> None:
    asked = {"CrawlerName": "input"} | ({"NextToken": token} if token else {})
    answer = {"Crawls": list(listed)} | ({"NextToken": then} if then else {})
    services.answer("glue", "list_crawls", asked, answer)


def test_each_state_and_each_retry_is_a_transition(services: Services, history: Written) -> None:
    history.enter("Shape", "Pass")
    history.leave("Shape", "Pass")
    history.enter("Ask")
    for fails in (True, True, False):
        attempt(history, "aws-sdk:glue:getCrawler", {"Name": "input"}, {}, fails)
    services.history(history)

    assert usage_of(services.client, ARN) == Usage(transitions=4)


def test_what_child_executions_used_is_counted_once(services: Services, history: Written) -> None:
    history.enter("Child")
    for fails in (True, False):  # a redrive goes on with the child it had
        attempt(history, "states:startExecution.sync", {}, {"ExecutionArn": CHILD}, fails)
    child = Written()
    child.enter("Shape", "Pass")
    services.history(history)
    services.history(child, CHILD)

    assert usage_of(services.client, ARN).transitions == 3


def test_every_job_run_counts_that_was_begun_and_no_other(services: Services, history: Written) -> None:
    history.enter("Job")
    asked = {"JobName": "orders"}
    refused = {"resourceType": "glue", "resource": "startJobRun.sync"}
    history.add("TaskScheduled", **refused, region="us-east-1", parameters=json.dumps(asked))
    history.add("TaskFailed", **refused, error="Glue.ThrottlingException")
    attempt(history, "glue:startJobRun.sync", asked, {"JobRunId": "jr_1"}, fails=True)
    attempt(history, "glue:startJobRun.sync", asked, {"JobRunId": "jr_2"})
    services.history(history)
    job_run(services, "jr_1", WorkerType="G.2X")
    job_run(services, "jr_2", DPUSeconds=75.5, ExecutionClass="FLEX", GlueVersion="6.0")

    assert usage_of(services.client, ARN).job_runs == [
        JobRun(dpus=4, dpu_seconds=360, glue_version="5.1", execution_class="STANDARD"),
        JobRun(dpus=2, dpu_seconds=75.5, glue_version="6.0", execution_class="FLEX"),
    ]


def test_a_worker_without_a_price_is_named(services: Services, history: Written) -> None:
    history.enter("Job")
    attempt(history, "glue:startJobRun.sync", {"JobName": "orders"}, {"JobRunId": "jr_1"})
    services.history(history)
    job_run(services, "jr_1", WorkerType="R.1X")

    with pytest.raises(OperateError, match=r"worker type R\.1X is not known; it is for G\.1X, "):
        usage_of(services.client, ARN)


def test_a_crawl_is_the_one_that_began_with_its_task(services: Services, history: Written) -> None:
    began = crawl(history)
    day = dt.timedelta(days=1)
    services.history(history)
    crawls(services, {"StartTime": began}, crawled(began + day, 1, DPUHour=7.0), then="more")
    crawls(
        services,
        crawled(began + dt.timedelta(seconds=2), 12, DPUHour=0.5),
        crawled(began - day, 1, DPUHour=8.0),
        token="more",
    )

    assert usage_of(services.client, ARN).crawls == [0.5]


def test_a_crawl_without_dpu_hours_had_two(services: Services, history: Written) -> None:
    began = crawl(history)
    services.history(history)
    crawls(services, crawled(began, 15))

    assert usage_of(services.client, ARN).crawls == [0.5]


def test_a_crawl_that_glue_forgot_is_told(services: Services, history: Written) -> None:
    began = crawl(history)
    services.history(history)
    crawls(services, crawled(began - dt.timedelta(minutes=6), 1))

    with pytest.raises(OperateError, match="Glue knows no crawl of input that began at 2026-05-04 12:00:02 "):
        usage_of(services.client, ARN)


@pytest.mark.parametrize(
    ("state", "scanned"), [("SUCCEEDED", [12_345]), ("CANCELLED", [12_345]), ("FAILED", [])]
)
def test_queries_that_failed_are_free(
    services: Services, history: Written, state: str, scanned: list[int]
) -> None:
    history.enter("Query")
    attempt(history, "athena:startQueryExecution.sync", {}, {"QueryExecutionId": "query"})
    services.history(history)
    told = {"Status": {"State": state}, "Statistics": {"DataScannedInBytes": 12_345}}
    asked, answer = (
        {"QueryExecutionIds": ["query"]},
        {"QueryExecutions": [told], "UnprocessedQueryExecutionIds": []},
    )
    services.answer("athena", "batch_get_query_execution", asked, answer)

    assert usage_of(services.client, ARN).queries == scanned


def test_athena_is_asked_for_fifty_queries_at_once(services: Services, history: Written) -> None:
    ids = [f"query {number}" for number in range(51)]
    for query_id in ids:
        history.enter(query_id)
        attempt(history, "athena:startQueryExecution.sync", {}, {"QueryExecutionId": query_id})
    services.history(history)
    told = {"Status": {"State": "SUCCEEDED"}, "Statistics": {"DataScannedInBytes": 1}}
    for part in (ids[:50], ids[50:]):
        answer = {"QueryExecutions": [told] * len(part), "UnprocessedQueryExecutionIds": []}
        services.answer("athena", "batch_get_query_execution", {"QueryExecutionIds": part}, answer)

    assert usage_of(services.client, ARN).queries == [1] * 51


def test_a_query_that_athena_has_forgotten_is_named(services: Services, history: Written) -> None:
    history.enter("Query")
    attempt(history, "athena:startQueryExecution.sync", {}, {"QueryExecutionId": "query"})
    services.history(history)
    unknown = [{"QueryExecutionId": "query", "ErrorMessage": "Not found"}]
    answer = {"QueryExecutions": [], "UnprocessedQueryExecutionIds": unknown}
    services.answer("athena", "batch_get_query_execution", {"QueryExecutionIds": ["query"]}, answer)

    with pytest.raises(OperateError, match="Athena does not tell of the query query: Not found"):
        usage_of(services.client, ARN)


@pytest.mark.parametrize(("status", "spice"), [("COMPLETED", {"orders": 2048}), ("FAILED", {})])
def test_a_data_set_holds_what_was_ingested(
    services: Services, history: Written, status: str, spice: dict[str, int]
) -> None:
    asked = {"AwsAccountId": "000000000000", "DataSetId": "orders", "IngestionId": "one"}
    history.enter("Refresh")
    attempt(history, "aws-sdk:quicksight:createIngestion", asked, {"IngestionId": "one"})
    services.history(history)
    told = {
        "Arn": "arn",
        "IngestionStatus": status,
        "CreatedTime": history.events[0]["timestamp"],
        "IngestionSizeInBytes": 2048,
    }
    services.answer("quicksight", "describe_ingestion", asked, {"Ingestion": told})

    assert usage_of(services.client, ARN).spice == spice


def dollars(usage: Usage) -> dict[str, float]:
    return {item.name: round(item.dollars, 6) for item in cost.of_run(usage) if item.dollars}


@pytest.mark.parametrize(
    ("version", "execution_class", "price"),
    [("5.1", "STANDARD", 0.44), ("5.1", "FLEX", 0.29), ("6.0", "STANDARD", 0.308), ("6.0", "FLEX", 0.203)],
)
@pytest.mark.parametrize(("seconds", "billed"), [(20, 60), (59.9, 60), (90, 90)])
def test_a_job_run_is_billed_for_a_minute_at_least(
    version: str, execution_class: str, price: float, seconds: float, billed: float
) -> None:
    run = JobRun(2, 2 * seconds, version, execution_class)

    assert dollars(Usage(job_runs=[run])) == {"Spark jobs": round(2 * billed / 3600 * price, 6)}


def test_job_runs_at_two_prices_are_two_items() -> None:
    runs = [JobRun(2, 3600, version, "STANDARD") for version in ("5.1", "6.0", "5.1")]

    items = [item for item in cost.of_run(Usage(job_runs=runs)) if item.name == "Spark jobs"]
    assert [(item.counted, item.price, item.dollars) for item in items] == [
        ("2 runs, 2.000 DPU-hours", "$0.44 per DPU-hour", 0.88),
        ("1 run, 1.000 DPU-hours", "$0.308 per DPU-hour", 0.308),
    ]


@pytest.mark.parametrize(("used", "billed"), [(0.01, 1 / 3), (0.5, 0.5)])
def test_a_crawl_is_billed_for_ten_minutes_at_least(used: float, billed: float) -> None:
    assert dollars(Usage(crawls=[used, 1.0])) == {"Crawls": round((billed + 1) * 0.44, 6)}


@pytest.mark.parametrize(("scanned", "billed"), [(0, 10 * 2**20), (2**40, 2**40)])
def test_a_query_is_billed_for_ten_megabytes_at_least(scanned: int, billed: int) -> None:
    assert dollars(Usage(queries=[scanned])) == {"Athena": round(billed / 2**40 * 5, 6)}


def test_a_thousand_transitions_are_two_and_a_half_cents() -> None:
    assert dollars(Usage(transitions=1000)) == {"State transitions": 0.025}


def test_a_month_is_its_runs_and_what_is_held() -> None:
    usage = Usage(transitions=1000, spice={"a": 2**30, "b": 2**30})

    assert [(item.name, round(item.dollars, 6)) for item in cost.of_month(usage, 30)] == [
        ("Runs", 0.75),
        ("SPICE", 0.76),
        ("Alarms", 0.4),
    ]


def test_the_alarms_are_the_templates() -> None:
    assert len(properties("AWS::CloudWatch::Alarm")) == cost.ALARMS


def test_the_command_prices_the_last_run_that_has_ended(stack: Deployed) -> None:
    stack.run("run-000001", then="fail")
    stack.run("run-000002", then="succeed")
    stack.begin("run-000003")

    done = stack.operate("cost", "--runs-per-month", "1000")

    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "run-000002 on AWS, at the list prices of us-east-1" in lines
    assert "State transitions 2 $0.025 per 1,000 0.0001" in lines
    assert "Runs 1,000 $0.0001 each 0.0500" in lines
    assert "Total 0.4500" in lines


def test_runs_that_have_not_ended_have_no_price_yet(stack: Deployed, refuses: Refuses) -> None:
    refuses("no run has ended yet; the command runs lists them", "cost")
    stack.begin("run-000001")
    refuses("no run has ended yet; the command runs lists them", "cost")
    refuses("run-000001 is going; ask again when it has ended", "cost", "run-000001")
    refuses("there is no run run-000009; the command runs lists them", "cost", "run-000009")
