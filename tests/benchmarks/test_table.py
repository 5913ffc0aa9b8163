"""The tables that a measurement ends with."""

import io

import pytest
from rich.console import Console

from benchmarks.results import Results
from benchmarks.series import text
from benchmarks.table import tables
from tests.benchmarks.numbers import results


def printed(found: Results) -> str:
    console = Console(file=io.StringIO(), width=120)
    for table in tables(found):
        console.print(table)
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def cells(told: str, name: str) -> list[str]:
    """The cells of the row with that name, in the first table that has one."""
    rows = ([cell.strip() for cell in line.split("│")[1:-1]] for line in told.splitlines())
    return next(row[1:] for row in rows if row and row[0] == name)


def test_each_size_and_its_growth() -> None:
    told = printed(results())
    assert cells(told, "Warm: RunSparkJobs") == ["4.00 s", "40.0 s", "400.0 s", "10.0 x"]
    assert cells(told, "Memory: JVM") == ["2.00 GiB"] * 3 + ["1.0 x"]
    assert cells(told, "State transitions")[:3] == ["190"] * 3
    assert cells(told, "Deploy") == ["6.00 s"]


def test_aims_met_and_missed() -> None:
    found = results()
    found.parts["run"]["1"]["warm"]["seconds"] = 9.0
    told = printed(found)
    assert cells(told, "Whole run, second upload") == ["9.00 s", "≤ 8.00 s", "missed"]
    assert cells(told, "Memory at size 100") == ["3.00 GiB", "≤ 6.00 GiB", "met"]
    assert "Grows most: Whole run, cold" in told


def test_a_state_that_takes_no_time_is_not_listed() -> None:
    found = results()
    for size in ("1", "10", "100"):
        found.parts["run"][size]["warm"]["parts"]["ListDataSets"] = 0.002
    assert "ListDataSets" not in printed(found)
    found.parts["run"]["100"]["warm"]["parts"]["ListDataSets"] = 0.2
    assert cells(printed(found), "Warm: ListDataSets") == ["0.00 s", "0.00 s", "0.20 s", "100.0 x"]


def test_before_anything_is_measured() -> None:
    told = printed(Results({}))
    assert cells(told, "Time of a run in no task") == ["-", "≤ 1.00 s", "not measured"]
    assert "Warm: RunSparkJobs" not in told


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "s", "-"),
        (0.456, "s", "0.46 s"),
        (12.34, "s", "12.3 s"),
        (3 * 2**29, "B", "1.50 GiB"),
        (4.04, "x", "4.0 x"),
        (0.375, "$", "$0.38"),
        (10_060, "", "10,060"),
    ],
)
def test_values_as_people_read_them(value: float | None, unit: str, expected: str) -> None:
    assert text(value, unit) == expected
