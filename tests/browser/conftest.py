"""Chromium, the console of an account, and pages that may ask nobody else."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import PROJECT
from tests.pipeline.conftest import Account, account_up, sample

__all__ = ["sample"]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")

MOST_MS = 60_000
"""How long a page may take to show something on a machine that is busy."""
expect.set_options(timeout=MOST_MS)

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ended with the module's tests: playwright's event loop would be in the way of those that have their own."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium; apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@contextmanager
def served(environment: dict[str, str], *options: str) -> Iterator[str]:
    """The address of a console that is served meanwhile."""
    command = [sys.executable, "-m", "console", "--port", "0", *options]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
    ) as console:
        try:
            assert console.stdout
            said = console.stdout.readline()
            assert said.startswith("The console is at "), said
            yield said.removeprefix("The console is at ").split(";")[0]
        finally:
            console.kill()


@pytest.fixture(scope="module")
def account(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account whose runs no other test starts; there is none without a browser to look at it."""
    with account_up(tmp_path_factory.mktemp("account") / "log") as account:
        yield account


@pytest.fixture(scope="module")
def console(browser: Browser, account: Account) -> Iterator[str]:
    with served(account.environment) as address:
        yield address


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Opens a page of a console. It must ask that console alone, and must not fail in its scripts."""
    asked: set[str] = set()
    failures: list[str] = []
    contexts = []

    def visit(address: str, path: str = "", width: int = 1280, scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 860},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(MOST_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.add("/".join(request.url.split("/")[:3])))
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda said: failures.append(said.text) if said.type == "error" else None)
        page.goto(f"{address}/{path}")
        allowed.add(address)
        return page

    allowed: set[str] = set()
    yield visit
    for context in contexts:
        context.close()
    assert asked == allowed
    assert failures == []


@pytest.fixture(scope="session")
def images(pytestconfig: pytest.Config) -> Path | None:
    """Where pictures of the pages go that the README shows, if anywhere."""
    return Path(found) if (found := pytestconfig.getoption("--images")) else None
