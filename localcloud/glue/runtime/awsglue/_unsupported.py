"""What Glue's library has and this one lacks fails by its name, rather than as a missing attribute or in silence."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn


class Partial:
    """A class of Glue's that is here in part: the attributes it lacks raise NotImplementedError."""

    def __getattr__(self, name: str) -> NoReturn:
        _refuse(f"{type(self).__name__}.{name}", name)


def missing_from(module: str) -> Callable[[str], NoReturn]:
    """A module's `__getattr__` that raises NotImplementedError for what the module lacks."""

    def missing(name: str) -> NoReturn:
        _refuse(f"{module}.{name}", name)

    return missing


def _refuse(full_name: str, name: str) -> NoReturn:
    if name.startswith("__"):  # Python's own protocols probe for these
        raise AttributeError(full_name)
    raise NotImplementedError(f"{full_name} is not supported by localcloud")


def only(what: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise NotImplementedError for an option that has a value and is not `known`."""
    for name, value in given.items():
        if name not in known and value not in (None, "", {}, []):
            raise NotImplementedError(f"{what} {name} is not supported by localcloud")
