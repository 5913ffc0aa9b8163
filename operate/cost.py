"""What a run costs on AWS, and a month of such runs, from what it used.

Seconds are taken as they were. On localcloud they are this machine's, and the least that is billed mostly decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from operate import prices
from operate.usage import JobRun, Usage

ALARMS = 4
"""Of the stack."""
BASIS = """Billed at least: a job a minute, a crawl ten, a query 10 MB. Jobs and crawls are taken at the seconds they
took, and state transitions with what was polled meanwhile; on localcloud that is this machine's time, not AWS's.
What is free each month is not taken off. Left out: requests to Lambda, SQS, SNS and S3 (each under a tenth of a
cent a run), storage, logs and QuickSight's users."""


@dataclass(frozen=True)
class Item:
    """A line of a bill: what was counted, the price of one, and the dollars that makes."""

    name: str
    counted: str
    price: str
    dollars: float


def of_run(usage: Usage) -> list[Item]:
    """What the run itself costs."""
    return [
        _transitions(usage.transitions),
        *_jobs(usage.job_runs),
        _crawls(usage.crawls),
        _queries(usage.queries),
    ]


def of_month(usage: Usage, runs: int) -> list[Item]:
    """What a month with so many such runs costs."""
    run = total(of_run(usage))
    gigabytes = sum(usage.spice.values()) / 2**30
    return [
        Item("Runs", f"{runs:,}", f"${run:.4f} each", runs * run),
        Item(
            "SPICE",
            f"{gigabytes * 1024:,.1f} MB",
            f"${prices.SPICE_GB_MONTH:.2f} per GB-month",
            gigabytes * prices.SPICE_GB_MONTH,
        ),
        Item("Alarms", f"{ALARMS}", f"${prices.ALARM_MONTH:.2f} each", ALARMS * prices.ALARM_MONTH),
    ]


def total(items: Iterable[Item]) -> float:
    """The dollars of all items."""
    return sum(item.dollars for item in items)


def _transitions(count: int) -> Item:
    price = f"${prices.TRANSITION * 1000:.3f} per 1,000"
    return Item("State transitions", f"{count:,}", price, count * prices.TRANSITION)


def _jobs(job_runs: list[JobRun]) -> Iterator[Item]:
    """An item for each price: runs may be of jobs that were changed between them."""
    hours = defaultdict(list)
    for run in job_runs:
        billed = max(run.dpu_seconds, run.dpus * prices.JOB_LEAST_SECONDS)
        hours[prices.job_dpu_hour(run.glue_version, run.execution_class)].append(billed / 3600)
    for price, billed_hours in hours.items():
        yield _dpu_hours("Spark jobs", "run", billed_hours, price)


def _crawls(dpu_hours: list[float]) -> Item:
    least = prices.CRAWLER_DPUS * prices.CRAWL_LEAST_SECONDS / 3600
    return _dpu_hours("Crawls", "crawl", [max(used, least) for used in dpu_hours], prices.CRAWLER_DPU_HOUR)


def _dpu_hours(name: str, what: str, hours: list[float], price: float) -> Item:
    counted = f"{_plural(len(hours), what)}, {sum(hours):.3f} DPU-hours"
    return Item(name, counted, f"${price:g} per DPU-hour", sum(hours) * price)


def _queries(scanned: list[int]) -> Item:
    billed = sum(max(bytes_, prices.QUERY_LEAST_BYTES) for bytes_ in scanned)
    counted = f"{_plural(len(scanned), 'query', 'queries')}, {billed / 2**20:,.0f} MB"
    return Item("Athena", counted, f"${prices.SCANNED_TB:g} per TB", billed / 2**40 * prices.SCANNED_TB)


def _plural(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"
