"""The handler against real queues and state machines: moto's, in this process."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.config import default_user_config

Event = Callable[[str], dict[str, Any]]
WAITING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
PASSING = {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}


@dataclass
class Context:
    function_name: str = "start-pipeline"
    memory_limit_in_mb: int = 128
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:start-pipeline"
    aws_request_id: str = "request"


@dataclass
class Pipeline:
    """A state machine, a dead-letter queue and the function between them."""

    arn: str
    dead_letter_queue_url: str

    def invoke(self, event: dict[str, Any]) -> list[str]:
        """Invoke the function; the ids of the messages that must come back."""
        from app import handler

        answer = handler(event, Context())  # type: ignore[arg-type]
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def define(self, definition: dict[str, Any]) -> None:
        boto3.client("stepfunctions").update_state_machine(
            stateMachineArn=self.arn, definition=json.dumps(definition)
        )

    def runs(self) -> list[str]:
        listed = boto3.client("stepfunctions").list_executions(stateMachineArn=self.arn)
        return sorted(execution["name"] for execution in listed["executions"])

    def input_of(self, name: str) -> dict[str, Any]:
        arn = f"{self.arn.replace('stateMachine', 'execution')}:{name}"
        described = boto3.client("stepfunctions").describe_execution(executionArn=arn)
        return dict(json.loads(described["input"]))

    def wait_until_idle(self) -> None:
        client = boto3.client("stepfunctions")
        while client.list_executions(stateMachineArn=self.arn, statusFilter="RUNNING")["executions"]:
            pass

    def dead_letters(self) -> list[dict[str, Any]]:
        received = boto3.client("sqs").receive_message(
            QueueUrl=self.dead_letter_queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        return list(received.get("Messages", []))


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
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
        machine = boto3.client("stepfunctions").create_state_machine(
            name="pipeline", definition=json.dumps(PASSING), roleArn="arn:aws:iam::123456789012:role/pipeline"
        )
        queue = boto3.client("sqs").create_queue(QueueName="dead-letters")
        monkeypatch.setenv("STATE_MACHINE_ARN", machine["stateMachineArn"])
        monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", queue["QueueUrl"])
        yield Pipeline(machine["stateMachineArn"], queue["QueueUrl"])


def test_six_files_start_one_run_that_is_told_of_them(pipeline: Pipeline, event: Event) -> None:
    assert pipeline.invoke(event("six_files")) == []

    assert pipeline.runs() == ["run-000001"]
    run_input = pipeline.input_of("run-000001")
    assert run_input["object_count"] == len(run_input["objects"]) == 6
    assert run_input["objects"][0] == {
        "bucket": "csv-to-charts-input-111122223333",
        "key": "read/Person.Person.csv",
        "size": 1000,
    }


def test_runs_are_numbered_one_after_the_other(pipeline: Pipeline, event: Event) -> None:
    for _ in range(3):
        assert pipeline.invoke(event("one_file")) == []
        pipeline.wait_until_idle()

    assert pipeline.runs() == ["run-000001", "run-000002", "run-000003"]


def test_an_execution_started_by_hand_does_not_upset_the_numbers(pipeline: Pipeline, event: Event) -> None:
    pipeline.invoke(event("one_file"))
    boto3.client("stepfunctions").start_execution(stateMachineArn=pipeline.arn, name="run-by-hand")
    pipeline.wait_until_idle()

    pipeline.invoke(event("one_file"))

    assert pipeline.runs() == ["run-000001", "run-000002", "run-by-hand"]


def test_while_a_run_is_going_the_messages_come_back(pipeline: Pipeline, event: Event) -> None:
    pipeline.define(WAITING)
    assert pipeline.invoke(event("one_file")) == []

    returned = pipeline.invoke(event("six_files"))

    assert len(returned) == 6
    assert pipeline.runs() == ["run-000001"]


def test_a_starter_that_another_overtook_backs_off(
    pipeline: Pipeline, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runs import Runs

    pipeline.define(WAITING)
    pipeline.invoke(event("one_file"))
    with monkeypatch.context() as lagging:
        lagging.setattr(Runs, "_list", lambda *_, **__: {"executions": []})
        returned = pipeline.invoke(event("six_files"))

    assert len(returned) == 6
    assert pipeline.runs() == ["run-000001"]


def test_a_test_event_starts_nothing_and_is_done_with(pipeline: Pipeline, event: Event) -> None:
    assert pipeline.invoke(event("test_event")) == []
    assert pipeline.runs() == []


def test_poison_goes_to_the_dead_letter_queue_and_the_rest_runs(pipeline: Pipeline, event: Event) -> None:
    assert pipeline.invoke(event("poison")) == []

    assert pipeline.runs() == ["run-000001"]
    letters = {
        letter["Body"]: letter["MessageAttributes"]["Reason"]["StringValue"]
        for letter in pipeline.dead_letters()
    }
    assert set(letters) == {"this is not JSON", "[]", '{"Records": [{"eventSource": "aws:s3"}]}'}
    assert letters["[]"].startswith("not an S3 event: AttributeError")


def test_when_step_functions_refuses_the_messages_come_back_and_poison_does_not(
    pipeline: Pipeline, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_MACHINE_ARN", pipeline.arn + "-gone")

    returned = pipeline.invoke(event("poison"))

    assert returned == ["00000000-0000-4000-8000-000000000002"]
    assert len(pipeline.dead_letters()) == 3
