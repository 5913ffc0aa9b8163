"""State machines run by the interpreter with no account around it: what is not a matter of any service."""

import datetime as dt
import json
import re
import threading
import time
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.stepfunctions.exceptions import ExecutionAlreadyExists
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import inline_iteration_component

from localcloud import aws, clock, iam
from localcloud.stepfunctions.backend import LocalBackend
from localcloud.stepfunctions.errors import InvalidDefinitionError
from localcloud.stepfunctions.execution import LocalExecution
from tests.localcloud.waiting import until

ROLE = "arn:aws:iam::000000000000:role/any"
PASS = {"Type": "Pass", "End": True}
HOUR = {"Type": "Wait", "Seconds": 3600, "End": True}


@pytest.fixture
def backend() -> LocalBackend:
    return LocalBackend("us-east-1", "000000000000")


def machine(**states: dict[str, Any]) -> str:
    return json.dumps({"StartAt": next(iter(states)), "States": states})


def start(backend: LocalBackend, definition: str, run_input: str = "{}", name: str = "run") -> LocalExecution:
    arn = backend.create_state_machine(name="machine", definition=definition, roleArn=ROLE).arn
    return backend.start_execution(arn, name, run_input)


def end_of(execution: LocalExecution) -> str:
    """The status it ends with."""
    until(lambda: execution.status != "RUNNING", every=0.001)
    return str(execution.status)


