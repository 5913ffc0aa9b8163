"""Reading histories: which states ran, and what failed."""

import datetime as dt
from typing import Any

import pytest

from localcloud import history
from localcloud.history import Failure, failure_of, states_of

START = dt.datetime(2026, 1, 31, 6, 30, tzinfo=dt.UTC)


def event(number: int, before: int, kind: str, name: str = "", **details: str) -> dict[str, Any]:
    """An event `number` seconds after the start."""
    happened: dict[str, Any] = {
        "id": number,
        "previousEventId": before,
        "type": kind,
        "timestamp": START + dt.timedelta(seconds=number),
    }
    if kind.endswith("StateEntered"):
        happened["stateEnteredEventDetails"] = {"name": name}
    if kind == "TaskFailed":
        happened["taskFailedEventDetails"] = details
    return happened


PARALLEL = [
    event(1, 0, "ExecutionStarted"),
    event(2, 1, "ParallelStateEntered", "Both"),
    event(3, 2, "TaskStateEntered", "First"),
    event(4, 2, "TaskStateEntered", "Second"),
    event(5, 4, "TaskStateExited"),
    event(
        6,
        3,
        "TaskFailed",
        error="States.TaskFailed",
        cause='{"JobRunState": "FAILED", "ErrorMessage": "No rows."}',
    ),
    event(7, 6, "ExecutionFailed"),
]


def test_states_are_told_in_the_order_they_were_entered_with_their_own_seconds() -> None:
    assert [(run.name, run.seconds) for run in states_of(PARALLEL)] == [
        ("Both", None),
        ("First", None),
        ("Second", 1.0),
    ]


class Account:
    """Executions by ARN: how each ended, and its history."""

    def __init__(self, **executions: tuple[dict[str, str], list[dict[str, Any]]]) -> None:
        self.executions = executions

    def describe_execution(self, executionArn: str) -> dict[str, str]:  # noqa: N803
        return self.executions[executionArn][0]


@pytest.mark.parametrize(
    ("executions", "failure"),
    [
        (
            {"run": ({"status": "FAILED", "error": "States.TaskFailed", "cause": "{...}"}, PARALLEL)},
            Failure(("First",), "States.TaskFailed", "No rows."),
        ),
        (
            {
                "run": (
                    {"status": "FAILED"},
                    [
                        event(1, 0, "TaskStateEntered", "Validate"),
                        event(
                            2,
                            1,
                            "TaskFailed",
                            error="States.TaskFailed",
                            cause='{"ExecutionArn": "child"}',
                        ),
                        event(3, 2, "ExecutionFailed"),
                    ],
                ),
                "child": (
                    {"status": "FAILED", "error": "ChecksFailed", "cause": "1 of 16 checks failed"},
                    [
                        event(1, 0, "TaskStateEntered", "Look"),
                        event(2, 1, "TaskFailed", error="Glue.CrawlerRunningException", cause="was retried"),
                        event(3, 1, "TaskStateExited"),
                        event(4, 3, "FailStateEntered", "Stop"),
                        event(5, 4, "ExecutionFailed"),
                    ],
                ),
            },
            Failure(("Validate", "Stop"), "ChecksFailed", "1 of 16 checks failed"),
        ),
        (
            {"run": ({"status": "ABORTED", "cause": "By hand."}, [event(1, 0, "WaitStateEntered", "Wait")])},
            Failure(("Wait",), "ABORTED", "By hand."),
        ),
    ],
)
def test_a_failure_is_followed_to_where_it_began(
    executions: dict[str, Any], failure: Failure, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(**executions)
    monkeypatch.setattr(history.aws, "client", lambda _: account)
    monkeypatch.setattr(history, "events_of", lambda arn: account.executions[arn][1])

    assert failure_of("run") == failure
    assert str(failure) == f"{' > '.join(failure.states)} failed: {failure.cause}"
