"""Runs cases at a Step Functions endpoint, whichever it is, and reads what they did from the execution's history."""

import json
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

from tests.conftest import PROJECT
from tests.statemachine.case import EXECUTION_ARN, EXECUTION_NAME, Case, Step
from tests.statemachine.history import steps_of

ROLE = "arn:aws:iam::123456789012:role/states"
MOCKS = PROJECT / "tests" / "statemachine" / "MockConfigFile.json"


def _arn(machine: str) -> str:
    return f"arn:aws:states:us-east-1:123456789012:stateMachine:csv-to-charts-{machine}"


SUBSTITUTIONS: dict[str, dict[str, str]] = {
    "crawl": {},
    "pipeline": {
        "CrawlStateMachineArn": _arn("crawl"),
        "ValidateStateMachineArn": _arn("validate"),
        "RefreshSpiceStateMachineArn": _arn("refresh-spice"),
        "DataSetIds": "'csv-to-charts-top_products', 'csv-to-charts-large_orders'",
        "InputCrawler": "csv-to-charts-input",
        "OutputCrawler": "csv-to-charts-output",
        "OrderLineCountsJob": "csv-to-charts-order_line_counts",
        "TopProductsJob": "csv-to-charts-top_products",
        "CustomerOrdersJob": "csv-to-charts-customer_orders",
        "ProductDailyQuantityJob": "csv-to-charts-product_daily_quantity",
        "LargeOrdersJob": "csv-to-charts-large_orders",
    },
    "refresh_spice": {"AccountId": "123456789012"},
    "validate": {
        "OutputBucket": "csv-to-charts-output-123456789012",
        "WorkGroup": "csv-to-charts",
        "CheckQueryIds": "query-1,query-2",
    },
}
"""The placeholders of each machine's file, with values as the template makes them."""


def machine_name(machine: str) -> str:
    """The name that the template gives the state machine of a file."""
    return f"csv-to-charts-{machine.replace('_', '-')}"


def source_of(machine: str) -> str:
    """The file of a state machine."""
    return (PROJECT / "statemachine" / f"{machine}.asl.json").read_text()


def rendered(machine: str, source: str, **others: str) -> str:
    """The definition with a value for each placeholder, `others` in the place of the usual ones."""
    values = SUBSTITUTIONS[machine] | others
    return re.sub(r"\$\{(\w+)\}", lambda placeholder: values[placeholder[1]], source)


@dataclass
class Asked:
    """What the interpreter was asked for that no history shows."""

    waits: list[float] = field(default_factory=list)
    items_at_once: int = 0
    seconds_at_most: int | None = None

    def to_wait(self, seconds: float) -> float:
        """How long those seconds are waited: not at all."""
        self.waits.append(seconds)
        return 0


@dataclass
class Endpoint:
    """A Step Functions endpoint."""

    stepfunctions: Any
    asked: Asked | None = None
    """Told by the interpreter inside localcloud, which waits for nothing; others wait as the definition says."""

    def deploy(self, machine: str, definition: str) -> str:
        """The ARN of the state machine, which has this definition from now on."""
        given = {"definition": definition if self.asked else hurried(definition), "roleArn": ROLE}
        listed = self.stepfunctions.list_state_machines()["stateMachines"]
        known = {there["name"]: there["stateMachineArn"] for there in listed}
        if arn := known.get(machine_name(machine)):
            self.stepfunctions.update_state_machine(stateMachineArn=arn, **given)
            return str(arn)
        created = self.stepfunctions.create_state_machine(name=machine_name(machine), **given)
        return str(created["stateMachineArn"])

    def executed(self, machine_arn: str, case: Case, seconds: float) -> dict[str, Any]:
        """The description of the case's execution once it has ended."""
        name = f"{case.name}-{uuid.uuid4()}"[:80]
        started = self.stepfunctions.start_execution(
            stateMachineArn=f"{machine_arn}#{case.name}", name=name, input=json.dumps(case.given)
        )
        arn, deadline, pause = started["executionArn"], time.monotonic() + seconds, 0.005
        while (described := self.stepfunctions.describe_execution(executionArn=arn))["status"] == "RUNNING":
            if time.monotonic() > deadline or self._last_event(arn) > _most_events(case):
                self.stepfunctions.stop_execution(executionArn=arn)
                raise TimeoutError(f"case {case.name} did not end")
            time.sleep(pause := min(pause * 1.5, 0.5))
        return dict(described)

    def _last_event(self, arn: str) -> int:
        newest = self.stepfunctions.get_execution_history(executionArn=arn, maxResults=1, reverseOrder=True)
        return max((event["id"] for event in newest["events"]), default=0)

    def history(self, arn: str) -> list[dict[str, Any]]:
        """All events of an execution."""
        pages = self.stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
        return [event for page in pages for event in page["events"]]


def at(url: str) -> Endpoint:
    """The endpoint there, once it answers: a container that has only just started does not."""
    client = boto3.client(
        "stepfunctions",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 10, "mode": "standard"}),
    )
    client.list_state_machines()
    return Endpoint(client)


def _most_events(case: Case) -> int:
    """An execution that has more of them goes round in circles."""
    return 200 + 20 * len(case.steps) + 10 * len(case.waits)


def hurried(definition: str) -> str:
    """The definition with waits as short as the language has them."""
    shortest = {"Seconds": 0, "IntervalSeconds": 1, "BackoffRate": 1}

    def hurry(members: dict[str, Any]) -> dict[str, Any]:
        return {key: shortest.get(key, member) for key, member in members.items()}

    return json.dumps(json.loads(definition, object_hook=hurry))


@dataclass(frozen=True)
class Ran:
    """What a case did."""

    steps: list[Step]
    output: Any
    error: str | None
    cause: str | None
    asked: Asked | None


def run(endpoint: Endpoint, machine: str, case: Case, source: str | None = None, seconds: float = 60) -> Ran:
    """Run the case with the state machine of the file, or of another `source`; TimeoutError if it does not end."""
    arn = endpoint.deploy(machine, rendered(machine, source or source_of(machine), **case.substitutions))
    if endpoint.asked:
        vars(endpoint.asked).update(vars(Asked()))
    execution = endpoint.executed(arn, case, seconds)
    events = endpoint.history(execution["executionArn"])
    described, history = _with_fixed_names(execution, [execution, events])
    return Ran(
        steps=steps_of(history),
        output=json.loads(described["output"]) if "output" in described else None,
        error=described.get("error"),
        cause=described.get("cause"),
        asked=endpoint.asked,
    )


def check(ran: Ran, case: Case) -> None:
    """Assert that it did what the case says."""
    assert ran.steps == case.steps
    assert (ran.error, ran.cause, ran.output) == (case.error, case.cause, case.output)
    if ran.asked:
        assert sorted(ran.asked.waits) == case.waits
        assert case.items_at_once in (None, ran.asked.items_at_once)
        assert case.seconds_at_most in (None, ran.asked.seconds_at_most)


def _with_fixed_names(execution: dict[str, Any], told: Any) -> Any:
    told = json.dumps(told, default=str)
    for name, fixed in (("executionArn", EXECUTION_ARN), ("name", EXECUTION_NAME)):
        told = told.replace(execution[name], fixed)
    return json.loads(told)
