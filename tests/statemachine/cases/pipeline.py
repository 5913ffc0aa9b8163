"""pipeline: five steps, each of which succeeds or ends the run."""

import json
from typing import Any

from tests.statemachine.case import EXECUTION_ARN, EXECUTION_NAME, Call, Case, Fork, Step

GIVEN = {"objects": ["read/Person.Person.csv"]}
JOBS = {
    "CountOrderLines": "order_line_counts",
    "RankTopProducts": "top_products",
    "CountCustomerOrders": "customer_orders",
    "SumDailyQuantity": "product_daily_quantity",
    "FindLargeOrders": "large_orders",
}
TOP_PRODUCTS = "csv-to-charts-top_products"
ONE_DATA_SET = {"DataSetIds": f"'{TOP_PRODUCTS}'"}


def child(state: str, machine: str, times: int, **given: str) -> Call:
    arguments = {
        "StateMachineArn": f"arn:aws:states:us-east-1:123456789012:stateMachine:csv-to-charts-{machine}",
        "Input": {**given, "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": EXECUTION_ARN},
    }
    return Call(state, "states:startExecution.sync:2", arguments, times)


def crawl_input(times: int = 1) -> Call:
    return child("CrawlInput", "crawl", times, crawler="csv-to-charts-input")


def crawl_output(times: int = 1) -> Call:
    return child("CrawlOutput", "crawl", times, crawler="csv-to-charts-output")


def validate_output(times: int = 1) -> Call:
    return child("ValidateOutput", "validate", times, run=EXECUTION_NAME)


def refresh(data_set_id: str = TOP_PRODUCTS, times: int = 1) -> list[Step]:
    return [child("RefreshDataSet", "refresh-spice", times, data_set_id=data_set_id)]


def job(state: str, times: int = 1) -> list[Step]:
    return [Call(state, "glue:startJobRun.sync", {"JobName": f"csv-to-charts-{JOBS[state]}"}, times)]


def jobs(*branches: list[Step]) -> Fork:
    return Fork("RunSparkJobs", list(branches))


def all_jobs(times: int = 1) -> Fork:
    return jobs(*(job(state, times) for state in JOBS))


def spice(*items: list[Step]) -> Fork:
    return Fork("RefreshSpice", list(items))


def output(data_sets: list[str], ingestions: int) -> dict[str, Any]:
    """What a run gives."""
    refreshed = {
        "data_set_id": TOP_PRODUCTS,
        "ingestion_id": "0c7a",
        "rows_ingested": 12,
        "rows_dropped": 0,
    }
    return {
        "objects": ["read/Person.Person.csv"],
        "jobs": [
            {"job": "csv-to-charts-order_line_counts", "run_id": "jr_order_line_counts", "seconds": 61},
            {"job": "csv-to-charts-top_products", "run_id": "jr_top_products", "seconds": 62},
            {"job": "csv-to-charts-customer_orders", "run_id": "jr_customer_orders", "seconds": 63},
            {
                "job": "csv-to-charts-product_daily_quantity",
                "run_id": "jr_product_daily_quantity",
                "seconds": 64,
            },
            {"job": "csv-to-charts-large_orders", "run_id": "jr_large_orders", "seconds": 65},
        ],
        "checks": {"passed": 2},
        "data_sets": {"ids": data_sets},
        "spice": {"ingestions": [refreshed] * ingestions},
    }


def child_failed(machine: str, given: dict[str, str], error: str, cause: str) -> dict[str, str]:
    """The error and cause of a step whose execution failed: its description."""
    described = {
        "ExecutionArn": f"arn:aws:states:us-east-1:123456789012:execution:csv-to-charts-{machine}:8f1d",
        "StateMachineArn": f"arn:aws:states:us-east-1:123456789012:stateMachine:csv-to-charts-{machine}",
        "Name": "8f1d",
        "Status": "FAILED",
        "StartDate": 1306800000000,
        "StopDate": 1306800060000,
        "Input": json.dumps(given),
        "Error": error,
        "Cause": cause,
    }
    return {"error": "States.TaskFailed", "cause": json.dumps(described, separators=(",", ":"))}


def job_failed(state: str) -> dict[str, str]:
    """The error and cause of a job that failed: its run."""
    run = {
        "Id": f"jr_{JOBS[state]}",
        "Attempt": 0,
        "JobName": f"csv-to-charts-{JOBS[state]}",
        "StartedOn": 1306800000000,
        "CompletedOn": 1306800060000,
        "JobRunState": "FAILED",
        "ExecutionTime": 61 + list(JOBS).index(state),
        "WorkerType": "G.1X",
        "NumberOfWorkers": 2,
        "GlueVersion": "5.1",
        "ErrorMessage": "ValueError: column TotalDue: 1 value is no number, for example 'abc'",
    }
    return {"error": "States.TaskFailed", "cause": json.dumps(run, separators=(",", ":"))}


