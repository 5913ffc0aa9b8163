"""Lets a run fail, redrives it, and counts what was done for it."""

import datetime as dt
import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.alert.failure import Event, events_of, failure_of
from localcloud import faults
from tests.localcloud.waiting import until
from tests.oracle import read_results
from tests.pipeline.conftest import Account
from tests.pipeline.failures import CHECKS, CRAWLS, RESULTS, STACK, Case

Outcomes = dict[str, Counter[str]]
"""How often work of each name ended in each status."""


@dataclass(frozen=True)
class Work:
    """What was done since a moment."""

    jobs: Outcomes
    crawls: Outcomes
    validations: Outcomes
    queries: int
    refreshes: Outcomes

    @property
    def cells(self) -> tuple[str, ...]:
        """Of the table: work that succeeded, and work that did not."""
        outcomes = (_cell(kind) for kind in (self.jobs, self.crawls, self.refreshes))
        jobs, crawls, refreshes = outcomes
        return jobs, crawls, str(self.queries), refreshes

    def assert_that_the_rest_ran(self, before: "Work", done: set[str]) -> None:
        """Since `before`, what had been `done` did not run, and all else ran once and succeeded."""
        for kind in ("jobs", "crawls", "validations", "refreshes"):
            former, now = getattr(before, kind), getattr(self, kind)
            for name, ended in now.items():
                runs = ended.total() - former[name].total()
                assert runs == (f"{kind} {name}" not in done), (kind, name, former, now)
                assert ended["SUCCEEDED"], (kind, name, now)
        assert (len(self.jobs), len(self.crawls), len(self.refreshes)) == (len(RESULTS), 2, len(RESULTS))
        assert len(CHECKS) <= self.queries <= len(CHECKS) * self.validations["all"].total()


def _done(events: list[Event]) -> set[str]:
    """What the states worked on that were left, as `jobs large_orders`; work whose state was stopped is not among it,
    even if it came to its end in that moment."""
    done = set()
    for event in events:
        if event["type"] == "TaskStateExited":
            details = event["stateExitedEventDetails"]
            output = json.loads(details["output"])
            if "job" in output:
                done.add(f"jobs {output['job'].removeprefix(f'{STACK}-')}")
            elif "data_set_id" in output:
                done.add(f"refreshes {output['data_set_id']}")
            else:
                done.add(
                    f"crawls {CRAWLS[details['name']]}" if details["name"] in CRAWLS else "validations all"
                )
    return done


def _cell(outcomes: Outcomes) -> str:
    total = sum((ended for ended in outcomes.values()), Counter[str]())
    others = total.total() - total["SUCCEEDED"]
    return f"{total['SUCCEEDED']} + {others}" if others else str(total["SUCCEEDED"])


