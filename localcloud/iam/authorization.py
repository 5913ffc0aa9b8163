"""Asks MiniStack's evaluator whether a caller may do something."""

from ministack.core import iam_evaluator
from ministack.core.iam_actions import identity_denial_message

from localcloud import aws
from localcloud.iam import audit
from localcloud.iam.permission import Permission


class AccessDeniedError(Exception):
    """What a caller may not do, in AWS's sentence."""


def require(permission: Permission) -> None:
    """Raise AccessDeniedError unless the caller of this context has the permission."""
    if denial := denial_of(aws.caller().access_key_id, permission):
        raise AccessDeniedError(denial)


def denial_of(access_key_id: str, permission: Permission) -> str | None:
    """Why the owner of the key does not have the permission, in AWS's sentence; None where he has it."""
    if iam_evaluator.is_root_access_key(access_key_id):
        return None
    action, resource, context = permission
    service = action.partition(":")[0]
    denied = iam_evaluator.enforce(access_key_id, action, service, aws.REGION, resource, dict(context))
    if denied is None:
        audit.keep(access_key_id, permission)
        return None
    if isinstance(denied, iam_evaluator.AuthError):
        return str(denied.message)
    if denied.resource_policy_arn:
        who = f"User: {denied.principal_arn} is not authorized to perform: {action} on resource: {resource}"
        return f"{who} with an explicit deny in a resource-based policy"
    return str(identity_denial_message(action, denied.principal_arn, resource, denied.decision == "Deny"))
