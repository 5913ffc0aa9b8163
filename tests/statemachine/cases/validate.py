"""validate: runs every check, records each, and fails if one did not pass."""

from typing import Any

from tests.statemachine.case import EXECUTION_NAME, MOMENT, Call, Case, Fork, Step

GIVEN = {"run": "run-000042"}
ONE_CHECK = {"CheckQueryIds": "query-1"}
QUERY = "select count(*) = 0 as passed from large_orders"
PASSED = {"passed": True, "observed": "0 keys twice"}
FAILED = {"passed": False, "observed": "3 keys twice"}


def get_check(query_id: str = "query-1", times: int = 1) -> Call:
    return Call("GetCheck", "aws-sdk:athena:getNamedQuery", {"NamedQueryId": query_id}, times)


def run_query(times: int = 1) -> Call:
    started = {
        "QueryString": QUERY,
        "QueryExecutionContext": {"Database": "csv_to_charts_results"},
        "WorkGroup": "csv-to-charts",
    }
    return Call("RunQuery", "athena:startQueryExecution.sync", started, times)


def get_answer(times: int = 1) -> Call:
    asked = {"QueryExecutionId": "execution-1", "MaxResults": 2}
    return Call("GetAnswer", "athena:getQueryResults", asked, times)


def answered(answer: dict[str, Any]) -> dict[str, Any]:
    """The record of a check whose query ran."""
    return {
        "run": "run-000042",
        "check_name": "large_orders_key",
        **answer,
        "expected": "0 keys twice",
        "query_execution_id": "execution-1",
        "bytes_scanned": 4096,
        "milliseconds": 750,
        "recorded_at": MOMENT,
    }


def not_run(cause: str) -> dict[str, Any]:
    """The record of a check whose query did not."""
    return {
        "run": "run-000042",
        "check_name": "large_orders_key",
        "passed": False,
        "observed": cause,
        "expected": "a query that runs",
        "query_execution_id": None,
        "bytes_scanned": 0,
        "milliseconds": 0,
        "recorded_at": MOMENT,
    }


def record(body: dict[str, Any], times: int = 1) -> Call:
    put = {
        "Bucket": "csv-to-charts-output-123456789012",
        "Key": f"validations/run-000042/large_orders_key/{EXECUTION_NAME}.json",
        "ContentType": "application/json",
        "Body": body,
    }
    return Call("Record", "aws-sdk:s3:putObject", put, times)


def checked(query_id: str = "query-1", answer: dict[str, Any] = PASSED, times: int = 1) -> list[Step]:
    """A check, each of its calls made as often as it says."""
    calls = [get_check(query_id, times), run_query(times), get_answer(times)]
    return [*calls, "NoteAnswer", record(answered(answer))]


ANY_FAILED: list[Step] = ["Judge", "DidAllPass", "ListFailed", "ChecksFailed"]
ALL_PASSED: list[Step] = ["Judge", "DidAllPass", "AllPassed"]
QUERY_FAILED = (
    '{"QueryExecution":{"QueryExecutionId":"execution-1",'
    '"Query":"select count(*) = 0 as passed from large_orders","StatementType":"DML",'
    '"QueryExecutionContext":{"Database":"csv_to_charts_results"},'
    '"Status":{"State":"FAILED","StateChangeReason":"TABLE_NOT_FOUND: large_orders"},'
    '"Statistics":{"EngineExecutionTimeInMillis":600,"DataScannedInBytes":4096,'
    '"TotalExecutionTimeInMillis":750},"WorkGroup":"csv-to-charts"}}'
)


def items(*each: list[Step]) -> list[Step]:
    return ["ListChecks", Fork("RunChecks", list(each))]


CASES = [
    Case(
        "HappyPath",
        GIVEN,
        steps=[*items(checked("query-1"), checked("query-2")), *ALL_PASSED],
        output={"run": "run-000042", "checks": [answered(PASSED)] * 2, "has_failed": False},
        items_at_once=10,
    ),
    Case(
        # The same check three times, for which of them gets which answer is a matter of timing.
        "OneOfThreeFailed",
        GIVEN,
        substitutions={"CheckQueryIds": "query-1,query-1,query-1"},
        steps=[*items(checked(answer=FAILED), checked(), checked()), *ANY_FAILED],
        error="ChecksFailed",
        cause='1 of 3 checks failed: ["large_orders_key"]',
    ),
    Case(
        "QueryFailed",
        GIVEN,
        substitutions=ONE_CHECK,
        steps=[
            *items([get_check(), run_query(), "NoteError", record(not_run(QUERY_FAILED))]),
            *ANY_FAILED,
        ],
        error="ChecksFailed",
        cause='1 of 1 checks failed: ["large_orders_key"]',
    ),
    Case(
        "CheckMissing",
        GIVEN,
        substitutions=ONE_CHECK,
        steps=items([get_check()]),
        error="Athena.InvalidRequestException",
        cause="NamedQuery query-1 was not found",
    ),
    Case(
        "Throttled",
        GIVEN,
        substitutions=ONE_CHECK,
        steps=[
            *items([*checked(times=4)[:-1], record(answered(PASSED), times=3)]),
            *ALL_PASSED,
        ],
        output={"run": "run-000042", "checks": [answered(PASSED)], "has_failed": False},
        waits=[1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4],
    ),
    Case(
        "CheckThrottledTooLong",
        GIVEN,
        substitutions=ONE_CHECK,
        steps=items([get_check(times=7)]),
        error="Athena.TooManyRequestsException",
        cause="TooManyRequestsException: Rate exceeded",
        waits=[1, 2, 4, 8, 16, 30],
    ),
    Case(
        "QueryThrottledTooLong",
        GIVEN,
        substitutions=ONE_CHECK,
        steps=[
            *items(
                [
                    get_check(),
                    run_query(times=7),
                    "NoteError",
                    record(not_run("TooManyRequestsException: Rate exceeded")),
                ]
            ),
            *ANY_FAILED,
        ],
        error="ChecksFailed",
        cause='1 of 1 checks failed: ["large_orders_key"]',
        waits=[1, 2, 4, 8, 16, 30],
    ),
    Case(
        "AnswerThrottledTooLong",
        GIVEN,
        substitutions=ONE_CHECK,
        steps=items([get_check(), run_query(), get_answer(times=7)]),
        error="Athena.TooManyRequestsException",
        cause="TooManyRequestsException: Rate exceeded",
        waits=[1, 2, 4, 8, 16, 30],
    ),
    Case(
        "RecordUnreachable",
        GIVEN,
        substitutions=ONE_CHECK,
        steps=items([*checked()[:-1], record(answered(PASSED), times=5)]),
        error="S3.SdkClientException",
        cause="Unable to execute HTTP request",
        waits=[1, 2, 4, 8],
    ),
]
