"""The function in an account: from EventBridge's event to the message that a subscriber of the topic gets."""

import copy
import io
import json
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from functions.alert.message import Message
from tests.conftest import PROJECT
from tests.localcloud.process import Process
from tests.localcloud.waiting import queue_for, until
from tests.machines import ROLE, Machines
from tests.template import resources

ARN = "arn:aws:states:us-east-1:000000000000"
STOP = {"StartAt": "Stop", "States": {"Stop": {"Type": "Fail", "Error": "Stopped", "Cause": "So.\nMore."}}}


@dataclass(frozen=True)
class Alerts:
    """The function, its topic, and a queue that is subscribed to it."""

    process: Process
    function_arn: str
    queue_url: str

    def invoke(self, event: dict[str, Any]) -> str | None:
        """Invoke the function; what its error says, None where it has none."""
        answer = self.process.client("lambda").invoke(
            FunctionName=self.function_arn, Payload=json.dumps(event)
        )
        said = json.loads(answer["Payload"].read())
        return str(said["errorMessage"]) if "FunctionError" in answer else None

    def received(self) -> list[dict[str, str]]:
        """The messages that have come since the last time."""
        sqs = self.process.client("sqs")
        messages = sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


@pytest.fixture
def alerts(process: Process) -> Iterator[Alerts]:
    name = f"alert-{uuid.uuid4()}"
    topic = process.client("sns").create_topic(Name=name)["TopicArn"]
    queue = queue_for(process.client("sqs"), name, "sns")
    queue_arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
    process.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
    function = process.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": code()},
        Timeout=30,
        Environment={"Variables": {"TOPIC_ARN": topic, "POWERTOOLS_SERVICE_NAME": "alert"}},
    )
    yield Alerts(process, function["FunctionArn"], queue)
    process.client("lambda").delete_function(FunctionName=name)


def code() -> bytes:
    """The function as a deployment package; its dependency is installed here."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in (PROJECT / "functions" / "alert").glob("*.py"):
            archive.write(path, path.name)
    return packed.getvalue()


def event_of(described: dict[str, Any]) -> dict[str, Any]:
    """The event of an execution's end ("Step Functions Execution Status Change", EventBridge Events Reference)."""
    detail = {name: described.get(name) for name in ("executionArn", "stateMachineArn", "name", "status")}
    detail |= {name: described.get(name) for name in ("input", "output", "error", "cause")}
    dates = {name: int(described[name].timestamp() * 1000) for name in ("startDate", "stopDate")}
    return {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": {**detail, **dates},
    }


@pytest.fixture
def failed(machines: Machines) -> dict[str, Any]:
    """A run that failed in a child execution."""
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": machines.create(STOP)},
        "End": True,
    }
    machine = machines.create({"StartAt": "CrawlInput", "States": {"CrawlInput": start}})
    return machines.ended(machines.start(machine))


def test_a_failed_run_becomes_one_message(
    process: Process, alerts: Alerts, failed: dict[str, Any], rule: Callable[[str], None]
) -> None:
    rule(alerts.function_arn)
    event = event_of(failed)
    put = {
        "Source": "tests.states",
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
    }
    assert process.client("events").put_events(Entries=[put])["FailedEntryCount"] == 0

    (message,) = until(alerts.received)
    machine, arn = failed["stateMachineArn"].rpartition(":")[2], failed["executionArn"]
    assert message["Subject"] == f"{machine} run-000042 FAILED: CrawlInput > Stop"
    assert message["Message"] == (
        f"""\
Run:    run-000042 of {machine}
Status: FAILED
State:  CrawlInput > Stop
Cause:  So.

https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/{arn}

A corrected file that is uploaded again starts a run of its own. When the cause was another and is put right, this
command goes on from the state that failed:

aws stepfunctions redrive-execution --execution-arn {arn} --region us-east-1
"""
    )
    assert alerts.received() == []


@pytest.fixture
def rule(process: Process) -> Iterator[Callable[[str], None]]:
    """Makes a rule for a function; of a source of the tests' own, for that of AWS's services is theirs."""
    events, name = process.client("events"), f"rule-{uuid.uuid4()}"

    def create(function_arn: str) -> None:
        events.put_rule(Name=name, EventPattern=json.dumps({"source": ["tests.states"]}))
        events.put_targets(Rule=name, Targets=[{"Id": "alert", "Arn": function_arn}])

    yield create
    events.remove_targets(Rule=name, Ids=["alert"])
    events.delete_rule(Name=name)


