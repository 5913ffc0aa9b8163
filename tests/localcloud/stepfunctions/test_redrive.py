"""RedriveExecution and what it shows, through the API of an account."""

import json
import threading
import uuid
from contextlib import nullcontext
from typing import Any

import pytest

from localcloud import aws, clock, iam
from localcloud.stepfunctions.backend import LocalBackend
from tests.localcloud.stepfunctions.random_machines import Service
from tests.localcloud.waiting import Clients, client_errors, until
from tests.machines import ROLE, Machines

FIRST = {"Type": "Pass", "Parameters": {"made": "by First"}, "Next": "Put"}
FAIL = {"Type": "Fail", "Error": "No", "Cause": "Not this time."}
NEVER = {"Type": "Wait", "Seconds": 86400, "End": True}


@pytest.fixture
def stepfunctions(account: Clients) -> Any:
    return account("stepfunctions")


@pytest.fixture
def missing() -> str:
    """The name of a bucket that is not there yet: a task that puts into it fails until it is."""
    return f"missing-{uuid.uuid4()}"


def put(bucket: str, **more: Any) -> dict[str, Any]:
    parameters = {"Bucket": bucket, "Key": "key", "Body.$": "$"}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Parameters": parameters,
        "ResultPath": None,
        **(more or {"End": True}),
    }


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def started(stepfunctions: Any, definition: dict[str, Any]) -> str:
    """The ARN of an execution of a new state machine."""
    machines = Machines(stepfunctions)
    return machines.start(machines.create(definition))


def ended(stepfunctions: Any, arn: str) -> dict[str, Any]:
    """The execution, once it has ended."""
    return Machines(stepfunctions).ended(arn)


def types_of(stepfunctions: Any, arn: str) -> list[str]:
    return [event["type"] for event in stepfunctions.get_execution_history(executionArn=arn)["events"]]


def test_the_execution_goes_on_from_the_failed_state(
    account: Clients, stepfunctions: Any, missing: str
) -> None:
    arn = started(stepfunctions, machine(First=FIRST, Put=put(missing)))
    failed = ended(stepfunctions, arn)
    account("s3").create_bucket(Bucket=missing)

    redriven = stepfunctions.redrive_execution(executionArn=arn)["redriveDate"]
    succeeded = ended(stepfunctions, arn)

    assert (failed["status"], failed["redriveStatus"], failed["redriveCount"]) == ("FAILED", "REDRIVABLE", 0)
    assert "redriveDate" not in failed
    assert (succeeded["status"], succeeded["redriveStatus"]) == ("SUCCEEDED", "NOT_REDRIVABLE")
    assert succeeded["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    assert (succeeded["redriveCount"], succeeded["redriveDate"]) == (1, redriven)
    assert succeeded["startDate"] == failed["startDate"]
    assert "error" not in succeeded
    assert types_of(stepfunctions, arn) == [
        *("ExecutionStarted", "PassStateEntered", "PassStateExited"),
        *("TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskFailed", "ExecutionFailed"),
        *("ExecutionRedriven", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited"),
        "ExecutionSucceeded",
    ]
    stored = account("s3").get_object(Bucket=missing, Key="key")["Body"].read()
    assert json.loads(stored) == {"made": "by First"}


def test_what_runs_or_has_succeeded_is_not_redrivable(stepfunctions: Any) -> None:
    running = started(stepfunctions, machine(Never=NEVER))
    succeeded = started(stepfunctions, machine(Done={"Type": "Succeed"}))
    ended(stepfunctions, succeeded)

    with client_errors("ExecutionNotRedrivable", "Execution is RUNNING and cannot be redriven"):
        stepfunctions.redrive_execution(executionArn=running)
    with client_errors("ExecutionNotRedrivable", "Execution is SUCCEEDED and cannot be redriven"):
        stepfunctions.redrive_execution(executionArn=succeeded)
    with client_errors("ExecutionDoesNotExist", "Execution Does Not Exist"):
        stepfunctions.redrive_execution(executionArn=running + "-other")
    stepfunctions.stop_execution(executionArn=running)


def test_a_fail_state_fails_again_at_every_redrive(stepfunctions: Any) -> None:
    arn = started(stepfunctions, machine(Done={"Type": "Pass", "Next": "No"}, No=FAIL))

    for count in (1, 2):
        ended(stepfunctions, arn)
        stepfunctions.redrive_execution(executionArn=arn)
        again = ended(stepfunctions, arn)
        assert (again["status"], again["error"], again["redriveCount"]) == ("FAILED", "No", count)

    assert types_of(stepfunctions, arn)[-4:] == ["ExecutionRedriven", "ExecutionFailed"] * 2


def test_a_redrive_retries_anew(stepfunctions: Any, missing: str) -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2}]
    arn = started(stepfunctions, machine(Put=put(missing, Retry=retry, End=True)))
    ended(stepfunctions, arn)

    stepfunctions.redrive_execution(executionArn=arn)
    ended(stepfunctions, arn)

    assert types_of(stepfunctions, arn).count("TaskFailed") == 6


