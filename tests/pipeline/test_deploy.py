"""`sam` against the account."""

import json
import subprocess
import time

import pytest

from tests.conftest import PROJECT
from tests.pipeline.conftest import Account


def sam(account: Account, *arguments: str) -> str:
    done = subprocess.run(
        ["sam", *arguments], cwd=PROJECT, env=account.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def deploy_plain(account: Account) -> str:
    """Deploy a second stack, `plain`, beside the first, with the template's defaults."""
    options = ["--stack-name", "plain", "--s3-prefix", "plain", "--parameter-overrides", "DatabaseName=plain"]
    return sam(account, "deploy", *options)


@pytest.fixture(scope="module")
def without_quicksight(account: Account) -> str:
    deploy_plain(account)
    return "plain"


def test_the_template_is_valid(account: Account) -> None:
    assert "is a valid SAM Template" in sam(account, "validate", "--lint")


def test_it_builds(account: Account) -> None:
    assert "Build Succeeded" in sam(account, "build")


def test_a_stack_with_quicksight_off_has_no_data_sets_and_refreshes_none(
    account: Account, without_quicksight: str
) -> None:
    listed = account.client("quicksight").list_data_sets(AwsAccountId="000000000000")["DataSetSummaries"]
    assert not [data_set for data_set in listed if data_set["DataSetId"].startswith(without_quicksight)]

    client = account.client("stepfunctions")
    pipeline = client.describe_state_machine(
        stateMachineArn=account.output("PipelineArn").replace(
            "csv-to-charts-pipeline", f"{without_quicksight}-pipeline"
        )
    )
    last_steps = client.create_state_machine(
        name=f"{without_quicksight}-last-steps",
        definition=json.dumps({**json.loads(pipeline["definition"]), "StartAt": "ListDataSets"}),
        roleArn=pipeline["roleArn"],
    )["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=last_steps)["executionArn"]
    while (described := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.05)
    assert json.loads(described["output"])["spice"] == {"ingestions": []}


@pytest.mark.usefixtures("without_quicksight")
def test_deploying_again_changes_nothing(account: Account) -> None:
    assert "No changes to deploy" in deploy_plain(account)
