"""Which aims are met."""

import pytest

from benchmarks.aims import AIMS, Aim
from benchmarks.results import Results
from tests.benchmarks.numbers import GIB, measured, results


def named(what: str) -> Aim:
    return next(aim for aim in AIMS if aim.what == what)


def test_each_aim_is_measured_and_met_by_these() -> None:
    assert {aim.what: aim.measure(results()) for aim in AIMS} == {
        "Whole run, cold": 16,
        "Whole run, second upload": 7,
        "Five cold spark-submits to a cold run": 5,
        "Jobs on the warm JVM to DuckDB, size 1": 2,
        "Jobs on the warm JVM to DuckDB, size 100": 2,
        "Growth from size 10 to 100, of the part that grows most": 10,
        "Memory at size 100": 3 * GIB,
        "Crawl of a file, size 100 to size 1": 1,
        "Time of a run in no task": 0.5,
        "10,000 events through the trigger": 42,
        "Events through the trigger": 10_060,
        "Cost of a run to that of the hand-made version": 0.5,
    }
    assert all(aim.is_met(results()) for aim in AIMS)


def test_no_aim_is_met_or_missed_before_it_is_measured() -> None:
    assert {aim.is_met(Results({})) for aim in AIMS} == {None}


@pytest.mark.parametrize(("seconds", "met"), [(20.0, True), (20.1, False)])
def test_a_limit_is_not_exceeded(seconds: float, met: bool) -> None:
    found = results()
    found.parts["run"]["1"]["cold"]["seconds"] = seconds
    assert named("Whole run, cold").is_met(found) is met


@pytest.mark.parametrize(("seconds", "met"), [(64.0, True), (63.0, False)])
def test_a_least_is_not_fallen_short_of(seconds: float, met: bool) -> None:
    found = results()
    found.parts["jobs"]["1"]["cold"]["seconds"] = seconds
    assert named("Five cold spark-submits to a cold run").is_met(found) is met


def test_the_part_that_grows_most_decides() -> None:
    found = results()
    found.add("crawl", 100, {**measured(100)["crawl"], "seconds": 36.0})
    growth = named("Growth from size 10 to 100, of the part that grows most")
    assert (growth.measure(found), growth.is_met(found)) == (12, False)


def test_memory_is_that_of_the_greedier_run() -> None:
    found = results()
    found.parts["run"]["100"]["warm"]["memory"]["all"] = 7 * GIB
    assert named("Memory at size 100").is_met(found) is False
    del found.parts["run"]["100"]["cold"]
    assert named("Memory at size 100").is_met(found) is None