def test_a_stopped_execution_goes_on_waiting(stepfunctions: Any) -> None:
    wait = {"Type": "Wait", "Seconds": 15, "Next": "No"}
    arn = started(stepfunctions, machine(Wait=wait, No=FAIL))
    until(lambda: "WaitStateEntered" in types_of(stepfunctions, arn))
    stepfunctions.stop_execution(executionArn=arn)
    assert ended(stepfunctions, arn)["status"] == "ABORTED"

    stepfunctions.redrive_execution(executionArn=arn)

    assert ended(stepfunctions, arn)["status"] == "FAILED"
    assert types_of(stepfunctions, arn)[2:6] == [
        *("ExecutionAborted", "ExecutionRedriven", "WaitStateExited", "FailStateEntered")
    ]


def test_a_redrive_has_the_whole_timeout_again(stepfunctions: Any) -> None:
    arn = started(stepfunctions, {**machine(Never=NEVER), "TimeoutSeconds": 1})
    assert ended(stepfunctions, arn)["status"] == "TIMED_OUT"

    redriven = stepfunctions.redrive_execution(executionArn=arn)["redriveDate"]

    again = ended(stepfunctions, arn)
    assert again["status"] == "TIMED_OUT"
    assert (again["stopDate"] - redriven).total_seconds() >= 1


def test_the_context_object_counts_redrives(account: Clients, stepfunctions: Any, missing: str) -> None:
    context = {"count.$": "$$.Execution.RedriveCount", "start.$": "$$.Execution.StartTime"}
    tell = {"Type": "Pass", "Parameters": context, "End": True}
    first = {"Type": "Pass", "Parameters": context, "Next": "Put"}
    arn = started(stepfunctions, machine(First=first, Put=put(missing, Next="Tell"), Tell=tell))
    ended(stepfunctions, arn)
    account("s3").create_bucket(Bucket=missing)

    stepfunctions.redrive_execution(executionArn=arn)

    output = json.loads(ended(stepfunctions, arn)["output"])
    stored = json.loads(account("s3").get_object(Bucket=missing, Key="key")["Body"].read())
    assert (stored["count"], output["count"]) == (0, 1)
    assert stored["start"] == output["start"]


def test_executions_are_listed_by_whether_they_were_redriven(stepfunctions: Any) -> None:
    arn = started(stepfunctions, machine(No=FAIL))
    machine_arn = ended(stepfunctions, arn)["stateMachineArn"]
    listed = {"stateMachineArn": machine_arn, "redriveFilter": "REDRIVEN"}
    assert stepfunctions.list_executions(**listed)["executions"] == []

    stepfunctions.redrive_execution(executionArn=arn)
    ended(stepfunctions, arn)

    [entry] = stepfunctions.list_executions(**listed)["executions"]
    assert (entry["executionArn"], entry["redriveCount"]) == (arn, 1)


