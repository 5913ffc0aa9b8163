"""The deployed stack: what the commands work on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from botocore.exceptions import ClientError

from operate.errors import OperateError

STACK_NAME = "csv-to-charts"
Clients = Callable[[str], Any]
"""A boto3 client by the name of its service."""


@dataclass(frozen=True)
class Stack:
    """The pipeline of one stack, and the account's clients to reach it with."""

    client: Clients
    pipeline_arn: str
    input_bucket: str
    queue_url: str

    @classmethod
    def find(cls, client: Clients, name: str) -> Self:
        """The stack of that name. Raises OperateError where there is none, or another one."""
        outputs = outputs_of(client, name)
        try:
            return cls(client, outputs["PipelineArn"], outputs["InputBucketName"], outputs["QueueUrl"])
        except KeyError as missing:
            raise OperateError(
                f"the stack {name} has no output {missing.args[0]}; deploy this version of the project with sam deploy"
            ) from None


def outputs_of(client: Clients, name: str) -> dict[str, str]:
    """The outputs of a stack. Raises OperateError where there is no such stack, botocore's ClientError otherwise."""
    cloudformation = client("cloudformation")
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise OperateError(
            f"there is no stack {name} in {cloudformation.meta.region_name}; deploy it with sam deploy, "
            "or name another with --stack"
        ) from None
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
