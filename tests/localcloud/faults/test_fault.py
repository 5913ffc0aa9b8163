"""How faults are written, and which of the calls or pieces of work they concern they strike."""

import pytest

from localcloud.faults.fault import FORMS, ActionFault, FaultError, WorkFault, parse


def test_an_action() -> None:
    fault = parse("fail s3:PutObject with AccessDenied of validations/run 1 times 2")

    assert isinstance(fault, ActionFault)
    assert (fault.service, fault.operation, fault.code) == ("s3", "PutObject", "AccessDenied")
    assert fault.of == "validations/run 1"


@pytest.mark.parametrize(
    ("text", "kind", "name", "seconds"),
    [
        ("fail crawl csv-to-charts-input", "crawl", "csv-to-charts-input", 0),
        ("  fail job large_orders ", "job", "large_orders", 0),
        ("fail query count(*) as n times 1", "query", "count(*) as n", 0),
        ("fail ingestion top_products", "ingestion", "top_products", 0),
        ("slow job large_orders by 20 seconds", "job", "large_orders", 20),
    ],
)
def test_work(text: str, kind: str, name: str, seconds: int) -> None:
    fault = parse(text)

    assert isinstance(fault, WorkFault)
    assert (fault.kind, fault.name, fault.seconds) == (kind, name, seconds)


@pytest.mark.parametrize(
    ("ending", "strikes"),
    [
        ("", [True, True, True, True]),
        (" times 2", [True, True, False, False]),
        (" call 3", [False, False, True, False]),
    ],
)
@pytest.mark.parametrize("text", ["throttle glue:StartJobRun of job", "fail job large_orders"])
def test_which_ones_it_strikes(text: str, ending: str, strikes: list[bool]) -> None:
    fault = parse(text + ending)

    assert [fault.strikes() for _ in range(4)] == strikes
    assert fault.struck == sum(strikes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "job large_orders fails",
        "fail job",
        "fail job large_orders please",
        "fail job large_orders times 0",
        "fail s3:PutObject",
        "throttle StartJobRun",
        "slow crawl input by 2 seconds",
        "throttle glue:StartJobRun times two",
    ],
)
def test_what_is_no_fault_shows_how_one_is_written(text: str) -> None:
    with pytest.raises(FaultError) as caught:
        parse(text)

    assert str(caught.value) == f'"{text}" is no fault; write one as {"; ".join(FORMS)}'
