"""The permissions that a request needs: actions and resources as the Service Authorization Reference has them.

Where an operation is not known here, its resource is `*`: only a policy for all resources allows it.
"""

import json
import re
from collections.abc import Callable

from ministack.core import iam_actions
from ministack.services import athena

from localcloud import aws
from localcloud.faults.actions import Request, actions_of
from localcloud.iam.permission import Permission
from localcloud.service import JSON

RUNS = ("StartJobRun", "GetJobRun", "GetJobRuns", "BatchStopJobRun", "GetJobBookmark", "ResetJobBookmark")


def permissions_of(service: str, request: Request) -> list[Permission]:
    """What the caller must be allowed for the request, all of it."""
    if service == "s3":
        return _s3(request)
    operation = min(actions_of(service, request))
    action = operation.removesuffix("Batch") if service == "sqs" else operation
    resources = RESOURCES[service](operation, request) or ["*"]
    return [Permission(f"{service}:{action}", resource) for resource in resources]


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{aws.REGION}:{aws.ACCOUNT_ID}:{resource}"


def _s3(request: Request) -> list[Permission]:
    """MiniStack's reading of them: a copy reads its source, DeleteObjects has a permission for each key."""
    method, path, headers, body, query = request
    action = iam_actions._s3_action(method, path, query)
    if action is None:
        return [Permission("s3:*", "*")]
    resource = iam_actions.extract_resource_arn("s3", method, path, headers, body, query, "", "")
    context = iam_actions.s3_service_context(f"s3:{action}", query, path, headers)
    more = iam_actions.s3_additional_checks(method, path, headers, body, query)
    return [
        Permission(f"s3:{action}", resource, tuple(sorted(context.items()))),
        *(Permission(*extra) for extra in more),
    ]


def _sqs(operation: str, request: Request) -> list[str]:
    given = _json(request)
    name = given.get("QueueUrl", "").rpartition("/")[2] or given.get("QueueName")
    return [arn("sqs", name)] if name else []


def _sns(operation: str, request: Request) -> list[str]:
    given = (request.parameters.get(name, [""])[0] for name in ("TopicArn", "TargetArn"))
    return [topic for topic in given if topic][:1]


def _logs(operation: str, request: Request) -> list[str]:
    """As in the service's denials: a group has the ARN of its streams, with no name of one."""
    given = _json(request)
    return [
        arn("logs", f"log-group:{given.get('logGroupName', '')}:log-stream:{given.get('logStreamName', '')}")
    ]


def _states(operation: str, request: Request) -> list[str]:
    given = _json(request)
    found = given.get("stateMachineArn") or given.get("executionArn")
    return [found] if found else []


def _glue(operation: str, request: Request) -> list[str]:
    """A call on part of the Data Catalog needs all that is above it ("Data Catalog resource ARNs")."""
    given = _json(request)
    if operation in RUNS:
        return [arn("glue", f"job/{given['JobName']}")]
    if operation in ("StartCrawler", "StopCrawler", "GetCrawler"):
        return [arn("glue", f"crawler/{given['Name']}")]
    if operation.removesuffix("s").endswith("Database"):
        databases = [given.get("Name") or (given.get("DatabaseInput") or {}).get("Name") or "*"]
        return [arn("glue", "catalog"), *(arn("glue", f"database/{name}") for name in databases)]
    if database := given.get("DatabaseName"):
        table = given.get("TableName") or (given.get("TableInput") or given).get("Name") or "*"
        return [
            arn("glue", part) for part in ("catalog", f"database/{database}", f"table/{database}/{table}")
        ]
    return []


def _athena(operation: str, request: Request) -> list[str]:
    """A query belongs to its work group, and a saved one too."""
    given = _json(request)
    if operation == "GetDataCatalog":
        return [arn("athena", f"datacatalog/{given['Name']}")]
    query = athena._executions.get(given.get("QueryExecutionId"))
    saved = athena._named_queries.get(given.get("NamedQueryId"))
    group = (query or saved or given).get("WorkGroup", "primary")
    return [arn("athena", f"workgroup/{group}")]


def _quicksight(operation: str, request: Request) -> list[str]:
    found = re.search(r"/data-sets/([^/]+)(?:/ingestions(?:/([^/]+))?)?", request.path)
    if not found:
        return []
    data_set, ingestion = found.groups()
    whole = arn("quicksight", f"dataset/{data_set}")
    return [f"{whole}/ingestion/{ingestion or '*'}" if "/ingestions" in request.path else whole]


def _json(request: Request) -> JSON:
    found: JSON = json.loads(request.body or b"{}")
    return found


RESOURCES: dict[str, Callable[[str, Request], list[str]]] = {
    "athena": _athena,
    "glue": _glue,
    "logs": _logs,
    "quicksight": _quicksight,
    "sns": _sns,
    "sqs": _sqs,
    "states": _states,
}
"""How each service's requests name their resources."""
