"""Who may do what in the account: roles are held to their policies, service by service, and the root is not."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.faults.actions import Request
from localcloud.iam.permissions import permissions_of
from tests.localcloud.process import Process, create_role
from tests.localcloud.waiting import client_errors, until
from tests.machines import Machines

ACCOUNT = "000000000000"
Clients = Callable[[str], Any]


def new_role(process: Process, *actions: str, service: str = "lambda") -> str:
    """The ARN of a role that a service may assume, and that may do the actions."""
    name = f"role-{uuid.uuid4()}"
    create_role(process.client("iam"), name, [service], actions or ["iam:GetRole"])
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


@pytest.fixture
def as_nobody(process: Process) -> Clients:
    """Clients of a session of a role that may do nothing."""
    name, iam = f"nobody-{uuid.uuid4()}", process.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    process.client("s3").create_bucket(
        Bucket="none"
    )  # what there is none of is told before who may write to it
    session = process.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="nobody"
    )["Credentials"]
    create: Any = boto3.client
    return lambda service: create(
        service,
        endpoint_url=process.endpoint,
        region_name="us-east-1",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )


MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:none"
CALLS = {
    "s3:ListBucket": ("arn:aws:s3:::none", "AccessDenied", {"Bucket": "none"}, "list_objects_v2"),
    "s3:PutObject": ("arn:aws:s3:::none/a/b", "AccessDenied", {"Bucket": "none", "Key": "a/b"}, "put_object"),
    "sqs:DeleteMessage": (
        f"arn:aws:sqs:us-east-1:{ACCOUNT}:none",
        "AccessDenied",
        {"QueueUrl": f"http://127.0.0.1/{ACCOUNT}/none", "Entries": [{"Id": "1", "ReceiptHandle": "1"}]},
        "delete_message_batch",
    ),
    "sns:Publish": (
        f"arn:aws:sns:us-east-1:{ACCOUNT}:none",
        "AuthorizationError",
        {"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:none", "Message": "x"},
        "publish",
    ),
    "logs:CreateLogStream": (
        f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:none:log-stream:one",
        "AccessDeniedException",
        {"logGroupName": "none", "logStreamName": "one"},
        "create_log_stream",
    ),
    "states:StartExecution": (
        MACHINE,
        "AccessDeniedException",
        {"stateMachineArn": MACHINE},
        "start_execution",
    ),
    "glue:GetTable": (
        f"arn:aws:glue:us-east-1:{ACCOUNT}:catalog",
        "AccessDeniedException",
        {"DatabaseName": "none", "Name": "none"},
        "get_table",
    ),
    "glue:StartJobRun": (
        f"arn:aws:glue:us-east-1:{ACCOUNT}:job/none",
        "AccessDeniedException",
        {"JobName": "none"},
        "start_job_run",
    ),
    "athena:StartQueryExecution": (
        f"arn:aws:athena:us-east-1:{ACCOUNT}:workgroup/none",
        "AccessDeniedException",
        {"QueryString": "select 1", "WorkGroup": "none"},
        "start_query_execution",
    ),
    "quicksight:CreateIngestion": (
        f"arn:aws:quicksight:us-east-1:{ACCOUNT}:dataset/none/ingestion/one",
        "AccessDeniedException",
        {"AwsAccountId": ACCOUNT, "DataSetId": "none", "IngestionId": "one"},
        "create_ingestion",
    ),
}
"""Of each action: the resource it is denied on first, the error's code, and the call."""


@pytest.mark.parametrize("action", CALLS)
def test_a_call_that_no_policy_allows_is_refused_in_awss_sentence(action: str, as_nobody: Clients) -> None:
    resource, code, request, method = CALLS[action]
    service = action.partition(":")[0].replace("states", "stepfunctions")

    with client_errors(
        code, f"is not authorized to perform: {action} on resource: {resource} because no identity"
    ):
        getattr(as_nobody(service), method)(**request)


def test_the_root_may_do_everything(process: Process) -> None:
    bucket = f"root-{uuid.uuid4()}"
    process.client("s3").create_bucket(Bucket=bucket)
    assert process.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_key_that_nobody_has_is_refused(process: Process) -> None:
    sts = boto3.client(
        "sqs",
        endpoint_url=process.endpoint,
        region_name="us-east-1",
        aws_access_key_id="ASIAUNKNOWNUNKNOWN00",
        aws_secret_access_key="x",
    )
    with pytest.raises(ClientError, match="security token included in the request is invalid"):
        sts.list_queues()


def test_requests_count_as_made_over_tls(process: Process) -> None:
    """A policy that denies everything else would deny all, on the loopback."""
    name, sqs = f"tls-{uuid.uuid4()}", process.client("sqs")
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": plain}
    url = sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps({"Statement": [deny]})})[
        "QueueUrl"
    ]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    assert sqs.receive_message(QueueUrl=url)["Messages"]


