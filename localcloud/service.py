"""How a service of ours answers AWS's JSON protocol, in front of MiniStack's own handler."""

import asyncio
import datetime as dt
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

JSON = dict[str, Any]
Operation = Callable[[JSON], JSON]
Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, list[str]]], Awaitable[Response]]


class ServiceError(Exception):
    """An error in the service's own terms: `code` as in its API model, one clear sentence, HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def json_service(operations: Mapping[str, Operation], others: Handler) -> Handler:
    """A handler that answers `operations` (by their API names) itself and passes every other request on.

    Operations may block: each runs in a worker thread, with the request's account and region in context.
    """

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        operation = operations.get(headers.get("x-amz-target", "").rpartition(".")[2])
        if operation is None:
            return await others(method, path, headers, body, query)
        return await asyncio.to_thread(answer, operation, json.loads(body or b"{}"))

    return handle


def answer(operation: Operation, request: JSON) -> Response:
    """Run one operation and encode what it returns, or the ServiceError it raises."""
    try:
        return json_response(200, operation(request))
    except ServiceError as error:
        return error_response(error)


def error_response(error: ServiceError) -> Response:
    """The error as both of AWS's JSON protocols have it."""
    response = json_response(error.status, {"__type": error.code, "message": error.message})
    response[1]["x-amzn-errortype"] = error.code
    return response


def json_response(status: int, body: JSON) -> Response:
    """`body` as AWS's JSON: timestamps as epoch seconds."""
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-requestid": str(uuid.uuid4())}
    return status, headers, json.dumps(body, default=_encode).encode()


def _encode(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no place in a JSON response")
