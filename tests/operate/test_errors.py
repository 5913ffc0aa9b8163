"""What stands between a command and its stack is said in one sentence."""

import json

import pytest
from botocore.exceptions import ClientError

from operate.errors import OperateError, told_plainly
from tests.localcloud.waiting import until
from tests.operate.conftest import Deployed, Refuses, status

COMMANDS = ["runs", "redrive", "replay"]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_stack(refuses: Refuses, command: str) -> None:
    refuses(
        "there is no stack gone in us-east-1; deploy it with sam deploy, or name another with --stack",
        command,
        "--stack",
        "gone",
    )


def test_a_stack_of_another_kind(stack: Deployed, refuses: Refuses) -> None:
    cloudformation = stack.process.client("cloudformation")
    queue = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
    cloudformation.create_stack(StackName=f"{stack.name}-other", TemplateBody=json.dumps(queue))
    until(lambda: status(cloudformation, f"{stack.name}-other") == "CREATE_COMPLETE")

    refuses(
        f"the stack {stack.name}-other has no output PipelineArn; deploy this version of the project with sam deploy",
        "runs",
        "--stack",
        f"{stack.name}-other",
    )


def test_no_credentials(stack: Deployed) -> None:
    nothing = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"}
    files = {"AWS_SHARED_CREDENTIALS_FILE": "/nowhere", "AWS_CONFIG_FILE": "/nowhere"}

    done = stack.operate("runs", **nothing, **files)

    assert done.returncode == 1
    assert done.stderr == "operate: there are no AWS credentials; set AWS_PROFILE, or run aws configure\n"


def test_no_region(refuses: Refuses) -> None:
    refuses(
        "there is no AWS region; set AWS_DEFAULT_REGION, or run aws configure",
        "runs",
        AWS_DEFAULT_REGION="",
        AWS_CONFIG_FILE="/nowhere",
    )


def test_nothing_at_the_endpoint(refuses: Refuses) -> None:
    refuses(
        'Could not connect to the endpoint URL: "http://127.0.0.1:9/"',
        "runs",
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
    )


def test_a_refusal_names_the_operation_and_says_what_the_service_says() -> None:
    told = {"Error": {"Code": "AccessDeniedException", "Message": "User: me is not authorized."}}

    with pytest.raises(OperateError) as refused, told_plainly():
        raise ClientError(told, "ListExecutions")  # type: ignore[arg-type]

    assert str(refused.value) == (
        "ListExecutions was refused: User: me is not authorized. (AccessDeniedException)"
    )
