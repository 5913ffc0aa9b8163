"""A run of 10,000 events: what it weighs, which is what makes it open at once."""

import os
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, served
from tests.browser.stub import Stub

EVENTS = 10_000
ELEMENTS = 400
BYTES = 30_000


def test_it_weighs_no_more_than_its_state_machine(visit: Open, capsys: pytest.CaptureFixture[str]) -> None:
    stub = Stub(EVENTS)
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": stub.endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with served(environment, "--stack", "long") as address:
        began = time.monotonic()
        page = visit(address, "#/runs/run-000001")
        expect(page.locator('.node[data-path="Done"]')).to_be_visible()
        seconds = time.monotonic() - began
        expect(page.locator(".run-facts")).to_contain_text("10,")
        weights = page.evaluate(
            "performance.getEntriesByType('resource').filter(r => r.name.includes('/api/')).map(r => r.decodedBodySize)"
        )
        assert page.locator("*").count() < ELEMENTS
        page.close()

    assert sum(weights) < BYTES
    assert stub.calls.count("GetExecutionHistory") == -(-len(stub._events) // 1000)
    with capsys.disabled():
        print(f"\n{len(stub._events):,} events were open after {seconds:.2f} s, {sum(weights):,} bytes")
