"""CloudFormation's types that MiniStack has not, or keeps only in part: named queries, QuickSight, Glue jobs.

Every property is checked against the type's schema first: MiniStack passes over one it does not know.
"""

import contextlib
import copy
import functools
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack.services import athena, glue
from ministack.services.cloudformation import provisioners

from localcloud import aws
from localcloud.glue.job_definitions import DROPPED
from localcloud.quicksight.operations import QuickSight
from localcloud.quicksight.rest import check, input_shape
from localcloud.rest import service_model
from localcloud.service import JSON, ServiceError

Handlers = dict[str, Any]
Created = tuple[str, JSON]


# AWS::Glue::Job's properties that MiniStack drops, as GetJob returns them.
JOB_PROPERTIES = (*DROPPED, "AllocatedCapacity", "JobRunQueuingEnabled")
CRAWLER_PROPERTIES = ("LakeFormationConfiguration",)
JOB_NUMBERS = ("AllocatedCapacity", "MaxRetries", "NumberOfWorkers", "Timeout")


def resource_handlers() -> dict[str, Handlers]:
    """The handlers by resource type, for MiniStack's CloudFormation."""
    handlers = {
        "AWS::Athena::NamedQuery": named_query(),
        "AWS::QuickSight::DataSource": quicksight("DataSource"),
        "AWS::QuickSight::DataSet": quicksight("DataSet"),
        "AWS::QuickSight::Analysis": quicksight("Analysis", failures_of_analysis),
        "AWS::QuickSight::Dashboard": quicksight("Dashboard", failures_of_dashboard),
        "AWS::Glue::Job": keeping("AWS::Glue::Job", lambda: glue._jobs, job_properties),
        "AWS::Glue::Crawler": keeping("AWS::Glue::Crawler", lambda: glue._crawlers, crawler_properties),
    }
    return {type_: checked(type_, handler) for type_, handler in handlers.items()}


def checked(type_: str, handler: Handlers) -> Handlers:
    """`handler`, refusing properties the type has not."""

    def create(logical_id: str, properties: JSON, stack_name: str) -> Created:
        validate(type_, properties)
        created: Created = handler["create"](logical_id, properties, stack_name)
        return created

    def update(
        physical_id: str, old: JSON, new: JSON, stack_name: str, logical_id: str | None = None
    ) -> Created:
        validate(type_, new)
        updated: Created = handler["update"](physical_id, old, new, stack_name, logical_id)
        return updated

    return {**handler, "create": create, "update": update, "update_with_logical_id": True}


def validate(type_: str, properties: JSON) -> None:
    """ValueError, which fails the stack, for a property that the type's schema has not or that it misses."""
    schema = resource_schema(type_)
    problems = list(unknown(properties, schema, schema, ""))
    problems += [
        f"required key [{name}] not found" for name in schema.get("required", []) if name not in properties
    ]
    if problems:
        raise ValueError(f"Properties validation failed for resource type {type_}: {'; '.join(problems)}")


@functools.cache
def resource_schema(type_: str) -> JSON:
    """CloudFormation's own schema of the type, of which cfn-lint has a copy. Importing cfn-lint takes seconds."""
    package = importlib.util.find_spec("cfnlint")
    schemas = Path(str(package and package.origin)).parent / "data" / "schemas"
    names = json.loads((schemas / "providers" / f"{aws.REGION}.json").read_text())
    schema: JSON = json.loads((schemas / "resources" / f"{names[type_]}.json").read_text())
    return schema


def unknown(value: Any, schema: JSON, root: JSON, where: str) -> list[str]:
    """The keys in `value`, at any depth, that the schema does not have."""
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        return [problem for item in value for problem in unknown(item, schema.get("items", {}), root, where)]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    known = schema["properties"]
    problems = [f"extraneous key [{where}{key}] is not permitted" for key in value.keys() - known.keys()]
    for key in value.keys() & known.keys():
        problems += unknown(value[key], known[key], root, f"{where}{key}/")
    return sorted(problems)


