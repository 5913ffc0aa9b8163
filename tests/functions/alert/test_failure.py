"""Reading executions: which states ran, and what failed. Those that were redriven are histories written down here."""

import datetime as dt
import json
from typing import Any

import pytest

from functions.alert.failure import Failure, events_of, failure_of, states_of
from tests.localcloud.waiting import until
from tests.machines import Machines

START = dt.datetime(2026, 1, 31, 6, 30, tzinfo=dt.UTC)
GET_NOTHING = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
    "Parameters": {"Bucket": "no-such-bucket", "Key": "key"},
    "End": True,
}
STOP = {"Type": "Fail", "Error": "Stopped", "Cause": "It had to be.\nMore of it."}
DONE = {"Type": "Pass", "End": True}


def of(**states: dict[str, Any]) -> dict[str, Any]:
    """A state machine that starts at the first of the states."""
    return {"StartAt": next(iter(states)), "States": states}


def start(child: str) -> dict[str, Any]:
    """A task that starts an execution of another state machine and waits for it."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child},
        "End": True,
    }


def test_a_fail_state(machines: Machines) -> None:
    execution = machines.run(of(Go={"Type": "Pass", "Next": "Stop"}, Stop=STOP))

    failure = failure_of(machines.stepfunctions, execution)
    assert failure == Failure(("Stop",), "Stopped", "It had to be.\nMore of it.")
    assert str(failure) == "Stop failed: It had to be."


def test_a_task_in_a_branch(machines: Machines) -> None:
    both = {
        "Type": "Parallel",
        "Branches": [of(Wait={"Type": "Wait", "Seconds": 3600, "End": True}), of(Get=GET_NOTHING)],
        "End": True,
    }
    execution = machines.run(of(Both=both))

    failure = failure_of(machines.stepfunctions, execution)
    assert (failure.states, failure.error) == (("Get",), "S3.NoSuchBucketException")
    assert "bucket does not exist" in failure.reason


def test_a_child_execution_is_followed(machines: Machines) -> None:
    child = machines.create(of(Stop=STOP))
    execution = machines.run(of(StartChild=start(child)))

    failure = failure_of(machines.stepfunctions, execution)
    assert str(failure) == "StartChild > Stop failed: It had to be."


def test_a_failure_that_was_caught_is_not_the_one(machines: Machines) -> None:
    caught = {**GET_NOTHING, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Choose"}]}
    choose = {"Type": "Choice", "Choices": [{"Variable": "$.Error", "StringEquals": "x", "Next": "Done"}]}
    execution = machines.run(of(Get=caught, Choose=choose, Done=DONE))

    failure = failure_of(machines.stepfunctions, execution)
    assert (failure.states, failure.error) == (("Choose",), "States.Runtime")


def test_an_execution_that_was_aborted(machines: Machines) -> None:
    wait = {"Type": "Wait", "Seconds": 3600, "End": True}
    execution = machines.start(machines.create(of(Go={"Type": "Pass", "Next": "Wait"}, Wait=wait)))
    until(lambda: "Wait" in names(machines, execution))
    machines.stepfunctions.stop_execution(executionArn=execution, error="By", cause="By hand.")
    machines.ended(execution)

    assert failure_of(machines.stepfunctions, execution) == Failure(("Wait",), "By", "By hand.")


def test_an_execution_that_was_aborted_before_a_retry_did_not_fail_of_the_first_try(
    machines: Machines,
) -> None:
    retried = {**GET_NOTHING, "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 36000}]}
    execution = machines.start(machines.create(of(Get=retried)))
    until(lambda: "TaskFailed" in [e["type"] for e in events_of(machines.stepfunctions, execution)])
    machines.stepfunctions.stop_execution(executionArn=execution, cause="By hand.")
    machines.ended(execution)

    assert failure_of(machines.stepfunctions, execution) == Failure(("Get",), "ABORTED", "By hand.")


def test_an_execution_that_was_aborted_in_a_child(machines: Machines) -> None:
    child = machines.create(of(Wait={"Type": "Wait", "Seconds": 3600, "End": True}))
    execution = machines.start(machines.create(of(StartChild=start(child))))
    until(lambda: any(going(machines, child)))
    until(lambda: "Wait" in names(machines, going(machines, child)[0]))
    machines.stepfunctions.stop_execution(executionArn=execution, cause="By hand.")
    machines.ended(execution)

    failure = failure_of(machines.stepfunctions, execution)
    assert failure == Failure(("StartChild", "Wait"), "ABORTED", "By hand.")


def going(machines: Machines, machine: str) -> list[str]:
    listed = machines.stepfunctions.list_executions(stateMachineArn=machine)["executions"]
    return [execution["executionArn"] for execution in listed]


def names(machines: Machines, execution: str) -> list[str]:
    return [state.name for state in states_of(events_of(machines.stepfunctions, execution))]


def test_an_execution_that_timed_out(machines: Machines) -> None:
    wait = {"Type": "Wait", "Seconds": 3600, "End": True}
    execution = machines.run({**of(Wait=wait), "TimeoutSeconds": 1})

    assert str(failure_of(machines.stepfunctions, execution)) == "Wait failed: TIMED_OUT"


def test_states_are_told_in_the_order_they_were_entered_each_with_its_own_seconds(machines: Machines) -> None:
    branches = [of(Nap={"Type": "Wait", "Seconds": 75, "Next": "Rest"}, Rest=DONE), of(Go=DONE)]
    items = {
        "Type": "Map",
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **of(Item=DONE)},
        "End": True,
    }
    begin = {"Type": "Pass", "Result": [1, 2], "Next": "Both"}
    both = {"Type": "Parallel", "Branches": branches, "ResultPath": None, "Next": "Items"}
    execution = machines.run(of(Begin=begin, Both=both, Items=items))

    states = states_of(events_of(machines.stepfunctions, execution))
    assert [state.name for state in states[:2]] == ["Begin", "Both"]
    assert sorted(state.name for state in states[2:5]) == ["Go", "Nap", "Rest"]
    assert [state.name for state in states[5:]] == ["Items", "Item", "Item"]
    seconds = {state.name: state.seconds or 0 for state in states}
    assert seconds["Both"] >= seconds["Nap"] >= 0.5 > seconds["Go"]
    assert all(state.seconds is not None for state in states)


class Account:
    """Executions by ARN: how each ended, and its history in pages."""

    def __init__(self, **executions: tuple[dict[str, str], list[dict[str, Any]]]) -> None:
        self.executions = executions

    def describe_execution(self, executionArn: str) -> dict[str, str]:  # noqa: N803
        return self.executions[executionArn][0]

    def get_paginator(self, operation: str) -> "Account":
        assert operation == "get_execution_history"
        return self

    def paginate(self, executionArn: str) -> list[dict[str, Any]]:  # noqa: N803
        events = self.executions[executionArn][1]
        return [{"events": events[:3]}, {"events": events[3:]}]


def event(number: int, before: int, kind: str, name: str = "", **details: str) -> dict[str, Any]:
    """An event `number` seconds after the start."""
    happened: dict[str, Any] = {
        "id": number,
        "previousEventId": before,
        "type": kind,
        "timestamp": START + dt.timedelta(seconds=number),
    }
    if name:
        happened[f"state{kind.partition('State')[2]}EventDetails"] = {"name": name}
    if details:
        happened[f"{kind[0].lower()}{kind[1:]}EventDetails"] = details
    return happened


def job_run(**record: str) -> dict[str, str]:
    return {"error": "States.TaskFailed", "cause": json.dumps(record)}


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        (job_run(Id="jr_1", JobRunState="FAILED", ErrorMessage="No rows.\nTraceback"), "No rows."),
        (job_run(Id="jr_1", JobRunState="TIMEOUT"), "job run jr_1 TIMEOUT"),
        (
            {
                "error": "States.TaskFailed",
                "cause": json.dumps({"QueryExecution": {"Status": {"StateChangeReason": "Bad SQL."}}}),
            },
            "Bad SQL.",
        ),
        ({"error": "States.TaskFailed", "cause": "[1]"}, "[1]"),
        ({"error": "States.TaskFailed"}, "States.TaskFailed"),
        ({"error": "E", "cause": "x" * 501}, "x" * 497 + "..."),
        ({"error": "E", "cause": "x" * 500}, "x" * 500),
    ],
)
@pytest.mark.parametrize("kind", ["TaskFailed", "TaskTimedOut", "TaskSubmitFailed"])
def test_the_cause_is_what_the_work_itself_says(details: dict[str, str], reason: str, kind: str) -> None:
    history = [
        event(1, 0, "ExecutionStarted"),
        event(2, 1, "TaskStateEntered", "Work"),
        event(3, 2, kind, **details),
        event(4, 3, "ExecutionFailed"),
    ]
    account = Account(run=({"status": "FAILED", "error": "outer", "cause": "outer"}, history))

    failure = failure_of(account, "run")
    assert (failure.states, failure.reason) == (("Work",), reason)


FAILED_TWICE = [
    event(1, 0, "ExecutionStarted"),
    event(2, 1, "ParallelStateEntered", "Both"),
    event(3, 2, "TaskStateEntered", "First"),
    event(4, 2, "TaskStateEntered", "Second"),
    event(5, 3, "TaskFailed", error="E", cause="The first time."),
    event(6, 5, "ExecutionFailed"),
    event(100, 6, "ExecutionRedriven") | {"id": 7},
    event(101, 3, "TaskScheduled") | {"id": 8},
    event(102, 4, "TaskScheduled") | {"id": 9},
    event(103, 8, "TaskStateExited", "First") | {"id": 10},
    event(104, 9, "TaskFailed", error="E", cause="The second time.") | {"id": 11},
    event(105, 11, "ExecutionFailed") | {"id": 12},
]


def test_after_a_redrive_the_failure_is_the_one_since() -> None:
    account = Account(run=({"status": "FAILED"}, FAILED_TWICE))

    assert failure_of(account, "run") == Failure(("Second",), "E", "The second time.")


def test_a_redrive_that_fails_without_a_task_does_not_tell_of_the_former_failure() -> None:
    ended = event(101, 7, "ExecutionFailed") | {"id": 8}
    account = Account(run=({"status": "FAILED", "error": "States.Runtime"}, [*FAILED_TWICE[:7], ended]))

    assert failure_of(account, "run") == Failure(("Second",), "States.Runtime", "")


def test_a_fail_state_that_is_redriven_fails_again() -> None:
    history = [
        event(1, 0, "TaskStateEntered", "Look"),
        event(2, 1, "TaskStateExited", "Look"),
        event(3, 2, "FailStateEntered", "Stop"),
        event(4, 3, "ExecutionFailed"),
        event(5, 4, "ExecutionRedriven"),
        event(6, 5, "ExecutionFailed"),
    ]
    account = Account(run=({"status": "FAILED", "error": "Stopped", "cause": "So."}, history))

    assert failure_of(account, "run") == Failure(("Stop",), "Stopped", "So.")


def test_a_state_left_after_a_redrive_is_one_visit_that_took_the_time_since() -> None:
    done = [
        *FAILED_TWICE[:10],
        event(105, 9, "TaskStateExited", "Second") | {"id": 11},
        event(106, 11, "ParallelStateSucceeded") | {"id": 12},
        event(107, 12, "ParallelStateExited", "Both") | {"id": 13},
    ]

    assert [(state.name, state.entered, state.seconds) for state in states_of(done)] == [
        ("Both", START + dt.timedelta(seconds=2), 7.0),
        ("First", START + dt.timedelta(seconds=3), 3.0),
        ("Second", START + dt.timedelta(seconds=4), 5.0),
    ]
