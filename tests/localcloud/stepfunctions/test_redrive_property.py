"""Whatever the state machine and wherever it fails, redriving it ends as if nothing had failed."""

import json
from collections import Counter
from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localcloud import aws, clock, iam
from localcloud.stepfunctions.backend import LocalBackend
from localcloud.stepfunctions.execution import LocalExecution
from tests.localcloud.stepfunctions.random_machines import Service, digest, machines
from tests.localcloud.waiting import until

SQS = aws.client("sqs")
REDRIVES = 60
"""More than any of these machines needs: each redrive lets at least one more call succeed."""


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "SCALE", 0)


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(machine=machines(), salt=st.integers(0, 999), stopped_at=st.none() | st.integers(1, 8))
def test_a_redriven_execution_ends_as_one_that_never_failed(
    machine: dict[str, Any], salt: int, stopped_at: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_failed = execution_of(machine, Service(SQS, lambda body: 0), monkeypatch)
    assert end_of(never_failed) == "SUCCEEDED"
    service = Service(SQS, lambda body: int(digest(f"{salt} {body}"), 16) % 4)
    execution = execution_of(machine, service, monkeypatch, stopped_at)

    while end_of(execution) != "SUCCEEDED":
        assert execution.redrive_count < REDRIVES
        succeeded = {body: service.calls[body] for body in succeeded_tasks(execution)}
        execution.redrive()
        end_of(execution)
        assert succeeded == {body: service.calls[body] for body in succeeded}, "called again"

    assert execution.output == never_failed.output
    assert_whole(execution)


def execution_of(
    machine: dict[str, Any], service: Service, monkeypatch: pytest.MonkeyPatch, stopped_at: int | None = None
) -> LocalExecution:
    monkeypatch.setattr(aws, "client", lambda _: service)
    monkeypatch.setattr(iam, "acting_as", lambda role, component: nullcontext())
    backend = LocalBackend("us-east-1", "000000000000")
    arn = backend.create_state_machine(
        name="machine", definition=json.dumps(machine), roleArn="arn:aws:iam::000000000000:role/any"
    ).arn
    if stopped_at:
        service.at_call[stopped_at] = lambda: backend.stop_execution(
            f"{arn.replace('stateMachine', 'execution')}:run"
        )
    return backend.start_execution(arn, "run", '{"trail": "input"}')


def end_of(execution: LocalExecution) -> str:
    until(lambda: execution.status != "RUNNING", every=0.001)
    return str(execution.status)


def succeeded_tasks(execution: LocalExecution) -> set[str]:
    """The bodies of the calls of tasks that have been left."""
    events = execution.to_history_output()["events"]
    bodies = set()
    for event in events:
        if event["type"] == "TaskStateExited":
            while event["type"] != "TaskScheduled":
                event = events[event["previousEventId"] - 1]
            bodies.add(json.loads(event["taskScheduledEventDetails"]["parameters"])["MessageBody"])
    return bodies


def assert_whole(execution: LocalExecution) -> None:
    """One history, whose ids count on, in which each state that was entered was left once."""
    events = execution.to_history_output()["events"]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert all(event["previousEventId"] < event["id"] for event in events)
    redriven = [e["executionRedrivenEventDetails"] for e in events if e["type"] == "ExecutionRedriven"]
    assert [details["redriveCount"] for details in redriven] == list(range(1, execution.redrive_count + 1))
    entered = Counter(
        e["stateEnteredEventDetails"]["name"] for e in events if e["type"].endswith("StateEntered")
    )
    left = Counter(e["stateExitedEventDetails"]["name"] for e in events if e["type"].endswith("StateExited"))
    assert entered == left
