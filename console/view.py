"""An execution as the page shows it: each state of its state machine, and a time line.

Reduced here, so that what the page gets grows with the state machine and not with the history.
"""

import datetime as dt
from collections import defaultdict
from typing import Any

from console.executions import Execution
from operate.machine import Machine, State
from operate.visits import CAUGHT, FAILED, RUNNING, STOPPED, SUCCEEDED, Visit

NOT_BEGUN, SKIPPED = "not begun", "skipped"
MOST_BARS = 60
"""Of a state in the time line; the visits of a loop that has more are drawn together."""
FINISHED = (SUCCEEDED, CAUGHT)
WORST_FIRST = (FAILED, RUNNING, STOPPED, CAUGHT, SUCCEEDED)

Selection = dict[str, int]
"""The items of Map states that are looked at, by the name of the state."""
View = dict[str, Any]
Seen = dict[str, list[Visit]]


class Looked:
    """What is looked at of Map states: the items that are selected, of the others the one that matters most."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._items: dict[Visit, int] = {}

    def item(self, visit: Visit) -> int:
        """The item of a Map state: where none is selected, the first that failed, or is running, or the first."""
        if visit not in self._items:
            statuses = visit.iterations
            first = min(statuses, key=lambda i: (WORST_FIRST.index(statuses[i]), i), default=0)
            self._items[visit] = self._selection.get(visit.name, first)
        return self._items[visit]

    def shows(self, visit: Visit) -> bool:
        """Whether a visit is in the item that is looked at, of each Map state around it."""
        scope = visit.scope
        while scope.visit:
            if scope.iteration not in (None, self.item(scope.visit)):
                return False
            scope = scope.visit.scope
        return True


def view_of(execution: Execution, selection: Selection) -> View:
    """The view of an execution, and in Map states of the items that are selected."""
    looked = Looked(selection)
    seen: Seen = defaultdict(list)
    for visit in filter(looked.shows, execution.visits.all):
        seen[visit.name].append(visit)
    absent = SKIPPED if execution.described["status"] == "SUCCEEDED" else NOT_BEGUN
    return {
        "version": execution.version,
        "execution": _execution(execution),
        "states": _states(execution.machine, seen, looked, absent),
        "children": {name: child for name, visits in seen.items() if (child := visits[-1].child)},
        "timeline": [_row(name, visits) for name, visits in seen.items()],
    }


def graph_of(machine: Machine) -> list[dict[str, Any]]:
    """The states of a machine in the order in which they are written, the first one first."""
    states = sorted(machine.states.values(), key=lambda state: state.name != machine.start)
    return [_drawn(state) for state in states]


def visit_of(execution: Execution, name: str, selection: Selection) -> Visit | None:
    """The last visit of a state, in the items that are selected; None before the first."""
    looked = Looked(selection)
    visits = (visit for visit in reversed(execution.visits.all) if visit.name == name)
    return next(filter(looked.shows, visits), None)


def _execution(execution: Execution) -> View:
    told = execution.described
    return {
        "arn": told["executionArn"],
        "name": told["name"],
        "machine": told["stateMachineArn"].rpartition(":")[2],
        "status": told["status"],
        "started": milliseconds(told["startDate"]),
        "stopped": milliseconds(told.get("stopDate")),
        "redrives": told.get("redriveCount", 0),
        "redrivable": told.get("redriveStatus") == "REDRIVABLE",
        "events": len(execution.history.events),
        "now": milliseconds(dt.datetime.now(dt.UTC)),
    }


def _states(machine: Machine, seen: Seen, looked: Looked, absent: str) -> dict[str, View]:
    """The view of each state. Where `absent` is NOT_BEGUN, one that can no longer come was passed by: skipped."""
    current = _current(machine, seen)
    coming = machine.after(current) if current else set(machine.states)
    views: dict[str, View] = {}
    for name, state in machine.states.items():
        visits = seen.get(name, [])
        status = absent if name in coming else SKIPPED
        views[name] = _state(visits, looked) if visits else {"status": status}
        if visits:
            status = SKIPPED if visits[-1].status in FINISHED else NOT_BEGUN
        for inner in state.inner:
            views |= _states(inner, seen, looked, status)
    return views


def _current(machine: Machine, seen: Seen) -> set[str]:
    """The states of a machine that an execution is in, or failed in; between two states, the one it left last."""
    last = {name: seen[name][-1] for name in machine.states if name in seen}
    unfinished = {name for name, visit in last.items() if visit.status not in FINISHED}
    latest = max((visit.began for visit in last.values()), default=None)
    return unfinished or {name for name, visit in last.items() if visit.began == latest}


def _state(visits: list[Visit], looked: Looked) -> View:
    visit = visits[-1]
    told: View = {
        "status": visit.status,
        "began": milliseconds(visit.began),
        "left": milliseconds(visit.left),
        "visits": len(visits),
        "attempts": len(visit.attempts),
    }
    if visit.kind == "Map":
        told["selected"] = looked.item(visit)
        told["iterations"] = [visit.iterations[index] for index in sorted(visit.iterations)]
    return told


def _drawn(state: State) -> dict[str, Any]:
    return {
        "name": state.name,
        "kind": state.kind,
        "resource": state.resource.rpartition(":states:")[2] or state.resource,
        "nexts": state.nexts,
        "inner": [graph_of(machine) for machine in state.inner],
        "opens": ":states:startExecution" in state.resource,
    }


def _row(name: str, visits: list[Visit]) -> View:
    bars = [bar for visit in visits for bar in _bars(visit)]
    size = -(-len(bars) // MOST_BARS)
    groups = [bars[first : first + size] for first in range(0, len(bars), size)]
    return {
        "name": name,
        "depth": sum(1 for _ in visits[0].ancestors()),
        "bars": [_together(group) for group in groups],
    }


def _bars(visit: Visit) -> list[View]:
    return [
        {"from": milliseconds(spell.began), "to": milliseconds(spell.ended), "status": spell.status}
        for spell in visit.attempts or visit.spells
    ]


def _together(bars: list[View]) -> View:
    status = min((bar["status"] for bar in bars), key=WORST_FIRST.index)
    return {"from": bars[0]["from"], "to": bars[-1]["to"], "status": status, "count": len(bars)}


def milliseconds(moment: dt.datetime | None) -> int | None:
    """Since 1970, as JavaScript counts."""
    return int(moment.timestamp() * 1000) if moment else None
