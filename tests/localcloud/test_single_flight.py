"""Never two runs at once, and no upload without a run after it: the trigger as the template has it, whole.

S3's events through a real queue and the mapping to the function in its own processes; a state machine that only waits
stands in for the pipeline, so that runs start and end while events arrive.
"""

import copy
import io
import itertools
import json
import math
import random
import threading
import time
import zipfile
from collections import ChainMap, Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from runs import Runs

from tests.conftest import PROJECT
from tests.localcloud.process import Process
from tests.localcloud.waiting import until
from tests.template import template

FUNCTION = PROJECT / "functions" / "start_pipeline"
TRIGGER = ("Queue", "DeadLetterQueue", "StartPipelineFunction", "StartPipelineLogs", "StartPipelineRole")
"""The template's resources that are tried."""
STACK = "single-flight"
ROLE = "arn:aws:iam::000000000000:role/any"
BATCH_SIZE = 100
"""Less than the template's, so that there are more starters."""
RUN_SECONDS = 300
"""Of a run: two seconds here, where a wait is shortest at first, so that events come while one is going."""
SENDERS = STARTERS = 20
RECORDER = """
import json, os, pathlib, time
import app

def handler(event, context):
    answer = app.handler(event, context)
    sent = {record["messageId"]: int(record["attributes"]["SentTimestamp"]) for record in event["Records"]}
    for failure in answer["batchItemFailures"]:
        del sent[failure["itemIdentifier"]]
    told = {"received": len(event["Records"]), "done": sent, "at": time.time() * 1000}
    (pathlib.Path(os.environ["RECORDS"]) / context.aws_request_id).write_text(json.dumps(told))
    return answer
"""
"""The function's own handler, and what it was done with when: message ids with the moments they were sent."""
BACKLOG = 300
"""Messages at which senders pause: the function keeps up with them, so runs start and end while they send."""
EVENTS, DISTINCT, POISON = 10_000, 7_500, 60


def waiting_machine(seconds: int) -> str:
    wait = {"Type": "Wait", "Seconds": seconds, "End": True}
    return json.dumps({"StartAt": "Wait", "States": {"Wait": wait}})


@dataclass(frozen=True)
class Trigger:
    """The deployed stack."""

    process: Process
    state_machine_arn: str
    queue_url: str
    dead_letter_queue_url: str
    records: Path

    def executions(self) -> list[dict[str, Any]]:
        """The runs, first to last."""
        pages = self.process.client("stepfunctions").get_paginator("list_executions")
        found = [
            execution
            for page in pages.paginate(stateMachineArn=self.state_machine_arn)
            for execution in page["executions"]
        ]
        return sorted(found, key=lambda execution: execution["startDate"])

    def wait_until_idle(self) -> None:
        """Until no message is left and no run is going."""
        sqs = self.process.client("sqs")

        def is_idle() -> bool:
            time.sleep(0.2)  # asked without a pause, the account would have no time for anything else
            attributes = sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=["All"])[
                "Attributes"
            ]
            left = sum(int(attributes[name]) for name in attributes if name.startswith("Approximate"))
            return not left and all(execution["status"] == "SUCCEEDED" for execution in self.executions())

        until(is_idle, seconds=120)

    def calls(self) -> list[dict[str, Any]]:
        """What each invocation of the function was done with, and when."""
        return [json.loads(path.read_text()) for path in self.records.iterdir()]

    def dead_letters(self) -> list[dict[str, Any]]:
        received: list[dict[str, Any]] = []
        sqs = self.process.client("sqs")
        while more := sqs.receive_message(
            QueueUrl=self.dead_letter_queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            received += more
        return received


@pytest.fixture
def trigger(process: Process, tmp_path: Path) -> Iterator[Trigger]:
    """The template's trigger, as a stack."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for path in FUNCTION.glob("*.py"):
            archive.write(path, path.name)
        archive.writestr("recorder.py", RECORDER)
    process.client("s3").create_bucket(Bucket=STACK)
    process.client("s3").put_object(Bucket=STACK, Key="function.zip", Body=zipped.getvalue())
    cloudformation = process.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(trigger_template(tmp_path)),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    yield Trigger(
        process, outputs["PipelineStateMachine"], outputs["Queue"], outputs["DeadLetterQueue"], tmp_path
    )
    cloudformation.delete_stack(StackName=STACK)


def trigger_template(records: Path) -> dict[str, Any]:
    """The trigger's part of the template, with a pipeline that only waits."""
    whole = template()
    resources = {name: whole["Resources"][name] for name in TRIGGER}
    function = copy.deepcopy(resources["StartPipelineFunction"])
    function["Properties"] |= {"CodeUri": f"s3://{STACK}/function.zip", "Handler": "recorder.handler"}
    function["Properties"]["Environment"]["Variables"]["RECORDS"] = str(records)
    function["Properties"]["Events"]["Uploads"]["Properties"]["BatchSize"] = BATCH_SIZE
    resources["StartPipelineFunction"] = function
    resources["PipelineStateMachine"] = {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": ROLE,
            "DefinitionString": waiting_machine(RUN_SECONDS),
        },
    }
    outputs = ("PipelineStateMachine", "Queue", "DeadLetterQueue")
    return {
        "Transform": whole["Transform"],
        "Parameters": {"LogRetentionDays": whole["Parameters"]["LogRetentionDays"]},
        "Resources": resources,
        "Outputs": {name: {"Value": {"Ref": name}} for name in outputs},
    }


