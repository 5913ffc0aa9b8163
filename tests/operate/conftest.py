"""A stack of its own for each test, its pipeline doing what its input says; and the command as a shell runs it."""

import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import PROJECT
from tests.localcloud.process import Process
from tests.localcloud.waiting import until
from tests.machines import Machines

PIPELINE = {
    "StartAt": "Choose",
    "States": {
        "Choose": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.then", "StringEquals": "fail", "Next": "Stop"},
                {"Variable": "$.then", "StringEquals": "wait", "Next": "Wait"},
                {"Variable": "$.then", "StringEquals": "read", "Next": "Read"},
            ],
            "Default": "Done",
        },
        "Stop": {"Type": "Fail", "Error": "Stopped", "Cause": "So it is.\nMore."},
        "Wait": {"Type": "Wait", "Seconds": 3600, "Next": "Done"},
        "Read": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:headObject",
            "Parameters": {"Bucket.$": "$.bucket", "Key": "wanted"},
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}


@dataclass(frozen=True)
class Deployed:
    """A stack with the outputs that the commands read."""

    name: str
    process: Process
    machines: Machines
    pipeline_arn: str

    @property
    def bucket(self) -> str:
        return f"{self.name}-input"

    @property
    def queue_url(self) -> str:
        return str(self.process.client("sqs").get_queue_url(QueueName=f"{self.name}-queue")["QueueUrl"])

    def run(self, name: str, **given: Any) -> str:
        """The ARN of a run that has ended."""
        execution_arn = self.machines.start(self.pipeline_arn, name, **given)
        self.machines.ended(execution_arn)
        return execution_arn

    def begin(self, name: str) -> str:
        """The ARN of a run that is going until it is stopped."""
        return self.machines.start(self.pipeline_arn, name, then="wait")

    def stop(self, execution_arn: str) -> None:
        self.machines.stepfunctions.stop_execution(executionArn=execution_arn, cause="By hand.")
        self.machines.ended(execution_arn)

    def operate(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """The command, run to its end."""
        with self.operating(*arguments, **environment) as command:
            out, err = command.communicate(timeout=60)
            return subprocess.CompletedProcess(arguments, command.returncode, out, err)

    def operating(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """The command, going on; a variable that is empty is not set for it."""
        variables = {**self.process.environment, **environment}
        return subprocess.Popen(
            [sys.executable, "-m", "operate", arguments[0], "--stack", self.name, *arguments[1:]],
            cwd=PROJECT,
            env={name: value for name, value in variables.items() if value},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def stack(process: Process, machines: Machines) -> Iterator[Deployed]:
    name = f"ops-{uuid.uuid4().hex[:8]}"
    deployed = Deployed(name, process, machines, machines.create(PIPELINE, f"{name}-pipeline"))
    cloudformation = process.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template(deployed)))
    until(lambda: status(cloudformation, name) == "CREATE_COMPLETE")
    yield deployed
    for run in machines.stepfunctions.list_executions(
        stateMachineArn=deployed.pipeline_arn, statusFilter="RUNNING"
    )["executions"]:
        deployed.stop(run["executionArn"])


def template(stack: Deployed) -> dict[str, Any]:
    return {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": stack.bucket}},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": f"{stack.name}-queue"}},
        },
        "Outputs": {
            "PipelineArn": {"Value": stack.pipeline_arn},
            "InputBucketName": {"Value": {"Ref": "Bucket"}},
            "QueueUrl": {"Value": {"Ref": "Queue"}},
        },
    }


def status(cloudformation: Any, name: str) -> str:
    return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])


Refuses = Callable[..., None]


@pytest.fixture
def refuses(stack: Deployed) -> Refuses:
    """Asserts that a command ends with exit code 1 and nothing but one sentence."""

    def refuses(sentence: str, *arguments: str, **environment: str) -> None:
        done = stack.operate(*arguments, **environment)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"operate: {sentence}\n")

    return refuses
