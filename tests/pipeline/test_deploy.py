"""`sam` against the account."""

import json
import time
from typing import Any

import pytest

from localcloud.deploy import BUILT
from tests.pipeline.conftest import Account
from tests.pipeline.sam import sam


def deploy_plain(account: Account) -> str:
    """Deploy a second stack, `plain`, beside the first, with the template's defaults."""
    options = ["--stack-name", "plain", "--s3-prefix", "plain", "--parameter-overrides", "DatabaseName=plain"]
    return sam(account, "deploy", *options).stdout


@pytest.fixture(scope="module")
def without_quicksight(account: Account) -> str:
    deploy_plain(account)
    return "plain"


def test_the_template_is_valid(account: Account) -> None:
    assert "is a valid SAM Template" in sam(account, "validate", "--lint").stdout


def test_it_builds_sources_without_what_this_python_compiled(account: Account) -> None:
    assert "Build Succeeded" in sam(account, "build").stdout

    suffixes = {path.suffix for path in BUILT.parent.glob("*Function/**/*")}
    assert ".py" in suffixes
    assert ".pyc" not in suffixes


@pytest.mark.parametrize(
    ("function", "event", "answer"),
    [
        ("StartPipelineFunction", "test_event", {"batchItemFailures": []}),
        ("AlertFunction", "alert_failed", None),
    ],
)
def test_remote_invoke_sends_an_event(account: Account, function: str, event: str, answer: Any) -> None:
    options = ["--stack-name", "csv-to-charts", "--event-file", f"events/{event}.json"]
    printed = sam(account, "remote", "invoke", function, *options).stdout

    assert json.loads(printed.splitlines()[-1]) == answer


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