@pytest.mark.parametrize(
    ("name", "subject", "reason"),
    [
        ("alert_failed", "run-000001 FAILED", '1 of 16 checks failed: ["large_orders_key"]'),
        ("alert_timed_out", "run-000002 TIMED_OUT", "TIMED_OUT"),
        ("alert_aborted", "run-000003 ABORTED", "ABORTED"),
    ],
)
def test_each_way_not_to_succeed_is_a_message(
    alerts: Alerts, event: Callable[[str], dict[str, Any]], name: str, subject: str, reason: str
) -> None:
    assert alerts.invoke(event(name)) is None

    (message,) = until(alerts.received)
    assert message["Subject"] == f"csv-to-charts-pipeline {subject}: the execution"
    assert f"Cause:  {reason}\n" in message["Message"]


@pytest.mark.parametrize(("cause", "reason"), [("By hand.", "By hand."), (None, "ABORTED")])
def test_a_history_that_cannot_be_read_loses_no_alert(alerts: Alerts, cause: str | None, reason: str) -> None:
    arn = f"{ARN}:execution:pipeline:run-of-long-ago"
    detail = {
        "executionArn": arn,
        "name": "run-of-long-ago",
        "status": "ABORTED",
        "error": None,
        "cause": cause,
    }

    assert alerts.invoke({"detail": detail}) is None

    (message,) = until(alerts.received)
    assert message["Subject"] == "pipeline run-of-long-ago ABORTED: the execution"
    assert f"State:  the execution\nCause:  {reason}\n" in message["Message"]
    assert f"redrive-execution --execution-arn {arn} --region us-east-1\n" in message["Message"]


def test_without_a_topic_the_function_fails(alerts: Alerts) -> None:
    alerts.process.client("lambda").update_function_configuration(
        FunctionName=alerts.function_arn, Environment={"Variables": {"TOPIC_ARN": ""}}
    )

    assert "not set: TOPIC_ARN" in str(alerts.invoke({"detail": {}}))


@pytest.mark.parametrize(
    ("status", "matches"),
    [("FAILED", True), ("TIMED_OUT", True), ("ABORTED", True), ("SUCCEEDED", False), ("RUNNING", False)],
)
def test_the_rule_is_for_runs_of_the_pipeline_that_did_not_succeed(
    process: Process, status: str, matches: bool
) -> None:
    function = resources("AWS::Serverless::Function")["AlertFunction"]["Properties"]
    pattern = copy.deepcopy(function["Events"]["RunFailed"]["Properties"]["Pattern"])
    pattern["detail"]["stateMachineArn"] = [f"{ARN}:stateMachine:pipeline"]

    def is_matched(machine: str) -> bool:
        detail = {"stateMachineArn": f"{ARN}:stateMachine:{machine}", "status": status}
        event = {"source": "aws.states", "detail-type": "Step Functions Execution Status Change"}
        envelope = {
            "id": "1",
            "account": "000000000000",
            "time": "2026-01-31T06:30:00Z",
            "region": "us-east-1",
        }
        answer = process.client("events").test_event_pattern(
            EventPattern=json.dumps(pattern),
            Event=json.dumps({**event, **envelope, "resources": [], "detail": detail}),
        )
        return bool(answer["Result"])

    assert is_matched("pipeline") is matches
    assert not is_matched("another")


def test_subjects_are_what_sns_takes() -> None:
    subject = Message(f"{ARN}:execution:pipeline:run-000042", "FAILED", "Prüfe > " * 20, "So.").subject

    assert subject.startswith("pipeline run-000042 FAILED: Pr?fe > Pr?fe")
    assert subject.isascii()
    assert len(subject) == 99


@pytest.mark.parametrize(
    ("partition", "region", "link"),
    [
        ("aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/states/home?region=cn-north-1#"),
        (
            "aws-us-gov",
            "us-gov-west-1",
            "https://us-gov-west-1.console.amazonaws-us-gov.com/states/home?region=us-gov-west-1#",
        ),
    ],
)
def test_links_lead_to_the_console_of_the_partition(partition: str, region: str, link: str) -> None:
    arn = f"arn:{partition}:states:{region}:000000000000:execution:pipeline:run-000042"

    assert f"{link}/v2/executions/details/{arn}\n" in Message(arn, "FAILED", "Stop", "So.").body
