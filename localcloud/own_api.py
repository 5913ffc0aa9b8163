"""What the account answers beside AWS's services: operations of the service `LocalCloud`, from any process."""

import http.client
import json
from urllib.parse import urlsplit

from localcloud import aws
from localcloud.service import JSON

RELATION = "data_set"
"""What a query of QueryDataSet calls the rows of the data set."""


class OwnApiError(Exception):
    """The account refused the request, or there is none; the message says which."""


def call(operation: str, request: JSON) -> JSON:
    """Call an operation of the account that is up at the endpoint. Raises OwnApiError."""
    connection = http.client.HTTPConnection(urlsplit(aws.endpoint()).netloc, timeout=30)
    try:
        connection.request("POST", "/", json.dumps(request), {"X-Amz-Target": f"LocalCloud.{operation}"})
        response = connection.getresponse()
        answer: JSON = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError):
        raise OwnApiError(
            f"no localcloud answers at {aws.endpoint()}; start one with: python -m localcloud up"
        ) from None
    finally:
        connection.close()
    if response.status != 200:
        raise OwnApiError(answer["message"])
    return answer
