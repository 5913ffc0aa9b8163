"""API actions by their names: which one a request calls, and how its service answers that it failed."""

from __future__ import annotations

import difflib
import functools
import json
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs
from xml.etree import ElementTree

from botocore.exceptions import UnknownServiceError

from localcloud import rest
from localcloud.faults.fault import ActionFault, Fault, FaultError, parse
from localcloud.service import JSON, Response, ServiceError, error_response

if TYPE_CHECKING:  # see `aws`
    from botocore.model import ServiceModel

BOTO_NAMES = {"states": "stepfunctions"}
"""boto3's names of the services that IAM calls otherwise."""
PROTOCOLS = ("json", "query", "rest-json", "rest-xml")
THROTTLED = {
    "athena": "TooManyRequestsException",
    "lambda": "TooManyRequestsException",
    "s3": "SlowDown",
    "sns": "Throttled",
    "sqs": "RequestThrottled",
}
"""What services say that throttle in words of their own (their API references, "Errors")."""
STATUS = {"AccessDenied": 403, "InternalError": 500, "ServiceUnavailable": 503, "SlowDown": 503}
"""HTTP status of errors that S3 has and its model has not ("Error responses", S3 API Reference)."""


class Request(NamedTuple):
    """A request as handlers get it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, list[str]]

    @property
    def parameters(self) -> dict[str, list[str]]:
        """Of the query string, and of a form in the body."""
        is_form = self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        return {**self.query, **(parse_qs(self.body.decode(errors="replace")) if is_form else {})}

    def contains(self, text: str) -> bool:
        """Whether the text is in its path, a parameter or its body, there also as JSON writes it."""
        bodies = (text.encode(), json.dumps(text)[1:-1].encode())
        values = (value for values in self.parameters.values() for value in values)
        return any(text in value for value in (self.path, *values)) or any(b in self.body for b in bodies)


def read(text: str) -> Fault:
    """The fault that `text` describes, with what only the services' models tell. Raises FaultError."""
    fault = parse(text)
    return _completed(fault) if isinstance(fault, ActionFault) else fault


def _completed(fault: ActionFault) -> ActionFault:
    """The fault with the service's own code where it throttles; its action is there."""
    model = model_of(fault.service)
    if fault.operation not in model.operation_names:
        near = difflib.get_close_matches(fault.operation, model.operation_names, 1)
        hint = f"; perhaps {fault.service}:{near[0]}" if near else ""
        raise FaultError(f"{fault.service} has no action {fault.operation}{hint}")
    if model.protocol not in PROTOCOLS:
        raise FaultError(
            f"requests in the protocol of {fault.service}, {model.protocol}, cannot be made to fail"
        )
    throttled = "Throttling" if model.protocol == "query" else "ThrottlingException"
    return replace(fault, code=fault.code or THROTTLED.get(fault.service, throttled))


def actions_of(service: str, request: Request) -> set[str]:
    """What the request calls; two where the service has an older name for the same request."""
    model = model_of(service)
    match model.protocol:
        case "json":
            return {request.headers.get("x-amz-target", "").rpartition(".")[2]}
        case "query":
            return set(request.parameters.get("Action", []))
    fitting = [
        route
        for route in rest.routes(model.service_name)
        if route.method == request.method
        and route.path.fullmatch(request.path)
        and route.has(request.query, request.headers)
    ]
    return {route.name for route in fitting if route.precedence == fitting[0].precedence}


def failure(service: str, code: str, message: str) -> Response:
    """The answer to a call that fails, in the protocol of its service."""
    model = model_of(service)
    status = _status(model, code)
    error = {"Code": code, "Message": message}
    match model.protocol:
        case "query":
            return _xml(status, {"ErrorResponse": {"Error": {"Type": "Sender", **error}}})
        case "rest-xml":
            return _xml(status, {"Error": error})
    response = error_response(ServiceError(code, message, status))
    if model.is_query_compatible:
        response[1]["x-amzn-query-error"] = f"{code};Sender"
    return response


def _status(model: ServiceModel, code: str) -> int:
    for shape in model.error_shapes:
        error = shape.metadata.get("error", {})
        if error.get("code", shape.name) == code and "httpStatusCode" in error:
            return int(error["httpStatusCode"])
    return STATUS.get(code, 400)


def _xml(status: int, tree: JSON) -> Response:
    ((root, members),) = tree.items()
    return status, {"Content-Type": "text/xml"}, ElementTree.tostring(_element(root, members))


def _element(tag: str, content: JSON | str) -> ElementTree.Element:
    element = ElementTree.Element(tag)
    if isinstance(content, str):
        element.text = content
    else:
        element.extend(_element(name, member) for name, member in content.items())
    return element


@functools.cache
def model_of(service: str) -> ServiceModel:
    """By boto3's name of the service, or IAM's."""
    try:
        return rest.service_model(BOTO_NAMES.get(service, service))
    except UnknownServiceError:
        raise FaultError(f"{service} is no service; name it as boto3 does") from None
