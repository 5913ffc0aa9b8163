"""The work behind a state: the job run, crawl, query or ingestion that its task began, and its log."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from functions.alert.failure import json_object
from operate.stack import Clients
from operate.visits import Attempt, Visit

CRAWLER_LOG = "/aws-glue/crawlers"
MOST_LINES = 500
"""The last ones of a log, which is where it says why."""
CLOCKS_MS = 5_000
"""How far the clocks of a crawl's log and of the history may be apart."""

Facts = dict[str, Any]


@dataclass(frozen=True)
class Work:
    """A piece of work: what it is and what is known of it, its log where it has one, and its SQL if it is a query."""

    kind: str
    facts: Facts
    log: list[str] | None = None
    query: str = ""


def work_of(client: Clients, visit: Visit) -> Work | None:
    """The work of the last attempt, None where the task began none that can be looked at.

    Raises botocore's ClientError.
    """
    if not visit.attempts:
        return None
    attempt = visit.attempts[-1]
    service = attempt.scheduled.get("resourceType", "").removeprefix("aws-sdk:")
    return READERS[service](client, attempt) if service in READERS else None


def _glue(client: Clients, attempt: Attempt) -> Work | None:
    asked = json_object(attempt.scheduled.get("parameters", ""))
    if run := attempt.work.get("Id") or attempt.work.get("JobRunId"):
        return _job_run(client, asked["JobName"], run)
    if crawler := asked.get("Name"):
        return _crawl(client, crawler, attempt)
    return None


def _job_run(client: Clients, job: str, run_id: str) -> Work:
    run = client("glue").get_job_run(JobName=job, RunId=run_id)["JobRun"]
    group = run.get("LogGroupName", "/aws-glue/jobs")
    lines = [line for part in ("output", "error") for line in _log(client, f"{group}/{part}", run_id)]
    facts = {
        "Job": job,
        "Run": run_id,
        "State": run["JobRunState"],
        "Seconds": run.get("ExecutionTime"),
        "Workers": f"{run.get('NumberOfWorkers', '')} {run.get('WorkerType', '')}".strip(),
        "Message": run.get("ErrorMessage"),
    }
    return Work("Glue job run", _known(facts), lines)


def _crawl(client: Clients, crawler: str, attempt: Attempt) -> Work:
    told = client("glue").get_crawler(Name=crawler)["Crawler"]
    began = int(attempt.began.timestamp() * 1000) - CLOCKS_MS
    lines = _log(client, CRAWLER_LOG, crawler, startTime=began)
    last = told.get("LastCrawl", {})
    facts = {"Crawler": crawler, "State": told["State"], "Last crawl": last.get("Status")}
    return Work("Glue crawler", _known(facts), lines)


def _athena(client: Clients, attempt: Attempt) -> Work | None:
    told = attempt.work
    query_id = told.get("QueryExecutionId") or told.get("QueryExecution", {}).get("QueryExecutionId")
    if not query_id:
        return None
    query = client("athena").get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
    done = query.get("Statistics", {})
    facts = {
        "Query": query_id,
        "State": query["Status"]["State"],
        "Milliseconds": done.get("TotalExecutionTimeInMillis"),
        "Bytes scanned": done.get("DataScannedInBytes"),
        "Message": query["Status"].get("StateChangeReason"),
    }
    return Work("Athena query", _known(facts), query=query["Query"])


def _quicksight(client: Clients, attempt: Attempt) -> Work | None:
    asked = json_object(attempt.scheduled.get("parameters", ""))
    if "IngestionId" not in asked:
        return None
    named = {name: asked[name] for name in ("AwsAccountId", "DataSetId", "IngestionId")}
    told = client("quicksight").describe_ingestion(**named)["Ingestion"]
    rows = told.get("RowInfo", {})
    facts = {
        "Data set": asked["DataSetId"],
        "Ingestion": asked["IngestionId"],
        "State": told["IngestionStatus"],
        "Rows ingested": rows.get("RowsIngested"),
        "Rows dropped": rows.get("RowsDropped"),
        "Message": told.get("ErrorInfo", {}).get("Message"),
    }
    return Work("QuickSight ingestion", _known(facts))


READERS: dict[str, Callable[[Clients, Attempt], Work | None]] = {
    "glue": _glue,
    "athena": _athena,
    "quicksight": _quicksight,
}


def _log(client: Clients, group: str, stream: str, **since: int) -> list[str]:
    """The last lines of a log stream; none where nothing was logged."""
    try:
        return list(_lines(client("logs"), group, stream, **since))[-MOST_LINES:]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return []
        raise


def _lines(logs: Any, group: str, stream: str, **since: int) -> Iterator[str]:
    pages = logs.get_paginator("filter_log_events")
    for page in pages.paginate(logGroupName=group, logStreamNames=[stream], **since):
        yield from (event["message"].rstrip("\n") for event in page["events"])


def _known(facts: Facts) -> Facts:
    return {name: fact for name, fact in facts.items() if fact not in (None, "")}
