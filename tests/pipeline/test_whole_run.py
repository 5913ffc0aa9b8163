"""From uploaded files to refreshed data sets, and nothing short-circuited."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.localcloud.waiting import until
from tests.oracle import expected, read_results
from tests.pipeline.conftest import Account, Run
from tests.template import properties

CHECKS = {query["Name"] for query in properties("AWS::Athena::NamedQuery")}


def states_entered(events: list[dict[str, Any]]) -> set[str]:
    return {e["stateEnteredEventDetails"]["name"] for e in events if e["type"].endswith("StateEntered")}


def states_defined(definition: dict[str, Any]) -> set[str]:
    inner = [
        part
        for state in definition["States"].values()
        for part in (*state.get("Branches", []), state.get("ItemProcessor"))
    ]
    return {*definition["States"], *(name for part in inner if part for name in states_defined(part))}


@pytest.fixture(scope="session")
def answers(sample: Path) -> dict[str, list[tuple[Any, ...]]]:
    return expected(sample)


def test_results_are_what_an_independent_query_gives(
    first_run: Run, answers: dict[str, list[tuple[Any, ...]]]
) -> None:
    results = read_results(first_run.output / "write")

    assert {name: Counter(rows) for name, rows in results.items()} == {
        name: Counter(rows) for name, rows in answers.items()
    }
    assert results["large_orders"] == answers["large_orders"]
    assert all(answers.values())


def test_each_check_is_recorded_and_has_passed(first_run: Run) -> None:
    records = [json.loads(path.read_text()) for path in (first_run.output / "validations").rglob("*.json")]

    assert {record["check_name"] for record in records} == CHECKS
    assert all(record["passed"] is True for record in records)
    assert all(record["run"] == "run-000001" and record["bytes_scanned"] > 0 for record in records)


def test_the_history_shows_every_state_of_the_pipeline(first_run: Run) -> None:
    execution = json.loads((first_run.output / "execution.json").read_text())
    definition = json.loads((PROJECT / "statemachine" / "pipeline.asl.json").read_text())

    assert execution["status"] == "SUCCEEDED"
    assert states_entered(execution["history"]) == states_defined(definition)
    assert execution["history"][-1]["type"] == "ExecutionSucceeded"


@pytest.mark.parametrize(("machine", "count"), [("crawl", 2), ("validate", 1), ("refresh-spice", 5)])
def test_each_child_execution_has_a_history_of_its_own(
    account: Account, first_run: Run, machine: str, count: int
) -> None:
    run = json.loads((first_run.output / "execution.json").read_text())
    started = [
        json.loads(event["taskSubmittedEventDetails"]["output"])["ExecutionArn"]
        for event in run["history"]
        if event["type"] == "TaskSubmitted" and event["taskSubmittedEventDetails"]["resourceType"] == "states"
    ]
    children = [arn for arn in started if f":csv-to-charts-{machine}:" in arn]

    assert len(children) == count
    for arn in children:
        events = account.client("stepfunctions").get_execution_history(executionArn=arn)["events"]
        assert len(states_entered(events)) >= 5
        assert events[-1]["type"] == "ExecutionSucceeded"


def test_six_files_in_one_upload_make_one_run_that_the_function_started(
    account: Account, first_run: Run
) -> None:
    printed = first_run.printed
    execution = json.loads((first_run.output / "execution.json").read_text())

    assert "Run run-000001" in printed
    assert json.loads(execution["input"])["object_count"] == 6
    logs = account.client("logs").filter_log_events(
        logGroupName="/aws/lambda/csv-to-charts-start-pipeline", filterPattern='"Run started"'
    )
    assert any('"run":"run-000001"' in event["message"].replace(" ", "") for event in logs["events"])


def test_what_is_printed_tells_states_rows_checks_and_where_to_look(first_run: Run) -> None:
    for part in ("> CrawlInput", "< FindLargeOrders", "large_orders", "Checks: 16 passed", "execution.json"):
        assert part in first_run.printed


def test_a_second_upload_leaves_one_set_of_results(
    account: Account,
    first_run: Run,
    run: Callable[[Path, Path], Run],
    sample: Path,
    tmp_path: Path,
    answers: dict[str, list[tuple[Any, ...]]],
) -> None:
    again = run(sample, tmp_path)

    assert again.code == 0, again.printed
    results = read_results(tmp_path / "write")
    assert {name: len(rows) for name, rows in results.items()} == {
        name: len(rows) for name, rows in answers.items()
    }


def test_a_file_that_arrives_while_a_run_is_going_starts_the_next_one(
    account: Account, first_run: Run, sample: Path
) -> None:
    before = {execution["name"] for execution in account.executions()}
    upload(account, sample / "Sales.Customer.csv")
    (running,) = until(lambda: names(account, "RUNNING") - before, seconds=120, every=0.1)

    upload(account, sample / "Production.Product.csv")

    (later,) = until(lambda: names(account) - before - {running}, seconds=120, every=0.1)
    until(lambda: not names(account, "RUNNING"), seconds=120, every=0.1)
    inputs = {name: objects_of(account, name) for name in (running, later)}
    assert inputs == {running: ["read/Sales.Customer.csv"], later: ["read/Production.Product.csv"]}
    assert later > running


def upload(account: Account, path: Path) -> None:
    account.client("s3").upload_file(str(path), account.output("InputBucketName"), f"read/{path.name}")


def names(account: Account, status: str | None = None) -> set[str]:
    return {e["name"] for e in account.executions() if status in (None, e["status"])}


def objects_of(account: Account, run: str) -> list[str]:
    arn = f"{account.output('PipelineArn').replace(':stateMachine:', ':execution:')}:{run}"
    described = account.client("stepfunctions").describe_execution(executionArn=arn)
    return [uploaded["key"] for uploaded in json.loads(described["input"])["objects"]]
