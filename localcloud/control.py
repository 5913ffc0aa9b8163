"""Operations of localcloud itself, from any process: told to the account that is up at the endpoint."""

import http.client
import json
from urllib.parse import urlsplit

from localcloud import aws
from localcloud.service import JSON


class ControlError(Exception):
    """An operation failed; the message says why and what to do."""


def call(operation: str, request: JSON) -> JSON:
    """Call an operation of the service `localcloud`. Raises ControlError."""
    connection = http.client.HTTPConnection(urlsplit(aws.endpoint()).netloc, timeout=30)
    try:
        connection.request("POST", "/", json.dumps(request), {"X-Amz-Target": f"LocalCloud.{operation}"})
        response = connection.getresponse()
        answer: JSON = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        raise ControlError(
            f"no localcloud answers at {aws.endpoint()}; start one with: python -m localcloud up"
        ) from None
    finally:
        connection.close()
    if response.status != 200:
        raise ControlError(answer["message"])
    return answer