def test_each_change_of_status_is_an_event(account: Clients, stepfunctions: Any, missing: str) -> None:
    queue = account("sqs").create_queue(QueueName=missing)["QueueUrl"]
    queue_arn = f"arn:aws:sqs:us-east-1:000000000000:{missing}"
    pattern = {"source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"]}
    account("events").put_rule(Name=missing, EventPattern=json.dumps(pattern))
    account("events").put_targets(Rule=missing, Targets=[{"Id": "queue", "Arn": queue_arn}])
    arn = started(stepfunctions, machine(Put=put(missing)))
    ended(stepfunctions, arn)
    account("s3").create_bucket(Bucket=missing)
    stepfunctions.redrive_execution(executionArn=arn)
    ended(stepfunctions, arn)

    events: list[dict[str, Any]] = []

    def received() -> bool:
        answer = account("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        events.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
        return len(events) == 4

    until(received)
    account("events").remove_targets(Rule=missing, Ids=["queue"])
    account("events").delete_rule(Name=missing)
    details = sorted((event["detail"] for event in events), key=lambda d: (d["redriveCount"], d["status"]))
    assert [(d["status"], d["redriveCount"]) for d in details] == [
        *(("FAILED", 0), ("RUNNING", 0)),
        *(("RUNNING", 1), ("SUCCEEDED", 1)),
    ]
    assert {d["executionArn"] for d in details} == {arn}
    assert details[0]["error"] == "S3.NoSuchBucketException"
    assert details[0]["stopDate"] >= details[0]["startDate"] > 1_600_000_000_000
    assert [event["resources"] for event in events] == [[arn]] * 4


def test_a_branch_that_is_late_to_stop_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    working, may_end = threading.Event(), threading.Event()
    service = Service(aws.client("sqs"), lambda body: 0)
    service.at_call[1] = lambda: (working.set(), may_end.wait(20))
    monkeypatch.setattr(aws, "client", lambda _: service)
    monkeypatch.setattr(iam, "acting_as", lambda role, component: nullcontext())
    slow = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sqs:sendMessage",
        "Parameters": {"QueueUrl": "any", "MessageBody": "slow"},
        "End": True,
    }
    branches = [machine(Slow=slow), machine(Wait={"Type": "Wait", "Seconds": 30, "Next": "No"}, No=FAIL)]
    backend = LocalBackend("us-east-1", "000000000000")
    definition = machine(Both={"Type": "Parallel", "Branches": branches, "End": True})
    arn = backend.create_state_machine(name="machine", definition=json.dumps(definition), roleArn=ROLE).arn
    execution = backend.start_execution(arn, "run")
    assert working.wait(20)
    until(lambda: execution.status == "FAILED")
    events = execution.to_history_output()["events"]
    threads = [thread for thread in threading.enumerate() if "_exec_and_notify" in thread.name]

    may_end.set()
    for thread in threads:
        thread.join(20)

    assert threads
    assert execution.to_history_output()["events"] == events
    assert events[-1]["type"] == "ExecutionFailed"


def test_branches_that_gave_too_much_together_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "SCALE", 0)
    same = machine(Same={"Type": "Pass", "End": True})
    definition = machine(Both={"Type": "Parallel", "Branches": [same, same], "End": True})
    backend = LocalBackend("us-east-1", "000000000000")
    arn = backend.create_state_machine(name="machine", definition=json.dumps(definition), roleArn=ROLE).arn
    execution = backend.start_execution(arn, "run", json.dumps("x" * 150_000))
    until(lambda: execution.status == "FAILED")
    assert execution.error == "States.DataLimitExceeded"

    execution.redrive()

    until(lambda: execution.status == "FAILED")
    types = [event["type"] for event in execution.to_history_output()["events"]]
    assert types.count("PassStateEntered") == 4


@pytest.mark.parametrize(
    ("feature", "definition"),
    [
        (
            "a Distributed Map",
            machine(
                Items={
                    "Type": "Map",
                    "ItemProcessor": {
                        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                        **machine(No=FAIL),
                    },
                    "End": True,
                }
            ),
        ),
        ("variables (Assign)", machine(Set={"Type": "Pass", "Assign": {"x": 1}, "Next": "No"}, No=FAIL)),
    ],
)
def test_what_cannot_be_resumed_here_is_named(feature: str, definition: dict[str, Any]) -> None:
    backend = LocalBackend("us-east-1", "000000000000")
    arn = backend.create_state_machine(name="machine", definition=json.dumps(definition), roleArn=ROLE).arn
    execution = backend.start_execution(arn, "run", "[1]")
    until(lambda: execution.status == "FAILED")

    with pytest.raises(NotImplementedError) as caught:
        backend.redrive_execution(execution.exec_arn)
    assert str(caught.value) == f"localcloud cannot redrive a state machine with {feature}"
