"""Every case, at the Step Functions endpoint of --sfn-endpoint or at the interpreter inside localcloud."""

import re
from collections.abc import Iterator

import pytest

from tests.statemachine.case import Case
from tests.statemachine.cases import CASES
from tests.statemachine.embedded import embedded
from tests.statemachine.harness import SUBSTITUTIONS, Endpoint, at, check, run, source_of


@pytest.fixture(scope="module")
def endpoint(request: pytest.FixtureRequest) -> Iterator[Endpoint]:
    if url := request.config.getoption("--sfn-endpoint"):
        yield at(url)
    else:
        with embedded() as here:
            yield here


def test_each_placeholder_has_a_value() -> None:
    for machine, values in SUBSTITUTIONS.items():
        assert set(re.findall(r"\$\{(\w+)\}", source_of(machine))) == set(values), machine


@pytest.mark.parametrize(
    ("machine", "case"),
    [
        pytest.param(machine, case, id=f"{machine}-{case.name}")
        for machine, cases in CASES.items()
        for case in cases
    ],
)
def test_case(endpoint: Endpoint, machine: str, case: Case) -> None:
    check(run(endpoint, machine, case, seconds=900), case)
