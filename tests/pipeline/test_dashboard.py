"""The dashboard that a run leaves: what is drawn is what the jobs found, visual by visual."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from charts import Chart, dashboard
from localcloud import aws
from localcloud.dashboard import published, rows
from tests.oracle import Row, read_results
from tests.pipeline.conftest import Account, Run
from tests.template import properties

CHECKS = sorted(query["Name"] for query in properties("AWS::Athena::NamedQuery"))
Results = dict[str, list[Row]]


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


def items(results: Results) -> list[Row]:
    return [(sum(quantity for _, _, quantity in results["product_daily_quantity"]),)]


def customers(results: Results) -> list[Row]:
    return [(len(results["customer_orders"]),)]


def large_orders_total(results: Results) -> list[Row]:
    return [(float(sum(total for _, _, total in results["large_orders"])),)]


def quantity_by_day(results: Results) -> list[Row]:
    return sorted(
        Counter(summed((day(date), qty) for _, date, qty in results["product_daily_quantity"])).items()
    )


def best_sellers(results: Results) -> list[Row]:
    best = sorted(results["top_products"], key=lambda row: (row[0], -row[4], row[3]))
    return [(name, days, quantity) for days, _, _, name, quantity in best]


def quantity_by_month(results: Results) -> list[Row]:
    daily = results["product_daily_quantity"]
    totals = summed((product, qty) for product, _, qty in daily)
    most = sorted(totals, key=lambda product: (-totals[product], product))[:12]
    monthly = summed(((product, day(date.replace(day=1))), qty) for product, date, qty in daily)
    return [(p, m, q) for p in most for (product, m), q in sorted(monthly.items()) if product == p]


def customers_by_orders(results: Results) -> list[Row]:
    return sorted(Counter(count for _, _, count in results["customer_orders"]).items())


def top_customers(results: Results) -> list[Row]:
    ordered = sorted(results["customer_orders"], key=lambda row: (-row[2], row[1]))
    return [(name, person, count) for person, name, count in ordered][:100]


def orders_by_lines(results: Results) -> list[Row]:
    return sorted(Counter(lines for _, lines in results["order_line_counts"]).items())


def large_orders_by_day(results: Results) -> list[Row]:
    daily = summed((day(date), total) for _, date, total in results["large_orders"])
    return [(date, float(total)) for date, total in sorted(daily.items())]


def day(date: Any) -> str:
    return f"{date.isoformat()}T00:00:00"


def summed(pairs: Any) -> dict[Any, Any]:
    totals: defaultdict[Any, int | Decimal] = defaultdict(int)
    for key, value in pairs:
        totals[key] += value
    return totals


EXPECTED: dict[str, Callable[[Results], list[Row]]] = {
    "items": items,
    "customers": customers,
    "large-orders-total": large_orders_total,
    "quantity-by-day": quantity_by_day,
    "best-sellers": best_sellers,
    "quantity-by-month": quantity_by_month,
    "customers-by-orders": customers_by_orders,
    "top-customers": top_customers,
    "orders-by-lines": orders_by_lines,
    "large-orders-by-day": large_orders_by_day,
}
"""What each visual must show, said in other words; the checks' two are below."""


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
