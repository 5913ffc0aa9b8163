"""Every permission of the template is needed: without it something that a run consists of fails, or AWS says why it is.

All of it takes a few minutes: `make least-privilege` runs it and writes docs/least-privilege.md. The test suite
runs a few.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.own_api import call
from tests.conftest import PROJECT
from tests.pipeline.conftest import Account, Run
from tests.pipeline.permissions import (
    EXPLAINED,
    Permission,
    PrivilegeTable,
    Roles,
    Row,
    explanation,
    permissions,
    short,
)
from tests.pipeline.scenarios import SPECIAL, USUAL, Scenarios

SUITE = {
    "CrawlRole steps 0 glue:StartCrawler",
    "SparkJobRole spark-job 2 s3:GetObject",
    "ValidateRole steps 6 s3:PutObject",
}


@pytest.fixture
def scenarios(
    account: Account, first_run: Run, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scenarios]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.environment["AWS_ENDPOINT_URL"])
    scenarios = Scenarios(account, sample)
    yield scenarios
    scenarios.settle()


@pytest.fixture(scope="session")
def used(account: Account, first_run: Run, sample: Path) -> list[dict[str, Any]]:
    """Every permission that is used in the scenarios, in all of which nothing fails."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", account.environment["AWS_ENDPOINT_URL"])
        scenarios = Scenarios(account, sample)
        for scenario in {**USUAL, **SPECIAL}.values():
            scenarios.settle()
            assert scenario(scenarios) is None, scenario.__name__
        scenarios.settle()
        return list(call("ListUsedPermissions", {})["Permissions"])


@pytest.fixture(scope="session")
def privilege_table(pytestconfig: pytest.Config) -> Iterator[PrivilegeTable]:
    """The table of permissions, written where --table says."""
    table = PrivilegeTable()
    yield table
    if path := pytestconfig.getoption("--table"):
        path.write_text(str(table))


def without(permission: Permission, account: Account, scenarios: Scenarios) -> str:
    """What fails without the permission, in a few words."""
    with Roles(account).without(permission):
        failed = scenarios.of(permission)()
    assert failed, f"nothing fails without {permission.name}"
    assert "goes on" in failed or f"perform: {permission.action}" in failed, failed
    return failed.partition(": ")[0]


@pytest.mark.parametrize(
    "permission", [each for each in permissions() if each.name in SUITE], ids=lambda each: each.name
)
def test_a_run_fails_without_it(permission: Permission, account: Account, scenarios: Scenarios) -> None:
    without(permission, account, scenarios)


@pytest.mark.privilege
@pytest.mark.parametrize("permission", permissions(), ids=lambda each: each.name)
def test_everything_is_needed(
    permission: Permission,
    account: Account,
    used: list[dict[str, Any]],
    scenarios: Scenarios,
    privilege_table: PrivilegeTable,
) -> None:
    roles = Roles(account)
    row = Row(permission, short(roles.statement(permission)["Resource"]))
    privilege_table.rows.append(row)
    if roles.is_used(permission, used):
        assert not explanation(permission), "it is needed here too: no need to explain it"
        row.outcome = without(permission, account, scenarios)
    else:
        row.outcome = explanation(permission) or ""
        assert row.outcome, "nothing asks for it: take it out of the template, or say why AWS does"


def test_what_is_explained_is_in_the_template() -> None:
    assert EXPLAINED.keys() <= {(each.role, each.action) for each in permissions()}
    assert SPECIAL.keys() <= {(each.role, each.action) for each in permissions()}
    assert {each.name for each in permissions()} >= SUITE
    assert len({each.name for each in permissions()}) == len(permissions())


def test_the_documented_table_has_every_permission() -> None:
    lines = (PROJECT / "docs" / "least-privilege.md").read_text().splitlines()

    rows = [tuple(cell.strip(" `") for cell in line.split("|")[1:3]) for line in lines if "Role |" in line]
    assert rows == [(each.role, each.action) for each in permissions()]
    assert lines[-1] == f"needed or explained {len(rows)} of {len(rows)}"
