"""Which permissions were used, and by whom: what a least privileged role is made of."""

from ministack.core import iam_evaluator

from localcloud.iam.permission import Permission
from localcloud.service import JSON, Operation

_used: dict[tuple[str, Permission], None] = {}


def keep(access_key_id: str, permission: Permission) -> None:
    """Note that the key's owner asked for the permission and has it."""
    if caller := iam_evaluator.resolve_caller_identity(access_key_id):
        _used[str(caller["userArn"]), permission] = None


def operations() -> dict[str, Operation]:
    """The operations of the service `localcloud`."""
    return {"ListUsedPermissions": _list}


def _list(request: JSON) -> JSON:
    """ListUsedPermissions: each permission once for each caller."""
    used = [
        {"Caller": caller, "Action": action, "Resource": resource, "Context": dict(context)}
        for caller, (action, resource, context) in list(_used)
    ]
    return {"Permissions": used}