def throttled(service: str) -> dict[str, str]:
    """The error and cause of a step that was tried as often as it may be."""
    return {"error": f"{service}.ThrottlingException", "cause": "ThrottlingException: Rate exceeded"}


TO_CHECKED: list[Step] = [crawl_input(), all_jobs(), crawl_output(), validate_output(), "ListDataSets"]

CASES = [
    Case(
        "HappyPath",
        GIVEN,
        substitutions=ONE_DATA_SET,
        steps=[*TO_CHECKED, spice(refresh())],
        output=output([TOP_PRODUCTS], ingestions=1),
        seconds_at_most=14400,
    ),
    Case(
        "QuickSightOff",
        GIVEN,
        substitutions={"DataSetIds": ""},
        steps=[*TO_CHECKED, spice()],
        output=output([], ingestions=0),
    ),
    Case(
        "EachDataSet",
        GIVEN,
        steps=[*TO_CHECKED, spice(refresh(TOP_PRODUCTS), refresh("csv-to-charts-large_orders"))],
        output=output([TOP_PRODUCTS, "csv-to-charts-large_orders"], ingestions=2),
    ),
    Case(
        "CrawlInputFailed",
        GIVEN,
        steps=[crawl_input()],
        **child_failed(
            "crawl",
            {"crawler": "csv-to-charts-input"},
            "CrawlFailed",
            "Crawler csv-to-charts-input did not succeed",
        ),
    ),
    *(
        Case(f"{state}Failed", GIVEN, steps=[crawl_input(), jobs(job(state))], **job_failed(state))
        for state in JOBS
    ),
    Case(
        "CrawlOutputFailed",
        GIVEN,
        steps=[crawl_input(), all_jobs(), crawl_output()],
        **child_failed(
            "crawl",
            {"crawler": "csv-to-charts-input"},
            "CrawlFailed",
            "Crawler csv-to-charts-input did not succeed",
        ),
    ),
    Case(
        "ValidateOutputFailed",
        GIVEN,
        steps=[crawl_input(), all_jobs(), crawl_output(), validate_output()],
        **child_failed("validate", {"run": "run-000042"}, "ChecksFailed", "1 of 2 checks failed"),
    ),
    Case(
        "RefreshDataSetFailed",
        GIVEN,
        substitutions=ONE_DATA_SET,
        steps=[*TO_CHECKED, spice(refresh())],
        **child_failed(
            "refresh-spice",
            {"data_set_id": TOP_PRODUCTS},
            "IngestionFailed",
            "Data set csv-to-charts-top_products was not refreshed",
        ),
    ),
    Case(
        "JobsThrottled",
        GIVEN,
        substitutions=ONE_DATA_SET,
        steps=[
            crawl_input(),
            all_jobs(times=6),
            crawl_output(),
            validate_output(),
            "ListDataSets",
            spice(refresh()),
        ],
        output=output([TOP_PRODUCTS], ingestions=1),
        waits=[5] * 5 + [10] * 5 + [20] * 5 + [40] * 5 + [60] * 5,
    ),
    Case(
        "ChildrenThrottled",
        GIVEN,
        substitutions=ONE_DATA_SET,
        steps=[
            crawl_input(times=4),
            all_jobs(),
            crawl_output(times=4),
            validate_output(times=4),
            "ListDataSets",
            spice(refresh(times=4)),
        ],
        output=output([TOP_PRODUCTS], ingestions=1),
        waits=[2.5] * 4 + [5] * 4 + [10] * 4,
    ),
    Case(
        "CrawlInputThrottledTooLong",
        GIVEN,
        steps=[crawl_input(times=7)],
        waits=[2.5, 5, 10, 20, 30, 30],
        **throttled("StepFunctions"),
    ),
    *(
        Case(
            f"{state}ThrottledTooLong",
            GIVEN,
            steps=[crawl_input(), jobs(job(state, times=7))],
            waits=[5, 10, 20, 40, 60, 60],
            **throttled("Glue"),
        )
        for state in JOBS
    ),
    Case(
        "CrawlOutputThrottledTooLong",
        GIVEN,
        steps=[crawl_input(), all_jobs(), crawl_output(times=7)],
        waits=[2.5, 5, 10, 20, 30, 30],
        **throttled("StepFunctions"),
    ),
    Case(
        "ValidateOutputThrottledTooLong",
        GIVEN,
        steps=[crawl_input(), all_jobs(), crawl_output(), validate_output(times=7)],
        waits=[2.5, 5, 10, 20, 30, 30],
        **throttled("StepFunctions"),
    ),
    Case(
        "RefreshDataSetThrottledTooLong",
        GIVEN,
        substitutions=ONE_DATA_SET,
        steps=[*TO_CHECKED, spice(refresh(times=7))],
        waits=[2.5, 5, 10, 20, 30, 30],
        **throttled("StepFunctions"),
    ),
]