class Matrix:
    """Runs in an account that has had one that never failed, whose output is in `never_failed`."""

    def __init__(self, account: Account, never_failed: Path, directory: Path) -> None:
        self._account, self._never_failed, self._directory = account, never_failed, directory
        self._stepfunctions = account.client("stepfunctions")

    def fail_and_redrive(self, case: Case) -> Work:
        """A run that fails as the case says, and once the fault is gone is redriven to the same results."""
        began = dt.datetime.now(tz=dt.UTC)
        self._remove_results()
        with self._fault(case.fault, case.subject):
            arn = self._start()
            assert self._end_of(arn) == "FAILED"
        assert failure_of(self._stepfunctions, arn).where == case.failed_at
        before, done = self._work_since(began), _done(events_of(self._stepfunctions, arn))

        self._stepfunctions.redrive_execution(executionArn=arn)

        assert self._end_of(arn) == "SUCCEEDED", str(failure_of(self._stepfunctions, arn))
        self._assert_same_results(arn)
        work = self._work_since(began)
        work.assert_that_the_rest_ran(before, done)
        return work

    @contextmanager
    def _fault(self, text: str, check: str) -> Iterator[None]:
        if "{sql}" in text:
            text = text.format(sql=self._checks()[check])
        faults.add(text)
        try:
            yield
            assert faults.active()[text], "the fault struck nothing"
        finally:
            faults.clear()

    def _checks(self) -> dict[str, str]:
        """The SQL of each check."""
        athena = self._account.client("athena")
        ids = athena.list_named_queries(WorkGroup=STACK)["NamedQueryIds"]
        queries = (athena.get_named_query(NamedQueryId=id)["NamedQuery"] for id in ids)
        return {query["Name"]: query["QueryString"].strip() for query in queries}

    def _remove_results(self) -> None:
        for key in self._account.keys("OutputBucketName", "write/"):
            self._account.client("s3").delete_object(Bucket=self._account.output("OutputBucketName"), Key=key)

    def _start(self) -> str:
        started = self._stepfunctions.start_execution(
            stateMachineArn=self._account.output("PipelineArn"), name=f"matrix-{uuid.uuid4()}"
        )
        return str(started["executionArn"])

    def _end_of(self, arn: str) -> str:
        def status() -> str:
            return str(self._stepfunctions.describe_execution(executionArn=arn)["status"])

        until(lambda: status() != "RUNNING", seconds=300, every=0.3)
        return status()

    def _assert_same_results(self, arn: str) -> None:
        s3, bucket = self._account.client("s3"), self._account.output("OutputBucketName")
        for key in self._account.keys("OutputBucketName", "write/"):
            path = self._directory / key
            path.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, key, str(path))
        former = json.loads((self._never_failed / "execution.json").read_text())
        described = self._stepfunctions.describe_execution(executionArn=arn)
        assert _rows(self._directory) == _rows(self._never_failed)
        assert _rows_in_spice(described["output"]) == _rows_in_spice(former["output"])

    def _work_since(self, moment: dt.datetime) -> Work:
        return Work(
            jobs=defaultdict(
                Counter, {result: self._job_runs(f"{STACK}-{result}", moment) for result in RESULTS}
            ),
            crawls=self._executions("crawl", moment, "crawler"),
            validations=self._executions("validate", moment, None),
            queries=self._queries(moment),
            refreshes=self._executions("refresh-spice", moment, "data_set_id"),
        )

    def _job_runs(self, job: str, moment: dt.datetime) -> Counter[str]:
        runs = self._account.client("glue").get_job_runs(JobName=job)["JobRuns"]
        return Counter(run["JobRunState"] for run in runs if run["StartedOn"] >= moment)

    def _executions(self, machine: str, moment: dt.datetime, key: str | None) -> Outcomes:
        """Of a child state machine, by what its input says under `key`."""
        found: Outcomes = defaultdict(Counter)
        for execution in self._account.executions(machine):
            if execution["startDate"] >= moment:
                described = self._stepfunctions.describe_execution(executionArn=execution["executionArn"])
                name = json.loads(described["input"])[key] if key else "all"
                found[name][execution["status"]] += 1
        return found

    def _queries(self, moment: dt.datetime) -> int:
        """Those of checks; ingestions query the results too."""
        athena = self._account.client("athena")
        pages = athena.get_paginator("list_query_executions").paginate(WorkGroup=STACK)
        ids = [id for page in pages for id in page["QueryExecutionIds"]]
        submitted: list[dict[str, Any]] = []
        for first in range(0, len(ids), 50):
            submitted += athena.batch_get_query_execution(QueryExecutionIds=ids[first : first + 50])[
                "QueryExecutions"
            ]
        checks = set(self._checks().values())
        return sum(
            query["Query"].strip() in checks and query["Status"]["SubmissionDateTime"] >= moment
            for query in submitted
        )


def _rows(output: Path) -> dict[str, list[Any]]:
    """The rows of each result; only those of large_orders have an order that means something."""
    results = read_results(output / "write")
    return {name: rows if name == "large_orders" else sorted(rows) for name, rows in results.items()}


def _rows_in_spice(output: str) -> dict[str, int]:
    return {
        ingestion["data_set_id"]: ingestion["rows_ingested"]
        for ingestion in json.loads(output)["spice"]["ingestions"]
    }
