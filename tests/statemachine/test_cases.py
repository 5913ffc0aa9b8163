"""Every case, at the Step Functions endpoint of --sfn-endpoint or at the interpreter inside localcloud."""

from collections.abc import Iterator

import boto3
import pytest

from tests.statemachine.case import Case
from tests.statemachine.cases import CASES
from tests.statemachine.embedded import embedded
from tests.statemachine.harness import Endpoint, check, run


@pytest.fixture(scope="module")
def endpoint(request: pytest.FixtureRequest) -> Iterator[Endpoint]:
    if url := request.config.getoption("--sfn-endpoint"):
        yield Endpoint(boto3.client("stepfunctions", endpoint_url=url, region_name="us-east-1"))
    else:
        with embedded() as here:
            yield here


@pytest.mark.parametrize(
    ("machine", "case"),
    [
        pytest.param(machine, case, id=f"{machine}-{case.name}")
        for machine, cases in CASES.items()
        for case in cases
    ],
)
def test_case(endpoint: Endpoint, machine: str, case: Case) -> None:
    check(run(endpoint, machine, case, seconds=600), case)
