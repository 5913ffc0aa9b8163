"""The account's faults: told over the endpoint, they strike where requests arrive and where work begins."""

import threading

from localcloud.faults.actions import Request, actions_of, failure, model_of, read
from localcloud.faults.fault import ActionFault, Fault, FaultError, WorkFault
from localcloud.service import JSON, Handler, Response, ServiceError, error_response, json_service

_faults: dict[str, Fault] = {}
_services: set[str] = set()
_lock = threading.Lock()


class InjectedFaultError(Exception):
    """Work that a fault lets fail."""


def register(handlers: dict[str, Handler], patterns: dict[str, JSON]) -> None:
    """Put faults in front of all handlers, and beside them the service `localcloud`, which is told of faults."""
    _services.update(handlers)
    handlers.update({service: _guarded(service, handler) for service, handler in handlers.items()})
    operations = {"AddFault": _add, "ListFaults": _list, "ClearFaults": _clear}
    handlers["localcloud"] = json_service(operations, _unknown)
    patterns["localcloud"] = {"target_prefixes": ["LocalCloud."]}


def _guarded(service: str, handler: Handler) -> Handler:
    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        if _faults and (striking := _striking_call(service, Request(method, path, headers, body, query))):
            return failure(striking[0].service, striking[0].code, striking[0].message)
        return await handler(method, path, headers, body, query)

    return handle


def on_work(kind: str, name: str) -> int:
    """Called where a crawl, job, query or ingestion begins: how many seconds later it shall.

    Raises InjectedFaultError where it shall fail.
    """
    with _lock:
        striking = [
            fault
            for fault in _faults.values()
            if isinstance(fault, WorkFault) and fault.concerns(kind, name) and fault.strikes()
        ]
    for fault in striking:
        if not fault.seconds:
            raise InjectedFaultError(fault.message)
    return sum(fault.seconds for fault in striking)


def _striking_call(service: str, request: Request) -> list[ActionFault]:
    with _lock:
        return [
            fault
            for fault in _faults.values()
            if isinstance(fault, ActionFault)
            and model_of(fault.service).signing_name == service
            and fault.operation in actions_of(fault.service, request)
            and request.contains(fault.of)
            and fault.strikes()
        ]


def _add(request: JSON) -> JSON:
    """AddFault: ValidationException for one that could never strike. One that is added again counts anew."""
    try:
        fault = read(request.get("Fault", ""))
    except FaultError as error:
        raise ServiceError("ValidationException", str(error)) from None
    if isinstance(fault, ActionFault) and model_of(fault.service).signing_name not in _services:
        raise ServiceError("ValidationException", f"the account has no service {fault.service}")
    with _lock:
        _faults[fault.text] = fault
    return {}


def _list(request: JSON) -> JSON:
    with _lock:
        return {"Faults": [{"Fault": fault.text, "Struck": fault.struck} for fault in _faults.values()]}


def _clear(request: JSON) -> JSON:
    with _lock:
        _faults.clear()
    return {}


async def _unknown(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
) -> Response:
    name = headers.get("x-amz-target", "")
    return error_response(ServiceError("UnknownOperationException", f"{name} is no operation of LocalCloud"))
