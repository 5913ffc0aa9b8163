"""What a run used of what AWS bills, as the histories of its executions and the services tell."""

import json
from dataclasses import dataclass, field
from typing import Any

from operate.errors import OperateError
from operate.history import History
from operate.prices import CRAWLER_DPUS, worker_dpus
from operate.stack import Clients
from operate.visits import SUCCEEDED, Attempt, Visits

QUERIES_AT_ONCE = 50
"""The most that BatchGetQueryExecution takes ("BatchGetQueryExecution", Amazon Athena API Reference)."""
CLOCKS_SECONDS = 300
"""How far the start of a crawl may be from the task that asked for it."""


@dataclass(frozen=True)
class JobRun:
    """A run of a Spark job: the DPUs it had, and for how long it had them."""

    dpus: float
    dpu_seconds: float
    glue_version: str
    execution_class: str


@dataclass
class Usage:
    """What was used. `crawls` are the DPU-hours of each, `queries` the bytes each scanned, `spice` the bytes that each
    data set holds."""

    transitions: int = 0
    job_runs: list[JobRun] = field(default_factory=list)
    crawls: list[float] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)
    spice: dict[str, int] = field(default_factory=dict)


def usage_of(client: Clients, execution_arn: str) -> Usage:
    """What an execution used, and those that it started. Raises botocore's ClientError, and OperateError where the
    services no longer know."""
    meter = _Meter(client)
    meter.read(execution_arn)
    meter.ask_for_queries()
    return meter.usage


class _Meter:
    """Adds up the executions it reads."""

    def __init__(self, client: Clients) -> None:
        self._client, self.usage = client, Usage()
        self._read: set[str] = set()
        self._queries: list[str] = []
        self._readers = {
            "states:startExecution": self._execution,
            "glue:startJobRun": self._job_run,
            "aws-sdk:glue:startCrawler": self._crawl,
            "athena:startQueryExecution": self._query,
            "aws-sdk:quicksight:createIngestion": self._ingestion,
        }

    def read(self, execution_arn: str) -> None:
        """Add an execution. One that was redriven with its parent is the same one."""
        if execution_arn in self._read:
            return
        self._read.add(execution_arn)
        visits = Visits()
        visits.add(History(self._client("stepfunctions"), execution_arn).refresh())
        for visit in visits.all:
            # A step that is executed is a transition, and each retry is one more ("AWS Step Functions Pricing").
            self.usage.transitions += max(len(visit.attempts), 1)
            for attempt in visit.attempts:
                self._attempt(attempt)

    def _attempt(self, attempt: Attempt) -> None:
        """Whatever is billed by itself; calls of an API are not."""
        scheduled = attempt.scheduled
        action = f"{scheduled.get('resourceType', '')}:{scheduled.get('resource', '')}".partition(".")[0]
        began = attempt.work or attempt.status == SUCCEEDED
        if began and action in self._readers:
            self._readers[action](attempt, json.loads(scheduled["parameters"]))

    def _execution(self, attempt: Attempt, asked: dict[str, Any]) -> None:
        self.read(attempt.work["ExecutionArn"])

    def _job_run(self, attempt: Attempt, asked: dict[str, Any]) -> None:
        glue = self._client("glue")
        run = glue.get_job_run(JobName=asked["JobName"], RunId=attempt.work["JobRunId"])["JobRun"]
        dpus = run["NumberOfWorkers"] * worker_dpus(run["WorkerType"])
        self.usage.job_runs.append(
            JobRun(
                dpus=dpus,
                dpu_seconds=run.get("DPUSeconds", dpus * run["ExecutionTime"]),
                glue_version=run["GlueVersion"],
                execution_class=run.get("ExecutionClass", "STANDARD"),
            )
        )

    def _crawl(self, attempt: Attempt, asked: dict[str, Any]) -> None:
        crawl = _crawl_of(self._client("glue"), asked["Name"], attempt)
        seconds = (crawl["EndTime"] - crawl["StartTime"]).total_seconds()
        self.usage.crawls.append(crawl.get("DPUHour", CRAWLER_DPUS * seconds / 3600))

    def _query(self, attempt: Attempt, asked: dict[str, Any]) -> None:
        self._queries.append(attempt.work["QueryExecutionId"])

    def ask_for_queries(self) -> None:
        """Add the queries that were met, many with one request."""
        for start in range(0, len(self._queries), QUERIES_AT_ONCE):
            ids = self._queries[start : start + QUERIES_AT_ONCE]
            answer = self._client("athena").batch_get_query_execution(QueryExecutionIds=ids)
            if unknown := answer["UnprocessedQueryExecutionIds"]:
                raise OperateError(
                    f"Athena does not tell of the query {unknown[0]['QueryExecutionId']}: {unknown[0]['ErrorMessage']}"
                )
            for query in answer["QueryExecutions"]:
                if query["Status"]["State"] != "FAILED":  # those are free ("Amazon Athena Pricing")
                    self.usage.queries.append(query.get("Statistics", {}).get("DataScannedInBytes", 0))

    def _ingestion(self, attempt: Attempt, asked: dict[str, Any]) -> None:
        named = {name: asked[name] for name in ("AwsAccountId", "DataSetId", "IngestionId")}
        ingestion = self._client("quicksight").describe_ingestion(**named)["Ingestion"]
        if ingestion["IngestionStatus"] == "COMPLETED":
            self.usage.spice[asked["DataSetId"]] = ingestion.get("IngestionSizeInBytes", 0)


def _crawl_of(glue: Any, crawler: str, attempt: Attempt) -> dict[str, Any]:
    """The crawl that a task started; StartCrawler does not tell which, so it is the one that began with it."""
    request: dict[str, Any] = {"CrawlerName": crawler}
    crawls: list[dict[str, Any]] = []
    while True:  # botocore has no paginator for it
        page = glue.list_crawls(**request)
        crawls += (crawl for crawl in page["Crawls"] if "EndTime" in crawl)
        if not page.get("NextToken"):
            break
        request["NextToken"] = page["NextToken"]
    apart = {abs((crawl["StartTime"] - attempt.began).total_seconds()): crawl for crawl in crawls}
    nearest = min(apart, default=CLOCKS_SECONDS)
    if nearest >= CLOCKS_SECONDS:
        raise OperateError(
            f"Glue knows no crawl of {crawler} that began at {attempt.began:%Y-%m-%d %H:%M:%S} and has ended; "
            "it forgets them after a year, and with their crawler"
        )
    return apart[nearest]