def test_a_state_machine_calls_as_its_role(process: Process, machines: Machines) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:glue:getCrawler",
        "Parameters": {"Name": "none"},
        "End": True,
    }
    role = new_role(process, service="states")
    states = process.client("stepfunctions")
    definition = json.dumps({"StartAt": "See", "States": {"See": task}})
    arn = states.create_state_machine(name=f"m-{uuid.uuid4()}", definition=definition, roleArn=role)
    failed = machines.ended(machines.start(arn["stateMachineArn"]))

    assert failed["error"] == "Glue.AccessDeniedException"
    who = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{role.rpartition('/')[2]}/states"
    what = f"glue:GetCrawler on resource: arn:aws:glue:us-east-1:{ACCOUNT}:crawler/none"
    assert failed["cause"].startswith(f"{who} is not authorized to perform: {what} because")


def test_a_query_reads_as_whoever_started_it(process: Process, account: Clients, machines: Machines) -> None:
    """Through a state machine: its role may query, but not look at tables."""
    query = {"QueryString": "select 1", "ResultConfiguration": {"OutputLocation": "s3://lake/results/"}}
    run = {
        "Type": "Task",
        "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
        "Parameters": query,
        "End": True,
    }
    definition = json.dumps({"StartAt": "Run", "States": {"Run": run}})
    states, role = (
        process.client("stepfunctions"),
        new_role(process, "athena:*", "s3:*", service="states"),
    )
    arn = states.create_state_machine(name=f"m-{uuid.uuid4()}", definition=definition, roleArn=role)
    failed = machines.ended(machines.start(arn["stateMachineArn"]))

    reason = json.loads(failed["cause"])["QueryExecution"]["Status"]["StateChangeReason"]
    assert reason.startswith(f"PERMISSION_DENIED: User: arn:aws:sts::{ACCOUNT}:assumed-role/")
    assert "is not authorized to perform: glue:GetDatabase on resource" in reason


def test_a_role_that_does_not_trust_the_service_is_not_assumed(process: Process, machines: Machines) -> None:
    states = process.client("stepfunctions")
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    role = new_role(process, "*", service="lambda")
    arn = states.create_state_machine(name=f"m-{uuid.uuid4()}", definition=definition, roleArn=role)

    with client_errors(
        "AccessDeniedException", f"states.amazonaws.com is not authorized to assume the role {role}"
    ):
        machines.start(arn["stateMachineArn"])


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        ("foreign", "glue.amazonaws.com is not authorized to assume the role"),
        ("unable", "is not authorized to perform: logs:CreateLogGroup on resource"),
        ("blind", "is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::none"),
    ],
)
def test_a_crawl_fails_for_its_role(process: Process, role: str, reason: str) -> None:
    roles = {
        "foreign": lambda: new_role(process, "*", service="states"),
        "unable": lambda: new_role(process, service="glue"),
        "blind": lambda: new_role(process, "logs:*", "glue:*", service="glue"),
    }
    glue, name = process.client("glue"), f"crawler-{uuid.uuid4()}"
    targets = {"S3Targets": [{"Path": "s3://none/read/"}]}
    glue.create_crawler(Name=name, Role=roles[role](), DatabaseName="none", Targets=targets)
    glue.start_crawler(Name=name)
    crawl = until(lambda: glue.get_crawler(Name=name)["Crawler"].get("LastCrawl"))

    assert crawl["Status"] == "FAILED"
    assert reason in crawl["ErrorMessage"]


@pytest.mark.parametrize(
    ("target", "body", "resources"),
    [
        ("GetDatabase", {"Name": "d"}, ["catalog", "database/d"]),
        ("GetDatabases", {}, ["catalog", "database/*"]),
        ("GetTables", {"DatabaseName": "d"}, ["catalog", "database/d", "table/d/*"]),
        (
            "CreateTable",
            {"DatabaseName": "d", "TableInput": {"Name": "t"}},
            ["catalog", "database/d", "table/d/t"],
        ),
        ("GetPartitions", {"DatabaseName": "d", "TableName": "t"}, ["catalog", "database/d", "table/d/t"]),
        ("GetCrawler", {"Name": "c"}, ["crawler/c"]),
    ],
)
def test_a_call_on_the_catalog_needs_all_that_is_above(
    target: str, body: dict[str, Any], resources: list[str]
) -> None:
    request = Request("POST", "/", {"x-amz-target": f"AWSGlue.{target}"}, json.dumps(body).encode(), {})

    wanted = [f"arn:aws:glue:us-east-1:{ACCOUNT}:{resource}" for resource in resources]
    assert [(p.action, p.resource) for p in permissions_of("glue", request)] == [
        (f"glue:{target}", arn) for arn in wanted
    ]


def test_what_is_not_known_needs_all_resources() -> None:
    request = Request("POST", "/", {"x-amz-target": "AWSGlue.GetClassifiers"}, b"{}", {})

    assert [(p.action, p.resource) for p in permissions_of("glue", request)] == [("glue:GetClassifiers", "*")]
