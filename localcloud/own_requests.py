"""Requests of the account to itself: answered without a connection, which takes more than half of a short one's time.

What stands in front of a service stands there for them too: faults, and the check of what the caller may do. Only that
he is who he says needs no proof: his credentials were made here.
"""

import contextvars
import io
import uuid
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import urllib3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from ministack.app import SERVICE_HANDLERS, call_service_handler_sync
from ministack.core import iam_evaluator, responses

from localcloud import aws
from localcloud.iam.gateway import SERVICES
from localcloud.service import Response

REQUEST_IDS = ("x-amzn-requestid", "x-amz-request-id")
"""Of every answer; the second is S3's."""


def answer(service: str, request: AWSPreparedRequest) -> AWSResponse | None:
    """The service's answer to a signed request; None where the request has to take the way over the endpoint.

    That is one to a service that MiniStack itself authorizes, or a HEAD, whose answer is made from that to a GET.
    """
    if service not in SERVICES or request.method == "HEAD":
        return None
    url = urlsplit(request.url)
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    query = parse_qs(url.query, keep_blank_values=True)

    async def handle(*given: Any) -> Response:
        with responses.request_scope(aws.ACCOUNT_ID, aws.REGION):
            iam_evaluator.pin_request_origin("127.0.0.1", secure_transport=True)
            iam_evaluator.pin_request_caller(headers, query)
            answered: Response = await SERVICE_HANDLERS[service](*given)
            return answered

    # In a context of its own, as one that comes over the endpoint: nothing in it is of the request that led to it.
    status, answered, body = contextvars.Context().run(
        call_service_handler_sync, handle, request.method, unquote(url.path), headers, _body(request), query
    )
    answered = dict.fromkeys(REQUEST_IDS, str(uuid.uuid4())) | answered
    raw = urllib3.HTTPResponse(io.BytesIO(body), answered, status, preload_content=False)
    return AWSResponse(request.url, status, answered, raw)


def _body(request: AWSPreparedRequest) -> bytes:
    body: Any = request.body
    if isinstance(body, str):
        return body.encode()
    return bytes(body.read() if hasattr(body, "read") else body or b"")


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()
