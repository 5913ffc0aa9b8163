"""QuickSight's REST protocol: requests are routed, read and checked by the service's own model in botocore."""

import asyncio
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from botocore.model import OperationModel
from botocore.validate import ParamValidator

from localcloud.quicksight.operations import QuickSight
from localcloud.rest import routes, service_model
from localcloud.service import JSON, Handler, Response, ServiceError, json_response


def quicksight_handler(state_dir: Path) -> Handler:
    """A handler of QuickSight's API, whose SPICE files are `<state_dir>/spice/<DataSetId>.parquet`."""
    service = QuickSight.open(state_dir / "spice")

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        return await asyncio.to_thread(answer, service, method, path, body, query)

    return handle


def answer(service: QuickSight, method: str, path: str, body: bytes, query: dict[str, list[str]]) -> Response:
    request_id = str(uuid.uuid4())
    try:
        model, uri = route(method, path)
        operation = service.operations().get(model.name)
        if operation is None:
            raise ServiceError("NotImplementedException", f"{model.name} is not supported here", 501)
        request = parameters(model, uri, body, query)
        check(model, request)
        status = 201 if model.name.startswith("Create") else 200
        return json_response(status, {**operation(request), "RequestId": request_id})
    except ServiceError as error:
        response = json_response(error.status, {"Message": error.message, "RequestId": request_id})
        response[1]["x-amzn-errortype"] = error.code
        return response


def route(method: str, path: str) -> tuple[OperationModel, dict[str, str]]:
    """The operation whose method and URI match, and the URI's values."""
    for candidate in routes("quicksight"):
        found = candidate.path.fullmatch(path)
        if candidate.method == method and found:
            values = {key: unquote(value) for key, value in found.groupdict().items()}
            return service_model("quicksight").operation_model(candidate.name), values
    raise ServiceError("UnknownOperationException", f"{method} {path} is no operation of QuickSight", 404)


def parameters(model: OperationModel, uri: dict[str, str], body: bytes, query: dict[str, list[str]]) -> JSON:
    """The operation's input, from where the model has its members: the URI, the query string, the body."""
    request: JSON = json.loads(body or b"{}")
    for name, shape in input_shape(model).members.items():
        wire = shape.serialization.get("name", name)
        if shape.serialization.get("location") == "uri":
            request[name] = from_text(uri[wire], shape)
        elif shape.serialization.get("location") == "querystring" and wire in query:
            request[name] = from_text(query[wire][0], shape)
    return request


def from_text(text: str, shape: Any) -> Any:
    """A value of the URI or the query string."""
    if shape.type_name in ("integer", "long") and text.isdecimal():
        return int(text)
    return text == "true" if shape.type_name == "boolean" else text


def input_shape(model: OperationModel) -> Any:
    return model.input_shape


def check(model: OperationModel, request: JSON) -> None:
    """InvalidParameterValueException for what the model forbids: members, types, lengths, patterns, enumerations."""
    report = ParamValidator().validate(request, input_shape(model))
    problems = (
        [report.generate_report()] if report.has_errors() else list(wrong_values(request, input_shape(model)))
    )
    if problems:
        raise ServiceError("InvalidParameterValueException", f"{model.name}: {'; '.join(problems)}")


def wrong_values(value: Any, shape: Any, where: str = "") -> Iterator[str]:
    """What ParamValidator lets pass: values that are none of an enumeration's, too long, or of another pattern."""
    if isinstance(value, dict) and shape.type_name == "structure":
        for name in value.keys() & shape.members.keys():
            yield from wrong_values(value[name], shape.members[name], f"{where}.{name}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from wrong_values(item, shape.member, f"{where}[{i}]")
    elif isinstance(value, dict) and shape.type_name == "map":
        for name, item in value.items():
            yield from wrong_values(item, shape.value, f"{where}.{name}")
    for problem in wrong_value(value, shape):
        yield f"{where.lstrip('.')} {problem}"


def wrong_value(value: Any, shape: Any) -> Iterator[str]:
    most, pattern = shape.metadata.get("max"), shape.metadata.get("pattern")
    if shape.type_name == "string" and shape.enum and value not in shape.enum:
        yield f"is '{value}', not one of {', '.join(shape.enum)}"
    if shape.type_name == "string" and pattern and not matches(pattern, value):
        yield f"is '{value}', not of the pattern {pattern}"
    if most is not None and shape.type_name in ("string", "list", "map") and len(value) > most:
        yield f"has {len(value)} of at most {most}"
    if most is not None and shape.type_name in ("integer", "long", "double") and value > most:
        yield f"is {value}, more than {most}"


def matches(pattern: str, value: str) -> bool:
    """Whether the whole value is of the pattern; some are written for Java, and pass."""
    try:
        return re.fullmatch(pattern, value, re.DOTALL) is not None
    except re.error:
        return True
