"""What a service can be asked, answer and throw, by its model in botocore, for a Task state's resource."""

import functools
import json
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.session import get_session
from botocore.validate import ParamValidator

ANSWERS = {
    "athena:startQueryExecution.sync": ("athena:getQueryExecution", None),
    "glue:startJobRun.sync": ("glue:getJobRun", "JobRun"),
    "states:startExecution.sync:2": ("states:describeExecution", None),
}
"""The action, and the member of its answer, that a resource which waits for its work gives ("Run a Job (.sync)")."""
SERVICES = {"states": "stepfunctions"}
"""Names of services that are others in botocore."""
DOCUMENTS = ("Input", "Output", "Body")
"""Members that are JSON in Step Functions and text to the API."""
SDK_ERRORS = {
    "Athena.ThrottlingException": "any action may be throttled (Athena API Reference, Common Errors)",
    "S3.S3Exception": "what the SDK throws for an error that S3's model does not have",
    "S3.SdkClientException": "what the SDK throws where there was no answer",
    "StepFunctions.AWSStepFunctionsException": "what the SDK throws for an error that the model does not have",
    "StepFunctions.ThrottlingException": "any action may be throttled (Step Functions API Reference, Common Errors)",
}
"""Errors that no model names, and where they come from."""


def wrong_answer(resource: str, answer: Any) -> list[str]:
    """What is wrong with it as the answer of the resource."""
    action, member = ANSWERS.get(resource, (resource, None))
    shape = _operation(action).output_shape
    return list(_wrong(answer, shape.members[member] if member else shape))


def wrong_arguments(resource: str, arguments: dict[str, Any]) -> list[str]:
    """What is wrong with them as the arguments of the resource."""
    return list(_wrong(arguments, _operation(resource.split(".")[0]).input_shape))


def can_throw(resource: str, error: str) -> bool:
    """Whether the resource can fail with an error of that name."""
    if error == "States.TaskFailed":
        return resource in ANSWERS
    service = _operation(resource.split(".")[0]).service_model
    prefix, _, name = error.partition(".")
    named = {shape.removesuffix("Exception") + "Exception" for shape in _errors(service)}
    return prefix == _prefix(service) and (name in named or error in SDK_ERRORS)


def _operation(resource: str) -> OperationModel:
    service, action = resource.removeprefix("aws-sdk:").split(":")
    return _service(SERVICES.get(service, service)).operation_model(action[0].upper() + action[1:])


@functools.cache
def _service(name: str) -> ServiceModel:
    return get_session().get_service_model(name)


def _errors(service: ServiceModel) -> list[str]:
    return [shape.name for shape in service.error_shapes]


def _prefix(service: ServiceModel) -> str:
    return {"SFN": "StepFunctions"}.get(service.service_id, service.service_id)


def _wrong(value: Any, shape: Shape) -> Iterator[str]:
    report = ParamValidator().validate(_as_the_api_has_it(value, shape), shape)
    if report.has_errors():
        yield report.generate_report()
    yield from _not_in_enum(value, shape)


def _members(value: dict[str, Any], shape: StructureShape) -> Iterator[tuple[str, str, Shape | None]]:
    """Each key, the member's name in the API, and its shape: Step Functions begins all names with a capital."""
    spelled = {name[0].upper() + name[1:]: name for name in shape.members}
    for key in value:
        name = spelled.get(key, f"{key} (not a name in Step Functions)")
        yield key, name, shape.members.get(name)


def _as_the_api_has_it(value: Any, shape: Shape | None, key: str = "") -> Any:
    match value, shape:
        case dict(), StructureShape():
            members = _members(value, shape)
            return {name: _as_the_api_has_it(value[key], of, key) for key, name, of in members}
        case list(), ListShape():
            return [_as_the_api_has_it(element, shape.member) for element in value]
        case int(), Shape(type_name="timestamp"):
            return value / 1000
        case ((dict() | list()), Shape(type_name="string" | "blob")) if key in DOCUMENTS:
            return json.dumps(value)
    return value


def _not_in_enum(value: Any, shape: Shape | None) -> Iterator[str]:
    match value, shape:
        case dict(), StructureShape():
            for key, _, of in _members(value, shape):
                yield from _not_in_enum(value[key], of)
        case list(), ListShape():
            for element in value:
                yield from _not_in_enum(element, shape.member)
        case str(), Shape() if (known := getattr(shape, "enum", None)) and value not in known:
            yield f"{value} is no {shape.name}: {', '.join(known)}"
