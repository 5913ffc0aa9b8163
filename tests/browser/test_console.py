"""A run in the browser, as people see it: one that fails, is redriven, and succeeds."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCHEMES, WIDTHS, Open
from tests.conftest import PROJECT
from tests.localcloud.waiting import until
from tests.oracle import read_results
from tests.pipeline.conftest import Account
from tests.pipeline.visuals import EXPECTED, Results

FAULT = "fail job csv-to-charts-large_orders"
SECONDS = 1000
BARS = ("best-sellers", "customers-by-orders", "orders-by-lines", "large-orders-by-day")
"""The visuals that draw a bar for each row; with the quantity by day, a line, one for each question."""
AT_WORK = 300 * SECONDS
"""How long a run may take on a machine that is busy."""


def fault(account: Account, words: str) -> None:
    command = [sys.executable, "-m", "localcloud", "fault", *words.split(), "--port", str(account.port)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)


def upload(account: Account, directory: Path) -> None:
    for path in directory.iterdir():
        account.client("s3").upload_file(str(path), account.output("InputBucketName"), f"read/{path.name}")


def state(page: Page, name: str) -> Any:
    """The button of a state in the graph."""
    return page.locator(f'.node[data-path="{name}"]')


def picture(page: Page, images: Path | None, name: str, full_page: bool = False) -> None:
    """What the window or the whole page shows, where pictures are wanted: pytest tests/browser --images docs/images."""
    if images:
        page.screenshot(path=images / name, full_page=full_page)


@pytest.fixture(scope="module")
def done_run(account: Account, sample: Path) -> str:
    """The name of a run that has succeeded."""

    def succeeded() -> str | None:
        return next((run["name"] for run in account.executions() if run["status"] == "SUCCEEDED"), None)

    if not succeeded():
        upload(account, sample)
    return str(until(succeeded, AT_WORK / SECONDS, every=0.5))


def test_a_run_fails_is_understood_and_is_redriven(
    visit: Open, console: str, account: Account, sample: Path, images: Path | None
) -> None:
    page = visit(console)
    fault(account, FAULT)
    name = f"run-{len(account.executions()) + 1:06d}"
    upload(account, sample)
    page.get_by_role("link", name=name).click(timeout=AT_WORK)

    expect(state(page, "CrawlInput")).to_have_class("node opens succeeded", timeout=AT_WORK)
    expect(state(page, "FindLargeOrders")).to_have_class("node failed", timeout=AT_WORK)
    expect(page.locator(".run-head .chip")).to_have_text("Failed", timeout=AT_WORK)
    expect(state(page, "CrawlOutput")).to_have_class("node opens not-begun")
    state(page, "FindLargeOrders").click()
    expect(page.locator(".error-box")).to_contain_text(f"{FAULT} (an injected fault")
    expect(page.locator(".facts")).to_contain_text("csv-to-charts-large_orders")
    picture(page, images, "run.png", full_page=True)

    fault(account, "clear")
    page.get_by_role("button", name="Redrive").click()
    page.get_by_role("dialog").get_by_role("button", name="Redrive").click()
    expect(page.locator(".run-head .chip")).to_have_text("Running")
    expect(page.locator(".run-head .chip")).to_have_text("Succeeded", timeout=AT_WORK)
    expect(page.locator("#news")).to_have_text("The run is succeeded")
    for name in ("CrawlInput", "FindLargeOrders", "CountOrderLines", "ValidateOutput", "RefreshSpice"):
        assert "succeeded" in (state(page, name).get_attribute("class") or "")
    expect(page.get_by_text("redriven once")).to_be_visible()
    expect(page.get_by_role("button", name="Redrive")).to_have_count(0)


def test_child_executions_and_items_open_in_place(visit: Open, console: str, done_run: str) -> None:
    page = visit(console, f"#/runs/{done_run}")
    page.get_by_role("button", name="Child execution of ValidateOutput").click()
    query = page.locator('.node[data-path$="RunQuery"]')
    page.get_by_role("button", name="Item 3: succeeded").first.click()
    query.click()

    expect(page.locator(".detail")).to_contain_text("Athena query")
    expect(page.get_by_label("SQL of the query")).to_contain_text("select")
    expect(page.locator('.node[data-path$="NoteError"]')).to_have_class("node skipped")
    page.get_by_role("button", name="Child execution of ValidateOutput").click()
    expect(query).to_have_count(0)


def test_all_of_it_can_be_done_by_keyboard(visit: Open, console: str, done_run: str) -> None:
    page = visit(console, f"#/runs/{done_run}")
    expect(state(page, "CrawlInput")).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.path") == "CrawlInput":
            break
    page.keyboard.press("ArrowDown")
    expect(state(page, "RunSparkJobs")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".detail h2")).to_be_focused()
    expect(page.locator(".detail h2")).to_have_text("RunSparkJobs")
    page.keyboard.press("Escape")
    expect(state(page, "RunSparkJobs")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator('.node[data-path$="StartCrawl"]')).to_be_visible()


@pytest.fixture(scope="module")
def results(account: Account, done_run: str, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The results of the jobs, from their files."""
    directory = tmp_path_factory.mktemp("results")
    for key in account.keys("OutputBucketName", "write/"):
        file = directory / key
        file.parent.mkdir(parents=True, exist_ok=True)
        account.client("s3").download_file(account.output("OutputBucketName"), key, str(file))
    return read_results(directory / "write")


