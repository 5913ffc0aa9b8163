"""Who may do what: every component calls with its own role's credentials, and MiniStack's evaluator judges each call.

`register` puts the check in front of the services, `acting_as` is for a component that has a role, and `require` for
one that uses a resource past its service's API.
"""

from localcloud.iam.audit import operations
from localcloud.iam.authorization import AccessDeniedError, denial_of, require
from localcloud.iam.gateway import register
from localcloud.iam.permission import Permission
from localcloud.iam.sessions import acting_as, assume, require_trust

__all__ = [
    "AccessDeniedError",
    "Permission",
    "acting_as",
    "assume",
    "denial_of",
    "operations",
    "register",
    "require",
    "require_trust",
]
