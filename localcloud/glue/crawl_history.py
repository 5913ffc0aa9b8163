"""The crawls of each crawler, as ListCrawls tells of them ("ListCrawls", AWS Glue Web API Reference)."""

from localcloud.service import JSON, ServiceError

DPUS = 2
"""Of a crawl; Glue does not publish what one takes, and its pricing page reckons with two."""
STATES = {"SUCCEEDED": "COMPLETED", "FAILED": "FAILED", "CANCELLED": "STOPPED"}
"""What ListCrawls calls each LastCrawl.Status."""

_crawls: dict[str, tuple[JSON, list[JSON]]] = {}
"""By the crawler's name, with the crawler itself: one that is made anew has no history."""


def begin(crawler: JSON, crawl_id: str, start: float) -> JSON:
    """Keep the record of a crawl that begins, and return it."""
    crawl = {"CrawlId": crawl_id, "MessagePrefix": crawl_id, "State": "RUNNING", "StartTime": start}
    _of(crawler).insert(0, crawl)
    return crawl


def end(crawl: JSON, last_crawl: JSON, moment: float) -> None:
    """The crawl has ended as the crawler's LastCrawl says."""
    crawl.update({name: told for name, told in last_crawl.items() if name != "Status"})
    hours = (moment - crawl["StartTime"]) / 3600
    crawl.update(State=STATES[last_crawl["Status"]], EndTime=moment, DPUHour=DPUS * hours)


def page(crawler: JSON, request: JSON) -> JSON:
    """The answer of ListCrawls, newest first. Raises InvalidInputException for filters."""
    if request.get("Filters"):
        raise ServiceError(
            "InvalidInputException", "localcloud lists the crawls of a crawler without Filters"
        )
    crawls = _of(crawler)
    first, size = int(request.get("NextToken") or 0), int(request.get("MaxResults") or 20)
    more = {"NextToken": str(first + size)} if first + size < len(crawls) else {}
    return {"Crawls": crawls[first : first + size], **more}


def _of(crawler: JSON) -> list[JSON]:
    known, crawls = _crawls.get(crawler["Name"], (None, []))
    if known is not crawler:
        crawls = []
        _crawls[crawler["Name"]] = crawler, crawls
    return crawls