def named_query() -> Handlers:
    """Ref and NamedQueryId are the query's id; every change is a replacement (its CloudFormation page)."""

    def create(logical_id: str, properties: JSON, stack_name: str) -> Created:
        name = properties.get("Name") or provisioners._physical_name(stack_name, logical_id)
        before = set(athena._named_queries)
        athena._create_named_query({**properties, "Name": name})
        (query_id,) = set(athena._named_queries) - before
        return query_id, {"NamedQueryId": query_id}

    def update(
        physical_id: str, old: JSON, new: JSON, stack_name: str, logical_id: str | None = None
    ) -> Created:
        created = create(logical_id or physical_id, new, stack_name)
        provisioners._delete_predecessor(delete, physical_id, old)
        return created

    def delete(physical_id: str, properties: JSON) -> None:
        athena._delete_named_query({"NamedQueryId": physical_id})

    return {"create": create, "update": update, "delete": delete}


def quicksight(kind: str, settle: Callable[[str], list[JSON]] = lambda _: []) -> Handlers:
    """A thing of QuickSight's: Ref is `AwsAccountId|id`, GetAtt has Arn (their CloudFormation pages).

    `settle` does with one that was created or updated what CloudFormation does then, and returns its Errors.
    """
    id_name = f"{kind}Id"

    def create(logical_id: str, properties: JSON, stack_name: str) -> Created:
        require_no_wait(properties)
        name = provisioners._physical_name(stack_name, logical_id)
        defaults = {"AwsAccountId": aws.ACCOUNT_ID, id_name: name, "Name": name}
        created = call_quicksight(f"Create{kind}", {**defaults, **properties})
        if errors := settle(created[id_name]):
            delete(created[id_name], properties)
            raise unsettled(kind, created[id_name], errors)
        return f"{aws.ACCOUNT_ID}|{created[id_name]}", {"Arn": created["Arn"]}

    def update(
        physical_id: str, old: JSON, new: JSON, stack_name: str, logical_id: str | None = None
    ) -> Created:
        identifier = physical_id.rpartition("|")[2]
        if new.get(id_name, identifier) != identifier or old.get("Type") != new.get("Type"):
            created = create(logical_id or physical_id, new, stack_name)
            provisioners._delete_predecessor(delete, physical_id, old)
            return created
        require_no_wait(new)
        request = {"AwsAccountId": aws.ACCOUNT_ID, "Name": identifier, **new, id_name: identifier}
        updated = call_quicksight(f"Update{kind}", request)
        if errors := settle(identifier):
            raise unsettled(kind, identifier, errors)
        return physical_id, {"Arn": updated["Arn"]}

    def delete(physical_id: str, properties: JSON) -> None:
        identifier = physical_id.rpartition("|")[2]
        request = {"AwsAccountId": aws.ACCOUNT_ID, id_name: identifier, "ForceDeleteWithoutRecovery": True}
        with contextlib.suppress(GoneError):
            call_quicksight(f"Delete{kind}", request)

    return {"create": create, "update": update, "delete": delete}


class GoneError(ValueError):
    """QuickSight has no such thing."""


def call_quicksight(operation: str, properties: JSON) -> JSON:
    """Call an operation with those of the properties that it takes. ValueError, which fails the stack."""
    model = service_model("quicksight").operation_model(operation)
    shape = input_shape(model)
    request = typed({key: value for key, value in properties.items() if key in shape.members}, shape)
    try:
        check(model, request)
        return QuickSight.current.operations()[operation](request)
    except ServiceError as error:
        gone = error.code == "ResourceNotFoundException"
        raise (GoneError if gone else ValueError)(f"{operation}: {error.message} ({error.code})") from None


def failures_of_analysis(analysis_id: str) -> list[JSON]:
    request = {"AwsAccountId": aws.ACCOUNT_ID, "AnalysisId": analysis_id}
    errors: list[JSON] = call_quicksight("DescribeAnalysis", request)["Analysis"].get("Errors", [])
    return errors