def s3_event(number: int) -> str:
    uploaded = {
        "bucket": {"name": "input"},
        "object": {"key": f"read/{number:05}.csv", "size": number, "sequencer": f"{number:016X}"},
    }
    return json.dumps(
        {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": uploaded}]}
    )


def send(clients: list[Any], queue_url: str, bodies: list[str]) -> dict[str, str]:
    """Send the messages from all clients at once, ten a request; the bodies by message id."""
    count = "ApproximateNumberOfMessages"

    def sender(place: int) -> dict[str, str]:
        own, sent = bodies[place::SENDERS], {}
        for ten in (own[start : start + 10] for start in range(0, len(own), 10)):
            entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(ten)]
            answer = clients[place].send_message_batch(QueueUrl=queue_url, Entries=entries)
            sent |= {taken["MessageId"]: ten[int(taken["Id"])] for taken in answer["Successful"]}
            queue = {"QueueUrl": queue_url, "AttributeNames": [count]}
            while int(clients[place].get_queue_attributes(**queue)["Attributes"][count]) > BACKLOG:
                time.sleep(0.2)
        return sent

    with ThreadPoolExecutor(SENDERS) as pool:
        return dict(ChainMap(*pool.map(sender, range(SENDERS))))


def assert_never_two_at_once(executions: list[dict[str, Any]]) -> None:
    numbers = [execution["name"] for execution in executions]
    assert numbers == [f"run-{number:06d}" for number in range(1, len(executions) + 1)]
    for run, following in itertools.pairwise(executions):
        assert run["stopDate"] <= following["startDate"], (
            f"{following['name']} began before {run['name']} ended"
        )


def assert_let_go_once_a_run_had_started(
    events: set[str], calls: list[dict[str, Any]], executions: list[dict[str, Any]]
) -> None:
    starts = [execution["startDate"].timestamp() * 1000 for execution in executions]
    for call in calls:
        for message_id in call["done"].keys() & events:
            start = next((start for start in starts if start > call["done"][message_id]), math.inf)
            assert start <= call["at"], f"{message_id} was let go before a run had started after it"


def test_ten_thousand_events(trigger: Trigger, record_property: Callable[[str, object], None]) -> None:
    chance = random.Random(2011)
    numbers = [*range(DISTINCT), *chance.sample(range(DISTINCT), EVENTS - DISTINCT)]
    poison = [f"poison {number}" for number in range(POISON)]
    bodies = [s3_event(number) for number in numbers] + poison
    chance.shuffle(bodies)
    clients = [trigger.process.client("sqs") for _ in range(SENDERS)]

    began = time.monotonic()
    sent = send(clients, trigger.queue_url, bodies)
    trigger.wait_until_idle()
    seconds = time.monotonic() - began

    executions, calls = trigger.executions(), trigger.calls()
    assert_never_two_at_once(executions)
    assert Counter(letter["Body"] for letter in trigger.dead_letters()) == Counter(poison)
    assert Counter(message_id for call in calls for message_id in call["done"]) == Counter(sent.keys())
    events = {message_id for message_id, body in sent.items() if body not in poison}
    assert_let_go_once_a_run_had_started(events, calls, executions)
    assert len(executions) > 1, "no run ended while events arrived"
    assert sum(len(call["done"]) for call in calls) < sum(call["received"] for call in calls), "none waited"
    measured = {"events": len(bodies), "runs": len(executions), "calls": len(calls), "seconds": seconds}
    for name, value in measured.items():
        record_property(name, value)
    print(measured)


@pytest.mark.parametrize("inputs", ["same", "own"])
def test_twenty_starters_at_the_same_instant_start_one_run(process: Process, inputs: str) -> None:
    stepfunctions = process.client("stepfunctions")
    machine = stepfunctions.create_state_machine(
        name=f"twenty-starters-{inputs}",
        definition=waiting_machine(3600),
        roleArn=ROLE,
    )["stateMachineArn"]
    clients = [process.client("stepfunctions") for _ in range(STARTERS)]
    together = threading.Barrier(STARTERS)

    def starter(number: int) -> str | None:
        runs = Runs(clients[number], machine, starter=str(number))
        together.wait()
        return runs.start_after(runs.newest(), {"object_count": number if inputs == "own" else 1})

    def running() -> list[dict[str, Any]]:
        listed = stepfunctions.list_executions(stateMachineArn=machine, statusFilter="RUNNING")
        return list(listed["executions"])

    with ThreadPoolExecutor(STARTERS) as pool:
        for round_number in range(1, 11):
            started = [name for name in pool.map(starter, range(STARTERS)) if name]

            going = running()
            assert started == [execution["name"] for execution in going] == [f"run-{round_number:06d}"]
            stepfunctions.stop_execution(executionArn=going[0]["executionArn"])
            until(lambda: not running())
