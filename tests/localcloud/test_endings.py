"""Who waits for the end of some work is told of it, in whatever order the two come."""

import json
import threading
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from localcloud import endings
from localcloud.stepfunctions import tasks
from localcloud.stepfunctions.backend import LocalBackend
from tests.localcloud.waiting import until

NEVER = 3600.0


@pytest.fixture
def work() -> str:
    return str(uuid4())


def test_an_end_before_the_wait_is_not_missed(work: str) -> None:
    known = endings.count(work)
    endings.announce(work)

    assert endings.wait_for_more(work, known, NEVER)


def test_an_end_ends_the_wait_of_those_who_wait_for_it_alone(work: str) -> None:
    other = threading.Timer(0.01, endings.announce, [f"other {work}"])
    other.start()

    assert not endings.wait_for_more(work, 0, 0.05)
    threading.Timer(0.01, endings.announce, [work]).start()
    assert endings.wait_for_more(work, 0, NEVER)


def test_what_ended_before_can_be_waited_for_again(work: str) -> None:
    endings.announce(work)

    assert not endings.wait_for_more(work, endings.count(work), 0.01)


def test_an_execution_says_that_it_has_ended() -> None:
    definition = json.dumps({"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}})
    backend = LocalBackend("us-east-1", "000000000000")
    arn = backend.create_state_machine(
        name=f"m{uuid4()}", definition=definition, roleArn="arn:aws:iam::000000000000:role/any"
    ).arn

    execution = backend.start_execution(arn)

    assert endings.wait_for_more(execution.exec_arn, 0, 10)
    assert execution.status == "SUCCEEDED"


def test_a_sync_task_looks_when_its_work_has_ended_and_not_before(work: str) -> None:
    looks: list[str] = []
    result: list[Any] = []

    def look() -> dict[str, str] | None:
        looks.append("look")
        return {"Id": work} if endings.count(work) else None

    def wait() -> None:
        task = tasks.Glue.__new__(tasks.Glue)
        result.append(task._wait_for(SimpleNamespace(is_running=lambda: True), look, {"JobRunId": work}))

    waiting = threading.Thread(target=wait)
    waiting.start()
    until(lambda: bool(looks))
    threading.Timer(0.5, endings.announce, [work]).start()
    waiting.join(timeout=4)

    assert result == [{"Id": work}]
    assert len(looks) == 2
