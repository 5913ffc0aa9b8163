"""The check in front of the services. MiniStack authenticates every request, and authorizes those of other services."""

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.core.router import extract_access_key_id

from localcloud import aws
from localcloud.faults.actions import Request, failure
from localcloud.iam.authorization import denial_of
from localcloud.iam.permissions import RESOURCES, permissions_of
from localcloud.service import Handler, Response

SERVICES = ("s3", *RESOURCES)
"""Those whose requests are authorized here, where each has the resources that AWS asks for."""
DENIED = {"s3": "AccessDenied", "sns": "AuthorizationError", "sqs": "AccessDenied"}
"""What services call a denial that do not say AccessDeniedException."""


def register(handlers: dict[str, Handler]) -> None:
    """Put the check in front of the handlers of SERVICES."""
    for service in SERVICES:
        iam_actions.SERVICE_TO_IAM_NAMESPACE.pop(
            service, None
        )  # MiniStack authorizes only services that are here
        handlers[service] = _guarded(service, handlers[service])


def _guarded(service: str, handler: Handler) -> Handler:
    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        key = extract_access_key_id(headers, query)
        if iam_evaluator.is_root_access_key(key):
            return await handler(method, path, headers, body, query)
        for permission in permissions_of(service, Request(method, path, headers, body, query)):
            if denial := denial_of(key, permission):
                return failure(service, DENIED.get(service, "AccessDeniedException"), denial)
        # What the service does for the request, it does as the caller: Athena reads what he may read.
        with aws.acting_as(_credentials(key)):
            return await handler(method, path, headers, body, query)

    return handle


def _credentials(key: str) -> aws.Credentials:
    found = iam_evaluator.resolve_credential(key, get_account_id())
    return aws.Credentials(key, found.secret_access_key, found.session_token)
