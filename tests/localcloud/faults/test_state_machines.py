"""What Step Functions makes of calls that fail: the error's name in the history, and its Retry."""

import json
from typing import Any

import pytest

from localcloud import faults
from tests.localcloud.faults.injected import new_name
from tests.localcloud.waiting import Clients, until

ROLE = "arn:aws:iam::000000000000:role/any"


def machine(account: Clients, state: dict[str, Any]) -> str:
    """The ARN of a state machine of one state."""
    definition = json.dumps({"StartAt": "Only", "States": {"Only": state}})
    created = account("stepfunctions").create_state_machine(
        name=new_name(), definition=definition, roleArn=ROLE
    )
    return str(created["stateMachineArn"])


def run(account: Clients, machine_arn: str) -> tuple[str, list[str]]:
    """The status with which an execution ends, and the errors of its tasks."""
    states = account("stepfunctions")
    arn = states.start_execution(stateMachineArn=machine_arn)["executionArn"]
    status = until(lambda: (s := states.describe_execution(executionArn=arn)["status"]) != "RUNNING" and s)
    events = states.get_execution_history(executionArn=arn)["events"]
    return str(status), [e["taskFailedEventDetails"]["error"] for e in events if e["type"] == "TaskFailed"]


@pytest.fixture
def child(account: Clients) -> str:
    return machine(account, {"Type": "Pass", "End": True})


@pytest.mark.parametrize(
    ("fault", "resource", "parameters", "error"),
    [
        (
            "throttle glue:GetDatabase times 2",
            "aws-sdk:glue:getDatabase",
            {"Name": "sales"},
            "Glue.ThrottlingException",
        ),
        (
            "throttle athena:StartQueryExecution times 2",
            "athena:startQueryExecution.sync",
            {
                "QueryString": "select 1",
                "ResultConfiguration": {"OutputLocation": "s3://lake/results/"},
            },
            "Athena.TooManyRequestsException",
        ),
        (
            "throttle quicksight:ListDataSets times 2",
            "aws-sdk:quicksight:listDataSets",
            {"AwsAccountId": "000000000000"},
            "QuickSight.ThrottlingException",
        ),
        (
            "throttle s3:PutObject of throttled times 2",
            "aws-sdk:s3:putObject",
            {"Bucket": "lake", "Key": "throttled", "Body": "x"},
            "S3.S3Exception",
        ),
        (
            "throttle states:StartExecution of parent times 2",
            "states:startExecution.sync:2",
            {"StateMachineArn": "${child}", "Input": {"from": "parent"}},
            "StepFunctions.AWSStepFunctionsException",
        ),
    ],
)
def test_a_retry_overcomes_throttling(
    account: Clients, child: str, fault: str, resource: str, parameters: Any, error: str
) -> None:
    task = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        "Parameters": json.loads(json.dumps(parameters).replace("${child}", child)),
        "Retry": [{"ErrorEquals": [error], "IntervalSeconds": 1, "MaxAttempts": 3}],
        "End": True,
    }
    arn = machine(account, task)
    faults.add(fault)

    assert run(account, arn) == ("SUCCEEDED", [error, error])
