"""The dashboard that a run leaves: what is drawn is what the jobs found, visual by visual."""

import re

import pytest

from charts import Chart, dashboard
from localcloud import aws
from localcloud.dashboard import published, rows
from tests.oracle import read_results
from tests.pipeline.conftest import Account, Run
from tests.pipeline.visuals import EXPECTED, Results
from tests.template import properties

CHECKS = sorted(query["Name"] for query in properties("AWS::Athena::NamedQuery"))


@pytest.fixture(scope="module")
def results(first_run: Run) -> Results:
    return read_results(first_run.output / "write")


@pytest.fixture(scope="module")
def charts(account: Account, first_run: Run) -> dict[str, Chart]:
    """The deployed dashboard's charts by the ids of their visuals, from the account as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{account.port}")
        aws._client.cache_clear()
        described = published()
        assert described
        drawn = dashboard(described["Definition"], rows(described["Definition"]))
    aws._client.cache_clear()
    return {chart.visual_id: chart for chart in drawn}


@pytest.mark.parametrize("visual", EXPECTED)
def test_a_visual_shows_what_the_jobs_found(visual: str, charts: dict[str, Chart], results: Results) -> None:
    drawn, expected = list(charts[visual].table.rows), EXPECTED[visual](results)

    assert expected
    if visual == "top-customers":  # two of one name and number of orders come in either order
        assert [row[0::2] for row in drawn] == [row[0::2] for row in expected]
        drawn, expected = sorted(drawn[:50]), sorted(expected[:50])
    assert drawn == expected or drawn == [tuple(map(pytest.approx, row)) for row in expected]


def test_the_checks_are_those_that_were_recorded(charts: dict[str, Chart]) -> None:
    first = [row for row in charts["checks-by-run"].table.rows if row[1] == "run-000001"]

    assert first == [(name, "run-000001", 1) for name in CHECKS]
    assert charts["checks-passed"].figure.endswith("%")


def test_nothing_is_left_out_and_every_data_set_is_seen(charts: dict[str, Chart]) -> None:
    (deployed,) = properties("AWS::QuickSight::Dashboard")

    visuals = [
        b["VisualId"] for visual in deployed["Definition"]["Sheets"][0]["Visuals"] for b in visual.values()
    ]
    assert set(charts) == set(visuals) == {*EXPECTED, "checks-by-run", "checks-passed"}
    assert not [chart.words for chart in charts.values() if chart.words]
    data_sets = {name for chart in charts.values() for name in chart.data_sets}
    assert data_sets == {data_set["Name"] for data_set in properties("AWS::QuickSight::DataSet")}


def test_a_run_leaves_a_page_and_a_picture(charts: dict[str, Chart], first_run: Run) -> None:
    html = (first_run.output / "dashboard.html").read_text()

    assert f"The dashboard is {first_run.output}/dashboard.html" in first_run.printed
    assert (first_run.output / "dashboard.png").read_bytes().startswith(b"\x89PNG")
    assert re.findall(r'<section class="card" id="([^"]*)"', html) == list(charts)


def test_its_address_is_an_output_of_the_stack(account: Account) -> None:
    assert account.output("DashboardUrl").endswith("/sn/dashboards/csv-to-charts")
