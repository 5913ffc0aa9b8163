"""moto's AWS for the function under test, in this process."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.config import default_user_config

WAITING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
PASSING = {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}


@dataclass(frozen=True)
class Machine:
    """A state machine, in this process."""

    client: Any
    arn: str

    def define(self, definition: dict[str, Any]) -> None:
        self.client.update_state_machine(stateMachineArn=self.arn, definition=json.dumps(definition))

    def start(self, name: str, definition: dict[str, Any] = PASSING) -> None:
        """Start an execution by hand, and wait for its end if it has one."""
        self.define(definition)
        self.client.start_execution(stateMachineArn=self.arn, name=name)
        while definition == PASSING and self.describe(name)["status"] == "RUNNING":
            pass

    def names(self) -> list[str]:
        listed = self.client.list_executions(stateMachineArn=self.arn)
        return sorted(execution["name"] for execution in listed["executions"])

    def describe(self, name: str) -> dict[str, Any]:
        arn = f"{self.arn.replace('stateMachine', 'execution')}:{name}"
        return dict(self.client.describe_execution(executionArn=arn))

    def input_of(self, name: str) -> dict[str, Any]:
        return dict(json.loads(self.describe(name)["input"]))

    def wait_until_idle(self) -> None:
        while self.client.list_executions(stateMachineArn=self.arn, statusFilter="RUNNING")["executions"]:
            pass


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """moto's AWS, which runs state machines."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "POWERTOOLS_SERVICE_NAME": "start_pipeline",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setitem(default_user_config, "stepfunctions", {"execute_state_machine": True})
    with mock_aws():
        yield


@pytest.fixture
def machine(aws: None) -> Machine:
    """A state machine whose executions end at once."""
    client = boto3.client("stepfunctions")
    created = client.create_state_machine(
        name="pipeline", definition=json.dumps(PASSING), roleArn="arn:aws:iam::123456789012:role/pipeline"
    )
    return Machine(client, created["stateMachineArn"])
