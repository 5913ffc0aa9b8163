"""Faults from any process: told to the account that is up at the endpoint."""

from localcloud import own_api
from localcloud.faults.fault import FaultError
from localcloud.service import JSON


def add(text: str) -> None:
    """Let something fail from now on, as `text` says (fault.FORMS). Raises FaultError."""
    _call("AddFault", {"Fault": text})


def active() -> dict[str, int]:
    """How often each fault has struck that was added and not cleared. Raises FaultError."""
    return {fault["Fault"]: fault["Struck"] for fault in _call("ListFaults", {})["Faults"]}


def clear() -> None:
    """Take all faults away. Raises FaultError."""
    _call("ClearFaults", {})


def _call(operation: str, request: JSON) -> JSON:
    try:
        return own_api.call(operation, request)
    except own_api.OwnApiError as error:
        raise FaultError(str(error)) from None
