"""The handler against real queues and state machines: moto's, in this process."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import boto3
import pytest

from tests.functions.start_pipeline.conftest import WAITING, Machine

Event = Callable[[str], dict[str, Any]]
"""Reads an event whose messages were sent later than any run starts."""


@dataclass
class Context:
    function_name: str = "start-pipeline"
    memory_limit_in_mb: int = 128
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:start-pipeline"
    aws_request_id: str = field(default_factory=lambda: str(uuid4()))


@dataclass
class Pipeline:
    """A state machine, a dead-letter queue and the function between them."""

    machine: Machine
    dead_letter_queue_url: str

    def invoke(self, event: dict[str, Any]) -> list[str]:
        """Invoke the function; the last characters of the ids of the messages that must come back."""
        from app import handler

        answer = handler(event, Context())  # type: ignore[arg-type]
        return [failure["itemIdentifier"][-2:] for failure in answer["batchItemFailures"]]

    def dead_letters(self) -> dict[str, str]:
        """What the dead-letter queue holds: the reason for each body."""
        letters = {}
        while (
            received := boto3.client("sqs")
            .receive_message(
                QueueUrl=self.dead_letter_queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
            .get("Messages")
        ):
            letters |= {m["Body"]: m["MessageAttributes"]["Reason"]["StringValue"] for m in received}
        return letters


@pytest.fixture
def pipeline(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    queue = boto3.client("sqs").create_queue(QueueName="dead-letters")
    monkeypatch.setenv("STATE_MACHINE_ARN", machine.arn)
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", queue["QueueUrl"])
    return Pipeline(machine, queue["QueueUrl"])


def sent_now(event: dict[str, Any]) -> dict[str, Any]:
    """The event, its messages sent now."""
    for record in event["Records"]:
        record["attributes"]["SentTimestamp"] = str(int(time.time() * 1000))
    return event


def test_six_files_start_one_run_that_is_told_of_them(pipeline: Pipeline, event: Event) -> None:
    assert pipeline.invoke(event("six_files")) == []

    assert pipeline.machine.names() == ["run-000001"]
    run_input = pipeline.machine.input_of("run-000001")
    assert run_input["object_count"] == len(run_input["objects"]) == 6
    assert run_input["objects"][0] == {
        "bucket": "csv-to-charts-input-111122223333",
        "key": "read/Person.Person.csv",
        "size": 1000,
    }


def test_runs_are_numbered_one_after_the_other(pipeline: Pipeline, event: Event) -> None:
    for _ in range(3):
        assert pipeline.invoke(event("one_file")) == []
        pipeline.machine.wait_until_idle()

    assert pipeline.machine.names() == ["run-000001", "run-000002", "run-000003"]


def test_while_a_run_is_going_the_messages_come_back(pipeline: Pipeline, event: Event) -> None:
    pipeline.machine.define(WAITING)
    assert pipeline.invoke(event("one_file")) == []

    returned = pipeline.invoke(event("six_files"))

    assert len(returned) == 6
    assert pipeline.machine.names() == ["run-000001"]


def test_messages_sent_before_the_newest_run_started_are_done_with(pipeline: Pipeline, event: Event) -> None:
    early = sent_now(event("six_files"))
    time.sleep(0.002)  # the queue and Step Functions tell the time in milliseconds
    pipeline.machine.define(WAITING)
    assert pipeline.invoke(event("one_file")) == []

    assert pipeline.invoke(early) == []
    assert pipeline.machine.names() == ["run-000001"]


def test_only_those_sent_since_wait_for_the_next_run(pipeline: Pipeline, event: Event) -> None:
    batch = event("six_files")
    sent_now({"Records": batch["Records"][:4]})
    time.sleep(0.002)
    pipeline.invoke(event("one_file"))
    pipeline.machine.wait_until_idle()

    assert pipeline.invoke(batch) == []

    assert pipeline.machine.names() == ["run-000001", "run-000002"]
    assert pipeline.machine.input_of("run-000002")["object_count"] == 2


def test_a_message_sent_in_the_millisecond_of_a_start_waits(pipeline: Pipeline, event: Event) -> None:
    pipeline.machine.define(WAITING)
    pipeline.invoke(event("one_file"))
    started = pipeline.machine.describe("run-000001")["startDate"]
    batch = event("one_file")
    batch["Records"][0]["attributes"]["SentTimestamp"] = str(int(started.timestamp() * 1000))

    assert len(pipeline.invoke(batch)) == 1


def test_an_answer_that_was_lost_starts_no_second_run(pipeline: Pipeline, event: Event) -> None:
    batch = sent_now(event("six_files"))
    time.sleep(0.002)
    pipeline.invoke(batch)
    pipeline.machine.wait_until_idle()

    assert pipeline.invoke(batch) == []
    assert pipeline.machine.names() == ["run-000001"]


def test_an_event_of_long_ago_starts_a_run_where_none_has_been_and_no_second_one(
    pipeline: Pipeline, event: Event
) -> None:
    for _ in range(2):
        assert pipeline.invoke(event("long_ago")) == []
        pipeline.machine.wait_until_idle()

    assert pipeline.machine.names() == ["run-000001"]


def test_odd_keys_reach_the_run_as_they_are_in_s3(pipeline: Pipeline, event: Event) -> None:
    assert pipeline.invoke(event("odd_keys")) == []

    (uploaded,) = pipeline.machine.input_of("run-000001")["objects"]
    assert uploaded["key"] == "read/Sales Customer (März) 100%+.csv"


def test_events_of_one_object_are_one_object_of_the_run(pipeline: Pipeline, event: Event) -> None:
    assert pipeline.invoke(event("duplicates")) == []

    assert pipeline.machine.input_of("run-000001")["object_count"] == 1


def test_a_run_tells_which_invocation_started_it(pipeline: Pipeline, event: Event) -> None:
    from app import handler

    context = Context()
    handler(event("one_file"), context)  # type: ignore[arg-type]

    assert pipeline.machine.input_of("run-000001")["started_by"] == context.aws_request_id


def test_a_test_event_starts_nothing_and_is_done_with(pipeline: Pipeline, event: Event) -> None:
    assert pipeline.invoke(event("test_event")) == []
    assert pipeline.machine.names() == []


def test_a_test_event_is_done_with_while_a_run_is_going(pipeline: Pipeline, event: Event) -> None:
    pipeline.machine.define(WAITING)
    pipeline.invoke(event("one_file"))

    assert pipeline.invoke(event("test_event")) == []


def test_poison_goes_to_the_dead_letter_queue_and_the_rest_runs(pipeline: Pipeline, event: Event) -> None:
    assert pipeline.invoke(event("poison")) == []

    assert pipeline.machine.names() == ["run-000001"]
    letters = pipeline.dead_letters()
    assert set(letters) == {"this is not JSON", "[]", '{"Records": [{"eventSource": "aws:s3"}]}'}
    assert letters["[]"] == "not an S3 event: its Records is missing, empty or no list"


def test_any_number_of_poison_messages_is_set_aside(pipeline: Pipeline, event: Event) -> None:
    (record,) = event("one_file")["Records"]
    poison = [{**record, "messageId": str(uuid4()), "body": f"poison {number}"} for number in range(25)]

    assert pipeline.invoke({"Records": poison}) == []
    assert set(pipeline.dead_letters()) == {f"poison {number}" for number in range(25)}


def test_when_the_dead_letter_queue_refuses_poison_comes_back_and_the_rest_runs(
    pipeline: Pipeline, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", pipeline.dead_letter_queue_url + "-gone")

    assert pipeline.invoke(event("poison")) == ["01", "03", "04"]
    assert pipeline.machine.names() == ["run-000001"]


def test_when_step_functions_refuses_the_messages_come_back_and_poison_does_not(
    pipeline: Pipeline, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_MACHINE_ARN", pipeline.machine.arn + "-gone")

    assert pipeline.invoke(event("poison")) == ["02"]
    assert len(pipeline.dead_letters()) == 3
