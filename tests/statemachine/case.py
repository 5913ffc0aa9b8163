"""What a case is: a test case of MockConfigFile.json, and what the execution that is started at it has to do."""

import re
from dataclasses import dataclass, field
from typing import Any


class Like(str):
    """Text that is not known beforehand, by a regular expression that all of it has to match."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and re.fullmatch(self, other, re.DOTALL) is not None

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


UUID = Like("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SECOND = Like(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
"""A moment, to the second."""
MOMENT = Like(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|\+00:00)")

EXECUTION_NAME = "<the execution's name>"
EXECUTION_ARN = "<the execution's ARN>"
"""They stand for those of the execution, which are new in each run."""


def text(template: str, **parts: Like) -> Like:
    """The text of the template, with something unknown in the place of each {part}."""
    known = re.split(r"(\{\w+\})", template)
    return Like("".join(parts[piece[1:-1]] if piece.startswith("{") else re.escape(piece) for piece in known))


@dataclass(frozen=True)
class Call:
    """A Task state that called its resource `times` times with the same arguments, retries counted."""

    state: str
    resource: str
    """What stands behind `arn:aws:states:::`."""
    arguments: dict[str, Any]
    times: int = 1


@dataclass(frozen=True, eq=False)
class Fork:
    """A Parallel or Map state and the steps of its branches or items, which are equal in any order.

    One that failed has the branch or item alone that failed first: how far the others got is a matter of timing.
    """

    state: str
    branches: "list[list[Step]]"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fork) or self.state != other.state:
            return False
        left = list(other.branches)
        for branch in self.branches:
            if branch not in left:
                return False
            left.remove(branch)
        return not left

    __hash__ = None  # type: ignore[assignment]


Step = str | Call | Fork
"""A state that was entered: its name alone where it is neither a Task nor a fork."""


@dataclass(frozen=True)
class Case:
    """A test case, its execution's input, and all that has to come of it."""

    name: str
    given: dict[str, Any]
    steps: list[Step]
    """The path of states, with the calls of Task states."""
    output: Any = None
    error: str | None = None
    cause: str | None = None
    waits: list[float] = field(default_factory=list)
    """The seconds it asks to wait, in Wait states and before retries, shortest first; jitter takes the middle."""
    substitutions: dict[str, str] = field(default_factory=dict)
    """Values of the definition's placeholders that are others than usual."""
    items_at_once: int | None = None
    """How many items of its Map state it lets run at a time; None where that is not looked at."""
    seconds_at_most: int | None = None
    """How long it lets the execution take; None where that is not looked at."""
