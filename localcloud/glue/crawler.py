"""Glue's crawlers: StartCrawler, StopCrawler and ListCrawls, and the crawl itself.

The other operations on crawlers stay MiniStack's, which keeps the records that these here bring up to date.
"""

import contextvars
import threading
import time
import uuid

from botocore.exceptions import ClientError
from ministack.services import glue as ministack_glue

from localcloud import aws, faults, iam
from localcloud.glue import crawl_history
from localcloud.glue.crawl import Crawl, CrawlStoppedError
from localcloud.glue.crawl_log import LOG_GROUP, CrawlLog
from localcloud.glue.crawl_settings import CrawlError, CrawlSettings
from localcloud.service import JSON, Operation, ServiceError

_lock = threading.Lock()
_last_start = 0.0


def crawler_operations() -> dict[str, Operation]:
    """The operations by their API names."""
    return {"StartCrawler": start_crawler, "StopCrawler": stop_crawler, "ListCrawls": list_crawls}


def start_crawler(request: JSON) -> JSON:
    """Start a crawl and return at once; GetCrawler tells how it goes.

    Raises EntityNotFoundException and CrawlerRunningException.
    """
    with _lock:
        crawler = _crawler(request["Name"])
        if crawler["State"] != "READY":
            message = f"Crawler with name {crawler['Name']} has already started"
            raise ServiceError("CrawlerRunningException", message)
        crawler.update(State="RUNNING", CrawlElapsedTime=0)
        crawl = crawl_history.begin(crawler, str(uuid.uuid4()), _start_time())
    run = contextvars.copy_context().run
    threading.Thread(
        target=run, args=(_run, crawler, crawl), name=f"crawl {crawler['Name']}", daemon=True
    ).start()
    return {}


def stop_crawler(request: JSON) -> JSON:
    """Stop a crawl before its next object; nothing of it is written.

    Raises EntityNotFoundException, CrawlerNotRunningException and CrawlerStoppingException.
    """
    with _lock:
        crawler = _crawler(request["Name"])
        name = crawler["Name"]
        if crawler["State"] == "STOPPING":
            raise ServiceError("CrawlerStoppingException", f"Crawler with name {name} is already stopping")
        if crawler["State"] != "RUNNING":
            raise ServiceError("CrawlerNotRunningException", f"Crawler with name {name} is not running")
        crawler["State"] = "STOPPING"
    return {}


def list_crawls(request: JSON) -> JSON:
    """The crawls of a crawler, newest first. Raises EntityNotFoundException."""
    return crawl_history.page(_crawler(request["CrawlerName"]), request)


def _crawler(name: str) -> JSON:
    crawler: JSON | None = ministack_glue._crawlers.get(name)
    if crawler is None:
        raise ServiceError("EntityNotFoundException", f"Crawler with name {name} does not exist")
    return crawler


def _start_time() -> float:
    """Now, in milliseconds as Glue has it, and never the same twice: crawls are told apart by it."""
    global _last_start
    _last_start = max(round(time.time(), 3), round(_last_start + 0.001, 3))
    return _last_start


def _run(crawler: JSON, crawl: JSON) -> None:
    """One crawl from RUNNING to READY, whatever happens in it."""
    crawl_id, start = crawl["CrawlId"], crawl["StartTime"]
    outcome = {"Status": "FAILED", "ErrorMessage": "The crawl could not write its log."}
    try:
        with iam.acting_as(crawler["Role"], "crawler"):
            log = CrawlLog(aws.client("logs"), crawler["Name"], crawl_id)
            log.benchmark(f"Running Start Crawl for Crawler {crawler['Name']}")
            found = _outcome(crawler, log)
            log.benchmark(f"Crawler has finished running and is in state READY ({found['Status']})")
            log.flush()
        outcome = found
    except iam.AccessDeniedError as error:
        outcome["ErrorMessage"] = str(error)
    except ClientError as error:
        outcome["ErrorMessage"] = f"The crawl could not write its log: {error}"
    finally:
        crawler["LastCrawl"] = {
            **outcome,
            "LogGroup": LOG_GROUP,
            "LogStream": crawler["Name"],
            "MessagePrefix": crawl_id,
            "StartTime": start,
        }
        crawl_history.end(crawl, crawler["LastCrawl"], time.time())
        crawler["CrawlElapsedTime"] = max(int((time.time() - start) * 1000), 1)
        crawler["State"] = "READY"  # last: whoever sees it may read the rest


def _outcome(crawler: JSON, log: CrawlLog) -> dict[str, str]:
    """Crawl, and say how it went: LastCrawl's Status, and ErrorMessage where it failed."""
    try:
        faults.on_work("crawl", crawler["Name"])
        Crawl(CrawlSettings.of(crawler), log, is_stopped=lambda: crawler["State"] == "STOPPING").run()
    except CrawlStoppedError:
        log.info("Crawl cancelled by StopCrawler")
        return {"Status": "CANCELLED"}
    except Exception as error:
        known = isinstance(error, CrawlError | ClientError)
        message = str(error) if known else f"{type(error).__name__}: {error}"
        log.error(message)
        return {"Status": "FAILED", "ErrorMessage": message}
    return {"Status": "SUCCEEDED"}
