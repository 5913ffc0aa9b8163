"""Faults from any process: told to the account that is up at the endpoint."""

import http.client
import json
from urllib.parse import urlsplit

from localcloud import aws
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
    connection = http.client.HTTPConnection(urlsplit(aws.endpoint()).netloc, timeout=30)
    try:
        connection.request("POST", "/", json.dumps(request), {"X-Amz-Target": f"LocalCloud.{operation}"})
        response = connection.getresponse()
        answer: JSON = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        raise FaultError(
            f"no localcloud answers at {aws.endpoint()}; start one with: python -m localcloud up"
        ) from None
    finally:
        connection.close()
    if response.status != 200:
        raise FaultError(answer["message"])
    return answer
