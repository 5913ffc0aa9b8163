"""Calls fail as they were told to, in the service's own words, and no longer once the fault is taken away."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import faults
from localcloud.faults import FaultError
from tests.localcloud.faults.injected import fails
from tests.localcloud.waiting import Clients


@pytest.mark.parametrize(
    ("action", "code", "status", "call"),
    [
        ("glue:GetDatabases", "ThrottlingException", 400, lambda c: c("glue").get_databases()),
        (
            "athena:ListWorkGroups",
            "TooManyRequestsException",
            400,
            lambda c: c("athena").list_work_groups(),
        ),
        (
            "quicksight:ListDataSets",
            "ThrottlingException",
            429,
            lambda c: c("quicksight").list_data_sets(AwsAccountId="000000000000"),
        ),
        ("s3:ListObjectsV2", "SlowDown", 503, lambda c: c("s3").list_objects_v2(Bucket="lake")),
        ("s3:HeadBucket", "503", 503, lambda c: c("s3").head_bucket(Bucket="lake")),
        (
            "states:ListStateMachines",
            "ThrottlingException",
            400,
            lambda c: c("stepfunctions").list_state_machines(),
        ),
        ("lambda:ListFunctions", "TooManyRequestsException", 429, lambda c: c("lambda").list_functions()),
        ("sqs:ListQueues", "RequestThrottled", 400, lambda c: c("sqs").list_queues()),
        ("sns:ListTopics", "Throttled", 429, lambda c: c("sns").list_topics()),
        ("cloudformation:ListStacks", "Throttling", 400, lambda c: c("cloudformation").list_stacks()),
        ("events:ListRules", "ThrottlingException", 400, lambda c: c("events").list_rules()),
    ],
)
def test_each_service_throttles_in_its_own_words(
    account: Clients, action: str, code: str, status: int, call: Any
) -> None:
    faults.add(f"throttle {action}")

    with pytest.raises(ClientError) as caught:
        call(account)
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    faults.clear()
    call(account)


def test_any_other_error(account: Clients) -> None:
    text = "fail s3:PutObject with AccessDenied"
    faults.add(text)

    with fails("AccessDenied", text):
        account("s3").put_object(Bucket="lake", Key="denied", Body=b"")
    assert "Contents" not in account("s3").list_objects_v2(Bucket="lake", Prefix="denied")


def test_the_service_may_have_boto3s_name_too(account: Clients) -> None:
    faults.add("throttle stepfunctions:ListStateMachines")

    with fails("ThrottlingException", "throttle stepfunctions:ListStateMachines"):
        account("stepfunctions").list_state_machines()


def test_other_actions_go_on(account: Clients) -> None:
    faults.add("throttle glue:GetDatabases")
    faults.add("throttle s3:ListObjectsV2")

    assert account("glue").get_database(Name="sales")
    assert account("s3").list_objects(Bucket="lake")
    assert account("athena").list_work_groups()


@pytest.mark.parametrize(("ending", "failing"), [("times 2", [1, 2]), ("call 3", [3])])
def test_some_calls_only(account: Clients, ending: str, failing: list[int]) -> None:
    text = f"throttle glue:GetDatabase {ending}"
    faults.add(text)
    failed = []

    for number in range(1, 6):
        try:
            account("glue").get_database(Name="sales")
        except ClientError:
            failed.append(number)

    assert failed == failing
    assert faults.active() == {text: len(failing)}


@pytest.mark.parametrize(
    ("text", "service", "call", "struck", "spared"),
    [
        (
            "throttle s3:PutObject of write/top_products",
            "s3",
            "put_object",
            {"Bucket": "lake", "Key": "write/top_products/part.json"},
            {"Bucket": "lake", "Key": "write/large_orders/part.json"},
        ),
        (
            "throttle s3:ListObjectsV2 of read/",
            "s3",
            "list_objects_v2",
            {"Bucket": "lake", "Prefix": "read/"},
            {"Bucket": "lake", "Prefix": "write/"},
        ),
        (
            'throttle athena:StartQueryExecution of "größer"',
            "athena",
            "start_query_execution",
            {"QueryString": 'select 1 as "größer"'},
            {"QueryString": "select 1 as kleiner"},
        ),
        (
            "throttle sns:CreateTopic of late:files",
            "sns",
            "create_topic",
            {"Name": "alerts", "Tags": [{"Key": "for", "Value": "late:files"}]},
            {"Name": "alerts", "Tags": [{"Key": "for", "Value": "runs"}]},
        ),
    ],
)
def test_only_calls_that_contain_a_text(
    account: Clients, text: str, service: str, call: str, struck: Any, spared: Any
) -> None:
    results = {"ResultConfiguration": {"OutputLocation": "s3://lake/results/"}} if service == "athena" else {}
    faults.add(text)

    with pytest.raises(ClientError, match="injected fault"):
        getattr(account(service), call)(**struck, **results)
    getattr(account(service), call)(**spared, **results)


def test_a_fault_added_again_counts_anew(account: Clients) -> None:
    # An action that no query of another test calls, which may still be going on.
    for _ in range(2):
        faults.add("throttle glue:GetDatabases times 1")
        with fails("ThrottlingException", "throttle glue:GetDatabases times 1"):
            account("glue").get_databases()

    assert faults.active() == {"throttle glue:GetDatabases times 1": 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("throttle glue:StartJobsRun", "glue has no action StartJobsRun; perhaps glue:StartJobRun"),
        ("throttle clue:StartJobRun", "clue is no service; name it as boto3 does"),
        ("throttle polly:DescribeVoices", "the account has no service polly"),
        (
            "throttle cloudwatch:PutMetricData",
            "requests in the protocol of cloudwatch, smithy-rpc-v2-cbor, cannot be made to fail",
        ),
    ],
)
def test_what_could_never_strike_is_refused(account: Clients, text: str, says: str) -> None:
    with pytest.raises(FaultError) as caught:
        faults.add(text)

    assert str(caught.value) == says
    assert faults.active() == {}
