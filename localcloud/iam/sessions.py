"""Sessions of roles, as services have them: AssumeRole by a service's principal, which the role has to trust."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import iam, sts

from localcloud import aws
from localcloud.iam.authorization import AccessDeniedError

SESSION_NAMES = {
    "crawler": "AWS-Crawler",
    "job": "GlueJobRunnerSession",
    "lambda": "event-source-mapping",
    "states": "states",
}
"""How the sessions of each component are called."""
PRINCIPALS = {"crawler": "glue", "job": "glue"}
"""The services that assume the role, where they are not called as the component."""


@contextmanager
def acting_as(role: str, component: str) -> Iterator[None]:
    """A block in which a component acts as its role, by name or ARN. Raises AccessDeniedError, as `assume` does."""
    with aws.acting_as(assume(role, component)):
        yield


def assume(role: str, component: str) -> aws.Credentials:
    """A component's session of a role. Raises AccessDeniedError where there is no such role, or it does not trust."""
    require_trust(role, component)
    name, session = role_name(role), SESSION_NAMES[component]
    digest = hashlib.sha256(f"{get_account_id()}:{name}:{session}".encode()).hexdigest()
    credentials = aws.Credentials(f"ASIA{digest[:16].upper()}", digest, f"token-{digest}")
    sts.register_session(
        credentials.access_key_id,
        {
            "Arn": f"arn:aws:sts::{get_account_id()}:assumed-role/{name}/{session}",
            "UserId": f"{name}:{session}",
            "SecretAccessKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
        },
    )
    return credentials


def require_trust(role: str, component: str) -> None:
    """Raise AccessDeniedError unless the role's trust policy names the component's service."""
    name, service = role_name(role), f"{PRINCIPALS.get(component, component)}.amazonaws.com"
    found: dict[str, Any] | None = iam._roles.get(name)
    if found is None:
        raise AccessDeniedError(f"The role {role} does not exist, and {service} cannot assume it")
    context = iam_evaluator.EvalContext(
        principal_arn=service,
        principal_type="Service",
        principal_account="",
        action="sts:AssumeRole",
        resource_arn=found["Arn"],
        region=aws.REGION,
    )
    policy = found["AssumeRolePolicyDocument"]
    if iam_evaluator.evaluate_resource_policy(policy, context, service=service).decision != "Allow":
        raise AccessDeniedError(
            f"{service} is not authorized to assume the role {found['Arn']}; see its trust policy"
        )


def role_name(role: str) -> str:
    """Of a role's name, path and name, or ARN."""
    return role.rpartition("/")[2]
