"""Never two runs at once, and no upload without a run after it: the trigger as the template has it, whole.

S3's events through a real queue and the mapping to the function in its own processes; a state machine that only waits
stands in for the pipeline, so that runs start and end while events arrive.
"""

import copy
import io
import itertools
import json
import random
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
ROLE = "arn:aws:iam::000000000000:role/pipeline"
BATCH_SIZE = 100
"""Less than the template's, so that there are more starters."""
RUN_SECONDS = 15
"""Of a run; localcloud waits a thirtieth of them."""
SENDERS = STARTERS = 20
PAUSE_SECONDS = 0.25
EVENTS, DISTINCT, POISON = 10_000, 7_500, 60
WAVES = 2
"""After each the queue runs dry: what was let go too early would not be made good by a later run."""


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

    def logged(self) -> list[dict[str, Any]]:
        """What the function logged, a line an invocation at least."""
        pages = self.process.client("logs").get_paginator("filter_log_events")
        events = pages.paginate(logGroupName=f"/aws/lambda/{STACK}-start-pipeline", filterPattern='"level"')
        return [json.loads(event["message"]) for page in events for event in page["events"]]

    def dead_letters(self) -> list[dict[str, Any]]:
        received: list[dict[str, Any]] = []
        sqs = self.process.client("sqs")
        while more := sqs.receive_message(
            QueueUrl=self.dead_letter_queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            received += more
        return received


@pytest.fixture
def trigger(process: Process) -> Iterator[Trigger]:
    """The template's trigger, as a stack."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for path in FUNCTION.glob("*.py"):
            archive.write(path, path.name)
    process.client("s3").create_bucket(Bucket=STACK)
    process.client("s3").put_object(Bucket=STACK, Key="function.zip", Body=zipped.getvalue())
    cloudformation = process.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK, TemplateBody=json.dumps(trigger_template()), Capabilities=["CAPABILITY_IAM"]
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    yield Trigger(process, outputs["PipelineStateMachine"], outputs["Queue"], outputs["DeadLetterQueue"])
    cloudformation.delete_stack(StackName=STACK)


def trigger_template() -> dict[str, Any]:
    """The trigger's part of the template, with a pipeline that only waits."""
    whole = template()
    resources = {name: whole["Resources"][name] for name in TRIGGER}
    function = copy.deepcopy(resources["StartPipelineFunction"])
    function["Properties"]["CodeUri"] = f"s3://{STACK}/function.zip"
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


def send(clients: list[Any], queue_url: str, bodies: list[str]) -> float:
    """Send the messages from all clients at once, ten a request; when the last request was begun.

    Senders pause, so that runs start and end meanwhile.
    """

    def sender(place: int) -> float:
        own = bodies[place::SENDERS]
        begun = 0.0
        for ten in (own[start : start + 10] for start in range(0, len(own), 10)):
            begun = time.time()
            entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(ten)]
            answer = clients[place].send_message_batch(QueueUrl=queue_url, Entries=entries)
            assert len(answer["Successful"]) == len(ten)
            time.sleep(PAUSE_SECONDS)
        return begun

    with ThreadPoolExecutor(SENDERS) as pool:
        return max(pool.map(sender, range(SENDERS)))


def assert_never_two_at_once(executions: list[dict[str, Any]]) -> None:
    numbers = [execution["name"] for execution in executions]
    assert numbers == [f"run-{number:06d}" for number in range(1, len(executions) + 1)]
    for run, following in itertools.pairwise(executions):
        assert run["stopDate"] <= following["startDate"], (
            f"{following['name']} began before {run['name']} ended"
        )


def test_ten_thousand_events(trigger: Trigger, record_property: Callable[[str, object], None]) -> None:
    chance = random.Random(2011)
    numbers = [*range(DISTINCT), *chance.sample(range(DISTINCT), EVENTS - DISTINCT)]
    poison = [f"poison {number}" for number in range(POISON)]
    bodies = [s3_event(number) for number in numbers] + poison
    chance.shuffle(bodies)
    clients = [trigger.process.client("sqs") for _ in range(SENDERS)]
    began = time.monotonic()

    for wave in range(WAVES):
        sent = send(clients, trigger.queue_url, bodies[wave::WAVES])
        trigger.wait_until_idle()
        newest = trigger.executions()[-1]
        assert newest["startDate"].timestamp() > sent, f"no run for what was sent last in wave {wave}"

    seconds = time.monotonic() - began
    executions, logged = trigger.executions(), trigger.logged()
    assert_never_two_at_once(executions)
    assert len(executions) > WAVES, "no run ended while events arrived"
    letters = trigger.dead_letters()
    assert Counter(letter["Body"] for letter in letters) == Counter(poison)
    assert all("Reason" in letter["MessageAttributes"] for letter in letters)
    done = [line for line in logged if line["message"].startswith(("Run started", "A run has started"))]
    assert sum(line["events"] for line in done) == EVENTS
    calls = len({line["function_request_id"] for line in logged})
    told = (
        f"{EVENTS} events and {POISON} poison: {len(executions)} runs, {seconds:.1f} s, {calls} starter calls"
    )
    record_property("trigger", told)
    print(told)


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

    with ThreadPoolExecutor(STARTERS) as pool:
        for round_number in range(1, 11):
            started = [name for name in pool.map(starter, range(STARTERS)) if name]

            going = stepfunctions.list_executions(stateMachineArn=machine, statusFilter="RUNNING")[
                "executions"
            ]
            assert started == [execution["name"] for execution in going] == [f"run-{round_number:06d}"]
            stepfunctions.stop_execution(executionArn=going[0]["executionArn"])
