"""The template's permissions: each can be taken out of its role. Some only AWS needs, and here is why."""

import copy
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.pipeline.conftest import Account
from tests.template import resources

Statement = dict[str, Any]
LOG_AND_TRACE = "log-and-trace"


@dataclass(frozen=True)
class Permission:
    """An action of a statement in a policy of a role, by the template's names; `place` is the statement's, from 0."""

    role: str
    policy: str
    place: int
    action: str

    @property
    def name(self) -> str:
        return f"{self.role} {self.policy} {self.place} {self.action}"


def permissions() -> list[Permission]:
    """All of them, in the template's order."""
    return [
        Permission(role, policy["PolicyName"], place, action)
        for role, body in resources("AWS::IAM::Role").items()
        for policy in body["Properties"]["Policies"]
        for place, statement in enumerate(policy["PolicyDocument"]["Statement"])
        for action in actions_of(statement)
    ]


def actions_of(statement: Statement) -> list[str]:
    return [statement["Action"]] if isinstance(statement["Action"], str) else list(statement["Action"])


DELIVERY = "delivers logs and traces, which localcloud does not (Step Functions: Logging to CloudWatch, X-Ray tracing)"
EVENTS = "how it hears that a child execution ended; here it asks (Step Functions: Call other state machines)"
FUNCTION_LOG = "Lambda writes the function's log as its role; here it needs none (Lambda: Execution role)"
CATALOG = "which calls Glue's crawlers make is not documented; ours gets by without it (Glue: Crawler prerequisites)"
ATHENA = "Athena's engine may need it where DuckDB does not (Step Functions: IAM policies for calling Athena)"
JOB = "Glue's own Spark reads a table with it; ours does without (Glue: Review IAM permissions needed for ETL jobs)"
JOB_LOG = "Glue's own lines; the scripts print none (Glue: Logging for AWS Glue jobs)"
EXPLAINED = {
    **{
        ("StartPipelineRole", action): FUNCTION_LOG
        for action in ("logs:CreateLogStream", "logs:PutLogEvents")
    },
    **{("AlertRole", action): FUNCTION_LOG for action in ("logs:CreateLogStream", "logs:PutLogEvents")},
    **{
        ("InputCrawlerRole", f"glue:{action}"): CATALOG
        for action in ("GetTable", "BatchGetPartition", "UpdatePartition")
    },
    **{("OutputCrawlerRole", f"glue:{action}"): CATALOG for action in ("GetTable", "GetPartitions")},
    **{("SparkJobRole", f"glue:{action}"): JOB for action in ("GetDatabase", "GetPartitions")},
    **{
        ("SparkJobRole", f"logs:{action}"): JOB_LOG
        for action in ("CreateLogGroup", "CreateLogStream", "PutLogEvents")
    },
    ("SparkJobRole", "cloudwatch:PutMetricData"): "the job metrics of --enable-metrics (Glue: Job metrics)",
    **{("PipelineRole", f"events:{action}"): EVENTS for action in ("PutTargets", "PutRule", "DescribeRule")},
    (
        "PipelineRole",
        "glue:GetJobRuns",
    ): "asked of whoever uses .sync (Step Functions: IAM policies for calling Glue)",
    **{
        ("ValidateRole", action): ATHENA
        for action in (
            "athena:GetDataCatalog",
            "glue:GetTables",
            "glue:GetPartitions",
            "s3:ListBucketMultipartUploads",
            "s3:AbortMultipartUpload",
            "s3:ListMultipartUploadParts",
        )
    },
}
"""Why AWS needs an action that nothing asks for here, by role and action, with the page of AWS's documentation."""


def explanation(permission: Permission) -> str | None:
    """Why AWS needs it though nothing here does, if that is so."""
    if permission.policy == LOG_AND_TRACE:
        return DELIVERY
    return EXPLAINED.get((permission.role, permission.action))


class Roles:
    """The roles of the stack in an account."""

    def __init__(self, account: Account) -> None:
        self._iam = account.client("iam")
        found = account.client("cloudformation").describe_stack_resources(StackName="csv-to-charts")
        self._names = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in found["StackResources"]
            if resource["ResourceType"] == "AWS::IAM::Role"
        }

    def statement(self, permission: Permission) -> Statement:
        """As it is in the account, with the resources' ARNs."""
        return dict(self._policy(permission)["Statement"][permission.place])

    @contextmanager
    def without(self, permission: Permission) -> Iterator[None]:
        """A block in which the role does not have the permission."""
        policy = self._policy(permission)
        less = copy.deepcopy(policy)
        statement = less["Statement"][permission.place]
        statement["Action"] = [action for action in actions_of(statement) if action != permission.action]
        if not statement["Action"]:
            del less["Statement"][permission.place]
        self._put(permission, less)
        try:
            yield
        finally:
            self._put(permission, policy)

    def is_used(self, permission: Permission, used: list[dict[str, Any]]) -> bool:
        """Whether what was `used` has something that the statement allows."""
        wanted = self.statement(permission)["Resource"]
        patterns = [wanted] if isinstance(wanted, str) else wanted
        return any(
            f":assumed-role/{self._names[permission.role]}/" in each["Caller"]
            and each["Action"] == permission.action
            and any(fnmatchcase(each["Resource"], pattern) for pattern in patterns)
            for each in used
        )

    def _policy(self, permission: Permission) -> dict[str, Any]:
        name = self._names[permission.role]
        document = self._iam.get_role_policy(RoleName=name, PolicyName=permission.policy)["PolicyDocument"]
        return dict(json.loads(document) if isinstance(document, str) else document)

    def _put(self, permission: Permission, policy: dict[str, Any]) -> None:
        self._iam.put_role_policy(
            RoleName=self._names[permission.role],
            PolicyName=permission.policy,
            PolicyDocument=json.dumps(policy),
        )


HEAD = """# Least privilege

Written by `make least-privilege`. Each action of each role is taken out in turn, and something that a run consists of
fails, denied that very action; or nothing here asks for it, and the reason is said why AWS does.

| role | action | resource | without it |
|---|---|---|---|
"""


@dataclass
class Row:
    """What became of taking a permission out; no `outcome` where nothing failed and nothing explains it."""

    permission: Permission
    resource: str
    outcome: str = ""

    def __str__(self) -> str:
        outcome = self.outcome or "**nothing fails: not needed**"
        return f"| {self.permission.role} | `{self.permission.action}` | `{self.resource}` | {outcome} |"


class PrivilegeTable:
    """The rows as a table for people."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def __str__(self) -> str:
        lines = "\n".join(map(str, self.rows))
        done = sum(bool(row.outcome) for row in self.rows)
        return f"{HEAD}{lines}\n\nneeded or explained {done} of {len(self.rows)}\n"


def short(resource: str | list[str]) -> str:
    """A statement's resources in a few characters, the same in each account."""
    first, *more = [resource] if isinstance(resource, str) else resource
    name = re.sub(r"^arn:aws:\w+:[\w-]*:\d*:", "", first)
    name = re.sub(r"-[0-9A-Za-z]{8,}$", "", name) if name.startswith("csv-to-charts-") else name
    return name + (f" and {len(more)} more" if more else "")