def start_retried(backend: LocalBackend, **retry: Any) -> LocalExecution:
    """An execution that fails again and again, for as long as it is retried."""
    branch = {"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "No"}}}
    retries = [{"ErrorEquals": ["No"], **retry}]
    return start(
        backend, machine(P={"Type": "Parallel", "Branches": [branch], "Retry": retries, "End": True})
    )


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A task's call of Athena, from `begun` until it `may_end`, with an error of its own; calls of other services are
    refused once it has begun."""
    begun, may_end = threading.Event(), threading.Event()

    def client(service: str) -> Any:
        if service == "athena":
            begun.set()
            may_end.wait(10)
            raise RuntimeError("The state was stopped midway")
        begun.wait(10)
        raise ClientError({"Error": {"Code": "Busy", "Message": "Ask later."}}, "Any")

    monkeypatch.setattr(aws, "client", client)
    monkeypatch.setattr(iam, "acting_as", lambda *_: nullcontext())
    return SimpleNamespace(begun=begun, may_end=may_end)


def task(resource: str) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "End": True}


ATHENA, GLUE = task("aws-sdk:athena:listWorkGroups"), task("glue:startJobRun")


def test_waiting_is_scaled(backend: LocalBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "SCALE", 0)
    path = {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Fixed"}

    assert end_of(start(backend, machine(Path=path, Fixed=HOUR), '{"seconds": 3600}')) == "SUCCEEDED"


def test_a_retry_backs_off_in_scaled_time(backend: LocalBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "SCALE", 0)
    execution = start_retried(backend, IntervalSeconds=3600, MaxAttempts=2)

    assert end_of(execution) == "FAILED"
    types = [event["type"] for event in execution.to_history_output()["events"]]
    assert types.count("FailStateEntered") == 3


def test_a_retry_of_what_has_just_begun_is_as_patient_as_a_later_one(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "SCALE", 1 / 100)
    execution = start_retried(backend, IntervalSeconds=30, MaxAttempts=1)

    assert end_of(execution) == "FAILED"
    first, second = (
        dt.datetime.fromisoformat(event["timestamp"])
        for event in execution.to_history_output()["events"]
        if event["type"] == "FailStateEntered"
    )
    assert (second - first).total_seconds() >= 0.3


def test_an_execution_that_waits_can_be_stopped(backend: LocalBackend) -> None:
    execution = start(backend, machine(Hour=HOUR))
    while not any(e["type"] == "WaitStateEntered" for e in execution.to_history_output()["events"]):
        time.sleep(0.01)

    backend.stop_execution(execution.exec_arn, error="Why", cause="Because.")

    assert end_of(execution) == "ABORTED"
    assert (execution.error, execution.cause) == ("Why", "Because.")


def test_a_branch_that_is_stopped_tells_nothing_of_what_it_stumbles_over(
    backend: LocalBackend, call: SimpleNamespace
) -> None:
    branches = [
        {"StartAt": "Stopped", "States": {"Stopped": ATHENA}},
        {"StartAt": "Failed", "States": {"Failed": GLUE}},
    ]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "After"}]
    parallel = {"Type": "Parallel", "Branches": branches, "Catch": catch, "End": True}
    execution = start(backend, machine(P=parallel, After=HOUR))

    def types() -> list[str]:
        return [event["type"] for event in execution.to_history_output()["events"]]

    until(lambda: "WaitStateEntered" in types(), every=0.001)
    call.may_end.set()
    until(lambda: not any(thread.name.startswith("BranchWorker") for thread in threading.enumerate()))
    assert types().count("TaskFailed") == 1
    backend.stop_execution(execution.exec_arn, error="", cause="")


def test_an_execution_that_stumbles_over_being_stopped_is_aborted(
    backend: LocalBackend, call: SimpleNamespace
) -> None:
    execution = start(backend, machine(Call=ATHENA))
    call.begun.wait(10)

    backend.stop_execution(execution.exec_arn, error="", cause="")
    call.may_end.set()

    until(lambda: execution.to_history_output()["events"][-1]["type"].startswith("Execution"))
    assert end_of(execution) == "ABORTED"
    assert execution.to_history_output()["events"][-1]["type"] == "ExecutionAborted"


def test_the_history_shows_states_inside_branches_and_iterations(backend: LocalBackend) -> None:
    inner = {"StartAt": "Inner", "States": {"Inner": PASS}}
    states = {
        "P": {"Type": "Parallel", "Branches": [inner, inner], "Next": "M"},
        "M": {"Type": "Map", "ItemsPath": "$", "ItemProcessor": inner, "End": True},
    }
    execution = start(backend, machine(**states), "{}")

    assert end_of(execution) == "SUCCEEDED"
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for event in execution.to_history_output()["events"]
        if event["type"].endswith("StateEntered")
    ]
    assert entered == ["P", "Inner", "Inner", "M", "Inner", "Inner"]


def test_each_item_follows_the_state_when_a_worker_begins_late(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OneAtATime(threading.Thread):
        def start(self) -> None:
            super().start()
            self.join()

    monkeypatch.setattr(inline_iteration_component, "threading", SimpleNamespace(Thread=OneAtATime))
    inner = {"StartAt": "Inner", "States": {"Inner": PASS}}
    each = machine(M={"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": inner, "End": True})
    execution = start(backend, each, '{"items": [1, 2, 3]}')

    assert end_of(execution) == "SUCCEEDED"
    events = execution.to_history_output()["events"]
    state = next(event["id"] for event in events if event["type"] == "MapStateStarted")
    begun = [event["previousEventId"] for event in events if event["type"] == "MapIterationStarted"]
    assert begun == [state] * 3


def test_the_same_name_and_input_is_the_same_execution_while_it_runs(backend: LocalBackend) -> None:
    first = start(backend, machine(Hour=HOUR), '{"a": 1}')
    arn = first.state_machine_arn

    assert backend.start_execution(arn, "run", '{"a": 1}') is first
    with pytest.raises(ExecutionAlreadyExists):
        backend.start_execution(arn, "run", '{"a": 2}')
    backend.stop_execution(first.exec_arn)
    end_of(first)
    with pytest.raises(ExecutionAlreadyExists):
        backend.start_execution(arn, "run", '{"a": 1}')


def test_an_execution_keeps_the_definition_it_was_started_with(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "SCALE", 1 / 36000)
    execution = start(backend, machine(Hour={"Type": "Wait", "Seconds": 3600, "Next": "Old"}, Old=PASS))
    backend.update_state_machine(execution.state_machine_arn, definition=machine(New=PASS))

    assert end_of(execution) == "SUCCEEDED"
    later = backend.start_execution(execution.state_machine_arn, "later", "{}")
    end_of(later)
    assert "Old" in json.dumps(execution.to_history_output(), default=str)
    assert "New" in json.dumps(later.to_history_output(), default=str)


@pytest.mark.parametrize(
    ("definition", "says"),
    [
        ('{"StartAt": "A", "States": {"A": {"Type": "Nap", "End": true}}}', "line 1"),
        ('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": false}}}', '"End" can only be true'),
        (
            '{"StartAt": "${First}", "States": {"A": {"Type": "Pass", "End": true}}}',
            r"\$\{First\}.*has no value",
        ),
    ],
)
def test_what_is_no_state_machine_is_refused(backend: LocalBackend, definition: str, says: str) -> None:
    with pytest.raises(InvalidDefinitionError) as refused:
        backend.create_state_machine(name="machine", definition=definition, roleArn=ROLE)

    assert re.search(says, str(refused.value.message))


@pytest.mark.parametrize(
    ("seen", "is_after"),
    [
        ("2026-01-31T06:30:00Z", True),
        ("2026-01-31T06:30:00.001Z", True),
        ("2026-01-31T07:30:00.5+01:00", True),
        ("2026-01-31T06:29:59.999Z", False),
        ("yesterday", False),
        (7, False),
    ],
)
def test_timestamps_compare_with_fractions_and_offsets(
    backend: LocalBackend, seen: object, is_after: bool
) -> None:
    rule = {"Variable": "$.seen", "TimestampGreaterThanEqualsPath": "$.start", "Next": "After"}
    states = {"C": {"Type": "Choice", "Choices": [rule], "Default": "Before"}, "After": PASS, "Before": PASS}

    execution = start(backend, machine(**states), json.dumps({"seen": seen, "start": "2026-01-31T06:30:00Z"}))

    assert end_of(execution) == "SUCCEEDED"
    assert ("After" in json.dumps(execution.to_history_output(), default=str)) is is_after


def chosen(backend: LocalBackend, rule: dict[str, Any]) -> LocalExecution:
    """An execution that comes to the rule with an empty input."""
    states = {"C": {"Type": "Choice", "Choices": [{**rule, "Next": "D"}], "Default": "D"}, "D": PASS}
    execution = start(backend, machine(**states))
    end_of(execution)
    return execution


@pytest.mark.parametrize("comparison", [{"StringEquals": "x"}, {"NumericGreaterThan": 1}, {"IsNull": True}])
def test_a_variable_that_is_not_there_ends_the_execution(
    backend: LocalBackend, comparison: dict[str, Any]
) -> None:
    execution = chosen(backend, {"Variable": "$.seen", **comparison})

    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert "Invalid path '$.seen'" in str(execution.cause)


def test_a_variable_can_be_asked_for_before_it_is_compared(backend: LocalBackend) -> None:
    present = {"Variable": "$.seen", "IsPresent": True}
    equal = {"Variable": "$.seen", "StringEquals": "x"}

    assert chosen(backend, {"And": [present, equal]}).status == "SUCCEEDED"


def test_a_variable_is_required_in_a_composed_rule_too(backend: LocalBackend) -> None:
    assert chosen(backend, {"Not": {"Variable": "$.seen", "StringEquals": "x"}}).status == "FAILED"
