"""An execution as a tree of its states for a terminal: those inside a state and of a child execution beneath it."""

import datetime as dt
from collections import Counter
from typing import Any

from rich.text import Text
from rich.tree import Tree

from functions.alert.failure import Event
from operate.history import History
from operate.machine import Machine, State
from operate.visits import CAUGHT, FAILED, RUNNING, STOPPED, SUCCEEDED, Visit, Visits

SIGNS = {
    SUCCEEDED: ("✓", "green"),
    RUNNING: ("▸", "bold blue"),
    FAILED: ("✗", "bold red"),
    STOPPED: ("■", "yellow"),
    CAUGHT: ("!", "yellow"),
}
NOT_BEGUN = ("·", "dim")
OPEN = (RUNNING, FAILED)
"""When a task's child execution is looked at: one that succeeded says nothing more."""


class StateTree:
    """The tree of one execution. While they run, or where they failed, child executions are looked at too."""

    def __init__(self, stepfunctions: Any, execution_arn: str) -> None:
        self._stepfunctions = stepfunctions
        told = stepfunctions.describe_state_machine_for_execution(executionArn=execution_arn)
        self._machine, self._name = Machine.read(told["definition"]), execution_arn.rpartition(":")[2]
        self._visits, self._known = Visits(), 0
        self._children: dict[str, tuple[History, StateTree]] = {}

    def look(self, events: list[Event]) -> None:
        """Take in what the history has more than before, and that of the children."""
        self._visits.add(events[self._known :])
        self._known = len(events)
        for visit in self._visits.all:
            if visit.child and (visit.status in OPEN or visit.child in self._children):
                self._look_into(visit.child)

    def draw(self) -> Tree:
        """The tree as it is now."""
        root = Tree(Text(self._name, style="bold"), guide_style="dim")
        self.add_to(root)
        return root

    def add_to(self, branch: Tree) -> None:
        """Add the states of this execution."""
        last = {visit.name: visit for visit in self._visits.all}
        self._add(branch, self._machine, last)

    def _add(self, branch: Tree, machine: Machine, last: dict[str, Visit]) -> None:
        for state in machine.states.values():
            visit = last.get(state.name)
            if visit is None and state.kind in ("Choice", "Fail", "Succeed"):
                continue  # ways that may never be taken say nothing of how far it has come
            inner = branch.add(_label(state, visit))
            if visit and visit.child in self._children and visit.status in OPEN:
                self._children[visit.child][1].add_to(inner)
            if state.kind == "Parallel":
                for part in state.inner:
                    self._add(inner, part, last)

    def _look_into(self, arn: str) -> None:
        if arn not in self._children:
            self._children[arn] = History(self._stepfunctions, arn), StateTree(self._stepfunctions, arn)
        history, tree = self._children[arn]
        history.refresh()
        tree.look(history.events)


def _label(state: State, visit: Visit | None) -> Text:
    sign, style = SIGNS[visit.status] if visit else NOT_BEGUN
    label = Text.assemble((f"{sign} {state.name}", style))
    if not visit:
        return label
    seconds = ((visit.left or dt.datetime.now(dt.UTC)) - visit.began).total_seconds()
    label.append(f"  {seconds:.1f} s", style="dim")
    if len(visit.attempts) > 1:
        label.append(f", try {len(visit.attempts)}", style="yellow")
    if visit.iterations:
        counts = Counter(visit.iterations.values())
        label.append(f", {counts[SUCCEEDED]} of {len(visit.iterations)}", style="dim")
    return label
