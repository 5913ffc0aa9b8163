"""What a call needs its caller to be allowed."""

from typing import NamedTuple


class Permission(NamedTuple):
    """An action on a resource, with the condition keys that the request has."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()