def measures(page: Page, visual: str) -> list[float]:
    """The last column of the numbers beside a chart."""
    texts = page.locator(f"#{visual} tbody td:last-child").all_text_contents()
    return [float(text.replace(",", "").removeprefix("$")) for text in texts]


def test_the_charts_show_the_numbers_of_the_jobs(
    visit: Open, console: str, results: Results, images: Path | None
) -> None:
    page = visit(console, "#/results")
    expect(page.locator(".chart").first).to_be_visible()
    expect(page.locator(".chart .drawing svg")).to_have_count(page.locator(".drawing").count())
    picture(page, images, "results.png")

    for visual in BARS:
        expected = [row[-1] for row in EXPECTED[visual](results)]
        assert measures(page, visual) == pytest.approx(expected, abs=0.5), visual
        assert page.locator(f"#{visual} .mark-rect.role-mark path").count() == len(expected), visual
    by_day = [row[-1] for row in EXPECTED["quantity-by-day"](results)]
    assert measures(page, "quantity-by-day") == by_day
    (line,) = page.locator("#quantity-by-day .mark-line path").all()
    assert (line.get_attribute("d") or "").count("L") == len(by_day) - 1
    for visual in ("items", "customers"):
        expect(page.locator(f"#{visual} .figure")).to_have_text(f"{EXPECTED[visual](results)[0][0]:,}")


def test_the_checks_and_the_catalog_are_shown(visit: Open, console: str, done_run: str) -> None:
    checks = visit(console, "#/checks")
    expect(checks.get_by_role("heading", name=f"{done_run}: 16 passed")).to_be_visible()
    catalog = visit(console, "#/catalog")
    catalog.locator("summary", has_text="top_products").click()
    expect(catalog.get_by_role("rowheader", name="days_to_manufacture")).to_be_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["#/runs", "", "#/results", "#/checks", "#/catalog"])
def test_nobody_is_shut_out(
    visit: Open, console: str, done_run: str, path: str, width: int, scheme: str
) -> None:
    page = visit(console, path or f"#/runs/{done_run}", width, scheme)
    page.locator("h1").wait_for()
    page.locator("table, .node, svg").first.wait_for(state="attached")
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    if not path:
        state(page, "FindLargeOrders").click()
        page.locator(".detail h2").wait_for()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0, f"the page is {overflow} pixels wider than the window"


def test_another_origin_can_neither_look_nor_redrive(console: str) -> None:
    for command in (
        ["-H", "Host: evil.example", f"{console}/api/runs"],
        ["-X", "POST", "-H", "Origin: http://evil.example", f"{console}/api/redrive?run=run-000001"],
        ["-X", "POST", f"{console}/api/redrive?run=run-000001"],
    ):
        done = subprocess.run(
            ["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", *command],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout in ("400", "409")
