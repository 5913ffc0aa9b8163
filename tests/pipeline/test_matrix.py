"""A run fails at each place where it can, is redriven once the reason is gone, and ends as if nothing had happened.

All of it takes ten minutes: `make matrix` runs it and writes docs/failure-matrix.md. The test suite runs a few.
"""

import json
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.pipeline.conftest import Account, Run
from tests.pipeline.failures import Case, cases
from tests.pipeline.matrix import Matrix
from tests.pipeline.table import Row, Table
from tests.statemachine.test_definitions import states_in

SUITE = {
    "pipeline.FindLargeOrders large_orders fails",
    "refresh_spice.StartIngestion top_products fails",
}


@pytest.fixture
def matrix(account: Account, first_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Matrix:
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.environment["AWS_ENDPOINT_URL"])
    return Matrix(account, first_run.output, tmp_path)


@pytest.mark.parametrize("case", [case for case in cases() if case.name in SUITE], ids=lambda case: case.name)
def test_a_redriven_run_ends_as_one_that_never_failed(case: Case, matrix: Matrix) -> None:
    matrix.fail_and_redrive(case)


@pytest.mark.matrix
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_everywhere(case: Case, matrix: Matrix, table: Table) -> None:
    table.rows.append(row := Row(case))
    row.cells = matrix.fail_and_redrive(case).cells


def test_every_task_of_every_state_machine_is_there() -> None:
    tasks = {
        (path.name.removesuffix(".asl.json"), name)
        for path in (PROJECT / "statemachine").iterdir()
        for name, state in states_in(json.loads(path.read_text()))
        if state["Type"] == "Task"
    }

    assert {(case.machine, case.task) for case in cases()} == tasks
    assert {case.name for case in cases()} >= SUITE
    assert len({case.name for case in cases()}) == len(cases())


def test_the_documented_table_has_every_case() -> None:
    lines = (PROJECT / "docs" / "failure-matrix.md").read_text().splitlines()

    assert [line.split("|")[1].strip() for line in lines if line.startswith("| `")] == [
        f"`{case.name}`" for case in cases()
    ]
    assert lines[-1] == f"{len(cases())} of {len(cases())}"
