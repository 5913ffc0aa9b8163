"""Shows that the cases see every field: changes each field of the state machines in turn, and some case has to fail.

    python -m tests.statemachine.mutants [MACHINE ...]

A mutant is killed when CreateStateMachine refuses it or a case of its machine does not hold. Those that survive are
listed; the exit code is 1 if there is one that EXPLAINED has no reason for.
"""

import copy
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from tests.statemachine.case import Case, Fork, Step
from tests.statemachine.cases import CASES
from tests.statemachine.embedded import embedded
from tests.statemachine.harness import Endpoint, check, run, source_of

Path = tuple[str | int, ...]

EXPLAINED = {
    "crawl: States.StartCrawl.Retry: 0 and 1 swapped": "no error is named by both",
    'crawl: States.StartCrawl.ResultPath: null -> "$.other"': "CountPoll follows, and takes only what it needs",
    "refresh_spice: States.IsIngestionDone.Choices: 0 and 1 swapped": "no status is asked for by both",
}
"""Why a mutant, as `describe` writes it, does what the machine does."""


@dataclass(frozen=True)
class Mutant:
    """A definition with one change."""

    path: Path
    change: str
    definition: dict[str, Any]

    def describe(self, machine: str) -> str:
        """Where it differs from the machine, and how."""
        return f"{machine}: {'.'.join(map(str, self.path))}: {self.change}"

    def state(self) -> str | None:
        """The innermost state that the change is in."""
        names = [
            str(name) for scope, name in zip(self.path, self.path[1:], strict=False) if scope == "States"
        ]
        return names[-1] if names else None


def mutants(definition: dict[str, Any]) -> Iterator[Mutant]:
    """Each member and element taken away, each value changed, and neighbours swapped where their order counts."""
    for path, value in _values(definition):
        if path:
            yield Mutant(path, "removed", _changed(definition, path))
        if isinstance(value, list) and path[-1] in ("Choices", "Retry"):
            for first in range(len(value) - 1):
                swapped = [*value[:first], value[first + 1], value[first], *value[first + 2 :]]
                yield Mutant(path, f"{first} and {first + 1} swapped", _changed(definition, path, swapped))
        if not isinstance(value, dict | list):
            for other in _others(value, path, definition):
                change = f"{json.dumps(value)} -> {json.dumps(other)}"
                yield Mutant(path, change, _changed(definition, path, other))


def _values(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, node
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in members:
        if key != "Comment":
            yield from _values(value, (*path, key))


_REMOVED = object()


def _changed(definition: dict[str, Any], path: Path, value: Any = _REMOVED) -> dict[str, Any]:
    changed = copy.deepcopy(definition)
    *parents, last = path
    parent = _at(changed, tuple(parents))
    if value is _REMOVED:
        del parent[last]
    else:
        parent[last] = value
    return changed


def _at(node: Any, path: Path) -> Any:
    for key in path:
        node = node[key]
    return node


def _others(value: Any, path: Path, definition: dict[str, Any]) -> list[Any]:
    """Values that mean something else in the place of this one."""
    match value:
        case bool():
            return [not value]
        case int() | float():
            return [value + 1, value - 1]
        case None:
            return ["$.other"]
    match path[-1]:
        case "Next" | "Default" | "StartAt":
            return [name for name in _siblings(path, definition) if name != value][:2]
        case "Type":
            return ["Succeed" if value == "Pass" else "Pass"]
        case "JitterStrategy":
            return ["NONE"]
    return list(_other_texts(value))


def _siblings(path: Path, definition: dict[str, Any]) -> list[str]:
    """The states of the state machine, branch or item that the path leads into, the nearest following ones first."""
    scopes = [depth for depth in range(len(path)) if "States" in _at(definition, path[:depth])]
    names = list(_at(definition, path[: scopes[-1]])["States"])
    inside = path[scopes[-1] + 2 :]
    here = names.index(str(path[scopes[-1] + 1])) if inside else 0
    return [*names[here:], *names[:here]]


_PATH = r"\$\$?(?:\.\w+|\[[^\]]*\])*"
_LITERAL = r"'[^']*'"
_NUMBER = r"(?<=[\[ ])\d+(?=[\])])"


def _other_texts(text: str) -> Iterator[str]:
    """The text with each path, literal and number in it changed; any other text with something added."""
    found = (
        list(re.finditer(f"{_LITERAL}|{_NUMBER}|{_PATH}", text))
        if re.match(r"\$[.$\[]|\$$|States\.", text)
        else []
    )
    for part in found:
        yield text[: part.start()] + _other_part(part[0]) + text[part.end() :]
    for index in re.finditer(_NUMBER, text):
        yield text[: index.start()] + str(int(index[0]) + 1) + text[index.end() :]
    if not found:
        yield f"{text}X"


def _other_part(part: str) -> str:
    if part.isdigit():
        return str(int(part) + 2)
    if part.startswith("'"):
        return f"'~{part[2:]}" if part != "''" else "'~'"
    return f"{part}X" if re.search(r"\w$", part) else f"{part}.X"


def names(steps: list[Step]) -> set[str]:
    """The states that a case enters."""
    found: set[str] = set()
    for step in steps:
        found.add(step if isinstance(step, str) else step.state)
        if isinstance(step, Fork):
            found.update(*map(names, step.branches))
    return found


def survives(endpoint: Endpoint, machine: str, mutant: Mutant) -> bool:
    """Whether every case of the machine holds for the mutant."""
    source = json.dumps(mutant.definition)

    def cost(case: Case) -> tuple[bool, int]:
        return mutant.state() not in names(case.steps), len(case.steps) + len(case.waits)

    for case in sorted(CASES[machine], key=cost):
        try:
            check(run(endpoint, machine, case, source), case)
        except (AssertionError, TimeoutError):
            return False
        except ClientError as error:
            if error.response["Error"]["Code"] == "InvalidDefinition":
                return False
            raise
    return True


_worker = ExitStack()
_endpoint: Endpoint


def _begin() -> None:
    global _endpoint
    # The interpreter tells of all that fails, and branches that are stopped raise in their threads.
    logging.disable(logging.CRITICAL)
    threading.excepthook = lambda _: None
    _endpoint = _worker.enter_context(embedded())


def _survives(machine: str, mutant: Mutant) -> bool:
    return survives(_endpoint, machine, mutant)


def main(machines: list[str]) -> int:
    """Print the survivors and how many were killed; the exit code."""
    total = killed = explained = 0
    with ProcessPoolExecutor(os.cpu_count(), initializer=_begin) as pool:
        for machine in machines:
            definition = json.loads(source_of(machine))
            made = [Mutant((), "as it is", definition), *mutants(definition)]
            alive = pool.map(partial(_survives, machine), made)
            if not next(alive):
                print(f"no case can tell a mutant, for they do not hold for {machine} as it is: make test")
                return 1
            for mutant, is_alive in zip(made[1:], alive, strict=True):
                total, killed = total + 1, killed + (not is_alive)
                if is_alive:
                    reason = EXPLAINED.get(mutant.describe(machine))
                    explained += reason is not None
                    print(f"survived: {mutant.describe(machine)}: {reason or 'not explained'}", flush=True)
    print(f"killed {killed} of {total}" + (f", {explained} explained" if explained else ""))
    return int(killed + explained < total)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(CASES)))
