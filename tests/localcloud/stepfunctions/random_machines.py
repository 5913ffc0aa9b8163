"""Random state machines of every type of state, and the service that their tasks call.

What goes through a machine is `{"trail": text}`: each state's output depends on its input, so that an output shows
that each state ran, in its place and with the input it should have had.
"""

import hashlib
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import strategies as st

State = dict[str, Any]
States = list[tuple[str, State]]

DIGEST = {"trail.$": "States.Hash(States.JsonToString($), 'SHA-1')"}
RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}]


class Service:
    """SQS as the tasks see it: SendMessage fails as often as `failures` says for a body, and then succeeds."""

    def __init__(self, client: Any, failures: Callable[[str], int]) -> None:
        self.meta, self._failures = client.meta, failures
        self._counting = threading.Lock()
        self.calls: Counter[str] = Counter()
        self.at_call: dict[int, Callable[[], None]] = {}

    def send_message(self, QueueUrl: str, MessageBody: str) -> dict[str, Any]:  # noqa: N803
        with self._counting:
            self.calls[MessageBody] += 1
            happening = self.at_call.pop(self.calls.total(), None)
        if happening:
            happening()
        # Calls differ in length, so that branches are at work when another one fails.
        time.sleep(int(digest(MessageBody), 16) % 3 * 0.004)
        if self.calls[MessageBody] <= self._failures(MessageBody):
            raise ClientError({"Error": {"Code": "OverLimit", "Message": MessageBody}}, "SendMessage")
        return {"MessageId": digest(MessageBody), "ResponseMetadata": {}}


def digest(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


@st.composite
def machines(draw: st.DrawFn) -> State:
    """A state machine, three levels deep at the most."""
    return _chain(draw, itertools.count(1), depth=3)


def _chain(draw: st.DrawFn, numbers: "itertools.count[int]", depth: int) -> State:
    """States in a row, some of them with machines of their own inside."""
    kinds = [_task, _pass, _wait, _choice] + ([_parallel, _map] if depth > 1 else [])
    groups = [draw(st.sampled_from(kinds))(draw, numbers, depth) for _ in range(draw(st.integers(1, 3)))]
    states = list(itertools.chain(*groups))
    for (_, state), (following, _) in itertools.pairwise(states):
        _go_on(state, following)
    states[-1][1]["End"] = True
    return {"StartAt": states[0][0], "States": dict(states)}


def _go_on(state: State, following: str) -> None:
    if state["Type"] == "Choice":
        state["Default"] = following
    else:
        state["Next"] = following


def _task(draw: st.DrawFn, numbers: "itertools.count[int]", depth: int) -> States:
    name = f"Task{next(numbers)}"
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sqs:sendMessage",
        "Parameters": {"QueueUrl": "any", "MessageBody.$": f"States.Format('{name} {{}}', $.trail)"},
        "ResultSelector": {"trail.$": "$.MessageId"},
    }
    return [(name, state | ({"Retry": RETRY} if draw(st.booleans()) else {}))]


def _pass(draw: st.DrawFn, numbers: "itertools.count[int]", depth: int) -> States:
    name = f"Pass{next(numbers)}"
    return [(name, {"Type": "Pass", "Parameters": {"trail.$": f"States.Format('{name} {{}}', $.trail)"}})]


def _wait(draw: st.DrawFn, numbers: "itertools.count[int]", depth: int) -> States:
    return [(f"Wait{next(numbers)}", {"Type": "Wait", "Seconds": 1})]


def _choice(draw: st.DrawFn, numbers: "itertools.count[int]", depth: int) -> States:
    """A choice between passing a task by and not, by what the trail happens to be."""
    name = f"Choice{next(numbers)}"
    [(task, state)] = _task(draw, numbers, depth)
    end = f"After{next(numbers)}"
    rule = {"Variable": "$.trail", "StringLessThan": draw(st.sampled_from(["8", "T"])), "Next": end}
    return [(name, {"Type": "Choice", "Choices": [rule]}), (task, state), (end, {"Type": "Pass"})]


def _parallel(draw: st.DrawFn, numbers: "itertools.count[int]", depth: int) -> States:
    branches = [_chain(draw, numbers, depth - 1) for _ in range(draw(st.integers(1, 3)))]
    return [
        (f"Parallel{next(numbers)}", {"Type": "Parallel", "Branches": branches, "ResultSelector": DIGEST})
    ]


def _map(draw: st.DrawFn, numbers: "itertools.count[int]", depth: int) -> States:
    items = {"trail.$": "$.trail", "items": list(range(draw(st.integers(0, 4))))}
    state = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemSelector": {"trail.$": "States.Format('{} {}', $$.Map.Item.Value, $.trail)"},
        "MaxConcurrency": draw(st.integers(0, 2)),
        "ItemProcessor": _chain(draw, numbers, depth - 1),
        "ResultSelector": DIGEST,
    }
    number = next(numbers)
    return [(f"Items{number}", {"Type": "Pass", "Parameters": items}), (f"Map{number}", state)]
