"""What a run cost, held against the run itself."""

import json
import re
from typing import Any

from operate.cost import of_run
from operate.usage import Usage, usage_of
from tests.pipeline.conftest import Account, Run
from tests.pipeline.test_operate import command

MACHINES = ("pipeline", "crawl", "validate", "refresh-spice")


def events_of_the_run(account: Account) -> list[dict[str, Any]]:
    """Those of run-000001 and of each execution of another state machine whose input names it."""
    stepfunctions, found = account.client("stepfunctions"), []
    for execution in (execution for machine in MACHINES for execution in account.executions(machine)):
        arn = execution["executionArn"]
        if "run-000001" in arn + stepfunctions.describe_execution(executionArn=arn)["input"]:
            pages = stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
            found += [event for page in pages for event in page["events"]]
    return found


def usage(account: Account) -> Usage:
    arn = account.output("PipelineArn").replace(":stateMachine:", ":execution:") + ":run-000001"
    return usage_of(account.client, arn)


def test_the_transitions_are_the_states_that_were_entered(account: Account, first_run: Run) -> None:
    events = events_of_the_run(account)
    tasks = [event for event in events if event["type"] == "TaskStateEntered"]
    attempts = [event for event in events if event["type"] == "TaskScheduled"]
    entered = [event for event in events if event["type"].endswith("StateEntered")]

    assert [event["type"] for event in events].count("ExecutionStarted") == 9  # one for each data set
    assert usage(account).transitions == len(entered) + len(attempts) - len(tasks)


def test_five_jobs_two_crawls_sixteen_queries_and_five_data_sets(account: Account, first_run: Run) -> None:
    used = usage(account)
    execution = json.loads((first_run.output / "execution.json").read_text())
    checks = [json.loads(path.read_text()) for path in (first_run.output / "validations").rglob("*.json")]
    seconds = re.findall(r'\\"ExecutionTime\\":\s?(\d+)', json.dumps(execution["history"]))

    assert sorted(round(run.dpu_seconds / run.dpus) for run in used.job_runs) == sorted(map(int, seconds))
    assert [(run.dpus, run.glue_version, run.execution_class) for run in used.job_runs] == [
        (2, "5.1", "STANDARD")
    ] * 5
    assert len(used.crawls) == 2
    assert all(0 < dpu_hours < 2 * 60 / 3600 for dpu_hours in used.crawls)
    assert sorted(used.queries) == sorted(check["bytes_scanned"] for check in checks)
    assert len(used.queries) == 16
    assert len(used.spice) == 5
    assert all(used.spice.values())


def test_a_run_ends_with_what_it_would_have_cost(account: Account, first_run: Run) -> None:
    (line,) = (
        line for line in first_run.printed.splitlines() if line.startswith("On AWS this run would have")
    )
    told = dict(re.findall(r"([a-zA-Z ]+) \$([\d.]+)[,)]", line.partition("(")[2]))

    items = of_run(usage(account))
    assert f"would have cost ${sum(item.dollars for item in items):.2f} at list prices" in line
    assert [float(amount) for amount in told.values()] == [round(item.dollars, 3) for item in items]


def test_the_command_is_localclouds_too(account: Account, first_run: Run) -> None:
    told = command(account, "operate", "cost", "run-000001", "--runs-per-month", "2")

    assert re.search(r"\nSpark jobs +5 runs, ", told)
    assert re.search(r"\nCrawls +2 crawls, 0.667 DPU-hours +\$0.44 per DPU-hour +0.2933\n", told)
    assert re.search(r"\nAthena +16 queries, 160 MB ", told)
    assert "\nA month of 2 such runs\n" in told
    options = ("run-000001", "--runs-per-month", "2", "--port", str(account.port))
    assert told == command(account, "localcloud", "cost", *options)
