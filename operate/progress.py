"""How far a run has come, as it goes: a live tree of its states on a terminal, otherwise a line for each change."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.live import Live

from functions.alert.failure import Event, StateRun, states_of
from operate import report
from operate.following import Show, follow_to_end
from operate.tree import StateTree


def follow(
    stepfunctions: Any,
    execution_arn: str,
    after: int = 0,
    console: Console | None = None,
    also: Show = lambda _: None,
) -> str:
    """Show the progress of an execution until it ends, `also` to whom it is of use, and return its status.

    A redrive goes on with a history of `after` events; no line tells of those.
    """
    with progress(stepfunctions, execution_arn, console or Console(), after) as show:

        def show_both(events: list[Event]) -> None:
            show(events)
            also(events)

        return follow_to_end(stepfunctions, execution_arn, show_both, after)


@contextmanager
def progress(stepfunctions: Any, execution_arn: str, console: Console, after: int) -> Iterator[Show]:
    """What shows the progress on a console."""
    if not console.is_terminal:
        yield Lines(after)
        return
    tree = StateTree(stepfunctions, execution_arn)
    with Live(get_renderable=tree.draw, console=console, refresh_per_second=4) as live:

        def show(events: list[Event]) -> None:
            tree.look(events)
            live.refresh()

        yield show


class Lines:
    """Prints a line for each state as it is entered and as it is left."""

    def __init__(self, after: int) -> None:
        self._after = after
        self._told: set[tuple[int, bool]] = set()

    def __call__(self, events: list[Event]) -> None:
        former = {key for key, _ in _changes(events[: self._after])} if not self._told else set()
        self._told |= former
        for key, state in _changes(events):
            if key not in self._told:
                self._told.add(key)
                report.state(state)


def _changes(events: list[Event]) -> Iterator[tuple[tuple[int, bool], StateRun]]:
    """Each state as it was entered and, where it was, as it was left; a key says which visit and which of the two."""
    for place, state in enumerate(states_of(events)):
        yield (place, False), dataclasses.replace(state, seconds=None)
        if state.seconds is not None:
            yield (place, True), state
