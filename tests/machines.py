"""State machines of the tests' own in an account, and their executions."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from tests.localcloud.waiting import until

ROLE = "arn:aws:iam::000000000000:role/any"


@dataclass(frozen=True)
class Machines:
    """State machines of an account."""

    stepfunctions: Any

    def create(self, definition: dict[str, Any], name: str = "") -> str:
        """The ARN of a new state machine."""
        created = self.stepfunctions.create_state_machine(
            name=name or f"machine-{uuid.uuid4()}", definition=json.dumps(definition), roleArn=ROLE
        )
        return str(created["stateMachineArn"])

    def start(self, machine_arn: str, name: str = "run-000042", **given: Any) -> str:
        """The ARN of a new execution with the given input."""
        started = self.stepfunctions.start_execution(
            stateMachineArn=machine_arn, name=name, input=json.dumps(given)
        )
        return str(started["executionArn"])

    def ended(self, execution_arn: str) -> dict[str, Any]:
        """The execution as described once it has ended."""

        def described() -> dict[str, Any] | None:
            found: dict[str, Any] = self.stepfunctions.describe_execution(executionArn=execution_arn)
            return None if found["status"] == "RUNNING" else found

        return dict(until(described))

    def run(self, definition: dict[str, Any]) -> str:
        """The ARN of an execution of a new state machine that has ended."""
        execution_arn = self.start(self.create(definition))
        self.ended(execution_arn)
        return execution_arn
