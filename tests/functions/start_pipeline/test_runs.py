"""Runs against real state machines: moto's, in this process."""

import time

import pytest
from botocore.exceptions import ClientError
from runs import Run, Runs

from tests.functions.start_pipeline.conftest import PASSING, WAITING, Machine


@pytest.fixture
def lagging(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of running executions that does not show the newest yet."""
    monkeypatch.setattr(Runs, "_is_any_going", lambda _: False)


def starter(machine: Machine, name: str = "a") -> Runs:
    return Runs(machine.client, machine.arn, name)


def start(runs: Runs) -> str | None:
    return runs.start_after(runs.newest(), {})


def test_the_first_run_is_number_one(machine: Machine) -> None:
    assert starter(machine).newest() is None
    assert start(starter(machine)) == "run-000001"


def test_the_newest_run_is_known_with_its_start_and_whether_it_is_going(machine: Machine) -> None:
    before = int(time.time() * 1000)
    machine.start("run-000001", PASSING)
    machine.start("run-000002", WAITING)

    newest = starter(machine).newest()

    assert newest
    assert (newest.number, newest.is_going) == (2, True)
    assert before <= newest.started <= time.time() * 1000


def test_executions_started_by_hand_have_no_number(machine: Machine) -> None:
    for name in ("run-000007", "run-by-hand", "run-8", "a-run-000009"):
        machine.start(name)

    assert start(starter(machine)) == "run-000008"


def test_the_highest_number_counts_not_the_place_in_the_list(machine: Machine) -> None:
    machine.start("run-000002")
    machine.start("run-000001")

    assert start(starter(machine)) == "run-000003"


def test_the_newest_run_is_found_behind_a_page_of_others(machine: Machine) -> None:
    machine.start("run-000001")
    for number in range(101):
        machine.client.start_execution(stateMachineArn=machine.arn, name=f"by-hand-{number}")
    machine.wait_until_idle()

    assert start(starter(machine)) == "run-000002"


def test_the_millionth_run_has_a_digit_more(machine: Machine) -> None:
    machine.start("run-999999")
    assert start(starter(machine)) == "run-1000000"
    machine.wait_until_idle()

    assert start(starter(machine)) == "run-1000001"


@pytest.mark.parametrize("going", ["run-000001", "run-by-hand"])
def test_no_run_is_started_while_an_older_or_another_execution_is_going(machine: Machine, going: str) -> None:
    machine.start(going, WAITING)
    machine.start("run-000002")

    assert start(starter(machine)) is None


@pytest.mark.usefixtures("lagging")
def test_a_run_that_only_its_own_entry_shows_as_going_is_not_overtaken(machine: Machine) -> None:
    machine.start("run-000001", WAITING)

    assert start(starter(machine)) is None


@pytest.mark.usefixtures("lagging")
@pytest.mark.parametrize("definition", [WAITING, PASSING], ids=["going", "ended"])
def test_a_starter_whose_list_is_old_backs_off(machine: Machine, definition: dict[str, object]) -> None:
    machine.start("run-000001")
    slow = starter(machine)
    seen = slow.newest()
    machine.start("run-000002", definition)

    assert slow.start_after(seen, {}) is None
    assert machine.names() == ["run-000001", "run-000002"]


@pytest.mark.usefixtures("lagging")
def test_the_same_input_from_two_starters_starts_one_run_of_one_of_them(machine: Machine) -> None:
    machine.define(WAITING)

    assert starter(machine, "a").start_after(None, {"object_count": 1}) == "run-000001"
    assert starter(machine, "b").start_after(None, {"object_count": 1}) is None
    assert machine.input_of("run-000001") == {"object_count": 1, "started_by": "a"}


@pytest.mark.usefixtures("lagging")
def test_a_starter_that_repeats_a_call_is_told_of_the_run_it_started(machine: Machine) -> None:
    machine.define(WAITING)

    assert [starter(machine).start_after(None, {}) for _ in range(2)] == ["run-000001"] * 2
    assert machine.names() == ["run-000001"]


def test_any_other_refusal_is_raised(machine: Machine) -> None:
    nowhere = Runs(machine.client, machine.arn + "-gone", "a")

    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        nowhere.start_after(Run(1, 0, is_going=False), {})