def failures_of_dashboard(dashboard_id: str) -> list[JSON]:
    """The latest version's errors; one that has none is published."""
    request = {"AwsAccountId": aws.ACCOUNT_ID, "DashboardId": dashboard_id, "AliasName": "$LATEST"}
    version = call_quicksight("DescribeDashboard", request)["Dashboard"]["Version"]
    if "Errors" not in version:
        number = {"VersionNumber": version["VersionNumber"]}
        call_quicksight("UpdateDashboardPublishedVersion", {**request, **number})
    errors: list[JSON] = version.get("Errors", [])
    return errors


def unsettled(kind: str, identifier: str, errors: list[JSON]) -> ValueError:
    told = "; ".join(f"{error['Message']} ({error['Type']})" for error in errors)
    return ValueError(f"{kind} {identifier}: {told}")


def require_no_wait(properties: JSON) -> None:
    """CloudFormation waits for SPICE by default; here a stack cannot, because it would hold up the endpoint."""
    policy = properties.get("IngestionWaitPolicy") or {}
    waits = str(policy.get("WaitForSpiceIngestion", True)).lower() == "true"
    if properties.get("ImportMode") == "SPICE" and waits:
        raise ValueError(
            "IngestionWaitPolicy must set WaitForSpiceIngestion to false: stacks cannot wait here"
        )


def typed(value: Any, shape: Any) -> Any:
    """A template's value as the API's model has it: "true" and "100" may be a boolean and a number there."""
    if isinstance(value, dict) and shape.type_name == "structure":
        return {k: typed(v, shape.members[k]) if k in shape.members else v for k, v in value.items()}
    if isinstance(value, dict) and shape.type_name == "map":
        return {key: typed(item, shape.value) for key, item in value.items()}
    if isinstance(value, list) and shape.type_name == "list":
        return [typed(item, shape.member) for item in value]
    if isinstance(value, str) and value.lower() in ("true", "false") and shape.type_name == "boolean":
        return value.lower() == "true"
    return number(value, shape.type_name) if isinstance(value, str) else value


def number(text: str, type_name: str) -> int | float | str:
    convert: Callable[[str], int | float] | None = NUMBERS.get(type_name)
    try:
        return convert(text) if convert else text
    except ValueError:
        return text


NUMBERS: dict[str, Callable[[str], int | float]] = {
    "integer": int,
    "long": int,
    "double": float,
    "float": float,
}


def keeping(type_: str, records: Callable[[], JSON], kept: Callable[[JSON], JSON]) -> Handlers:
    """MiniStack's own handler, and then in its record the properties it drops."""
    own: Handlers = provisioners._RESOURCE_HANDLERS[type_]

    def create(logical_id: str, properties: JSON, stack_name: str) -> Created:
        created: Created = own["create"](logical_id, properties, stack_name)
        records()[created[0]] |= kept(properties)
        return created

    def update(
        physical_id: str, old: JSON, new: JSON, stack_name: str, logical_id: str | None = None
    ) -> Created:
        updated: Created = own["update"](physical_id, old, new, stack_name, logical_id)
        record = records()[updated[0]]
        for name in kept(old).keys() - kept(new).keys():
            record.pop(name, None)
        record |= kept(new)
        return updated

    return {**own, "create": create, "update": update}


def job_properties(properties: JSON) -> JSON:
    """What GetJob returns of them, numbers and booleans as such."""
    return as_api("Job", (*JOB_PROPERTIES, *JOB_NUMBERS), properties)


def crawler_properties(properties: JSON) -> JSON:
    return as_api("Crawler", CRAWLER_PROPERTIES, properties)


def as_api(shape_name: str, names: tuple[str, ...], properties: JSON) -> JSON:
    members = glue_model().shape_for(shape_name).members
    return {n: typed(copy.deepcopy(properties[n]), members[n]) for n in names if n in properties}


def glue_model() -> Any:
    return aws.client("glue").meta.service_model
