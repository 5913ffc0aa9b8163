"""A state machine's definition as a graph ("Amazon States Language", Step Functions Developer Guide)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class State:
    """A state, where it may go next, and the machines inside it: branches of a Parallel, the items' of a Map."""

    name: str
    kind: str
    comment: str
    resource: str
    nexts: tuple[str, ...]
    inner: tuple["Machine", ...]

    @classmethod
    def of(cls, name: str, told: dict[str, Any]) -> Self:
        """The state of that name in a definition."""
        inner = [
            *told.get("Branches", []),
            *filter(None, [told.get("ItemProcessor") or told.get("Iterator")]),
        ]
        return cls(
            name=name,
            kind=told["Type"],
            comment=told.get("Comment", ""),
            resource=told.get("Resource", ""),
            nexts=tuple(dict.fromkeys(_nexts(told))),
            inner=tuple(Machine.of(machine) for machine in inner),
        )


@dataclass(frozen=True)
class Machine:
    """A state machine, or one inside a state."""

    start: str
    states: dict[str, State]

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """The machine of a definition, or of a part of one."""
        return cls(told["StartAt"], {name: State.of(name, state) for name, state in told["States"].items()})

    @classmethod
    def read(cls, definition: str) -> Self:
        """The machine that DescribeStateMachine gives the definition of."""
        return cls.of(json.loads(definition))

    def all_states(self) -> Iterator[State]:
        """Its states and those inside them. No two have the same name."""
        for state in self.states.values():
            yield state
            for machine in state.inner:
                yield from machine.all_states()

    def after(self, names: set[str]) -> set[str]:
        """The states that can still come after those of that name, in this machine itself."""
        found: set[str] = set()
        left = [following for name in names for following in self.states[name].nexts]
        while left:
            if (name := left.pop()) not in found:
                found.add(name)
                left += self.states[name].nexts
        return found


def _nexts(told: dict[str, Any]) -> Iterator[str]:
    yield from filter(None, [told.get("Next")])
    yield from (choice["Next"] for choice in told.get("Choices", []))
    yield from filter(None, [told.get("Default")])
    yield from (catcher["Next"] for catcher in told.get("Catch", []))
