"""crawl: succeeds once a crawl that began after the execution did has succeeded."""

from typing import Any

from tests.statemachine.case import EXECUTION_ARN, SECOND, Call, Case, Step, text

GIVEN = {
    "crawler": "csv-to-charts-input",
    "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": EXECUTION_ARN,
}


def start(times: int = 1) -> list[Step]:
    return ["Begin", Call("StartCrawl", "aws-sdk:glue:startCrawler", {"Name": "csv-to-charts-input"}, times)]


def look(times: int = 1) -> list[Step]:
    see = Call("SeeCrawler", "aws-sdk:glue:getCrawler", {"Name": "csv-to-charts-input"}, times)
    return ["WaitForCrawl", "CountPoll", see, "IsCrawlDone"]


def succeeded(after_looks: int) -> dict[str, Any]:
    """The output: the last look shows our crawl."""
    return {
        "crawler": "csv-to-charts-input",
        "not_before": SECOND,
        "polls": after_looks,
        "seen": {
            "Crawler": {
                "Name": "csv-to-charts-input",
                "State": "READY",
                "LastCrawl": {
                    "Status": "SUCCEEDED",
                    "LogGroup": "/aws-glue/crawlers",
                    "LogStream": "csv-to-charts-input",
                    "MessagePrefix": "4c1e",
                    "StartTime": "2999-01-01T00:00:00.000Z",
                },
            }
        },
    }


CASES = [
    Case(
        "HappyPath",
        GIVEN,
        steps=[*start(), *look(), "CrawlSucceeded"],
        output=succeeded(after_looks=1),
        waits=[15],
    ),
    Case(
        "CrawlerBusyThenFree",
        GIVEN,
        steps=[*start(times=3), *look(), "CrawlSucceeded"],
        output=succeeded(after_looks=1),
        waits=[15, 15, 15],
    ),
    Case(
        "CrawlerBusyTooLong",
        GIVEN,
        steps=start(times=241),
        error="Glue.CrawlerRunningException",
        cause="Crawler csv-to-charts-input is already running",
        waits=[15] * 240,
    ),
    Case(
        "StartThrottled",
        GIVEN,
        steps=[*start(times=4), *look(), "CrawlSucceeded"],
        output=succeeded(after_looks=1),
        waits=[2.5, 5, 10, 15],
    ),
    Case(
        "StartThrottledTooLong",
        GIVEN,
        steps=start(times=7),
        error="Glue.ThrottlingException",
        cause="ThrottlingException: Rate exceeded",
        waits=[2.5, 5, 10, 20, 30, 30],
    ),
    Case(
        "CrawlerMissing",
        GIVEN,
        steps=start(),
        error="Glue.EntityNotFoundException",
        cause="Crawler csv-to-charts-input not found",
    ),
    Case(
        "LookThrottled",
        GIVEN,
        steps=[*start(), *look(times=4), "CrawlSucceeded"],
        output=succeeded(after_looks=1),
        waits=[2.5, 5, 10, 15],
    ),
    Case(
        "LookThrottledTooLong",
        GIVEN,
        steps=[*start(), *look(times=7)[:-1]],
        error="Glue.ThrottlingException",
        cause="ThrottlingException: Rate exceeded",
        waits=[2.5, 5, 10, 15, 20, 30, 30],
    ),
    Case(
        "CrawlFailed",
        GIVEN,
        steps=[*start(), *look(), "CrawlFailed"],
        error="CrawlFailed",
        cause="Crawler csv-to-charts-input did not succeed; its log is in CloudWatch Logs: "
        '{"Status":"FAILED","ErrorMessage":"Access Denied","LogGroup":"/aws-glue/crawlers",'
        '"LogStream":"csv-to-charts-input","MessagePrefix":"4c1e","StartTime":"2999-01-01T00:00:00.000Z"}',
        waits=[15],
    ),
    Case(
        "CrawlCancelled",
        GIVEN,
        steps=[*start(), *look(), "CrawlFailed"],
        error="CrawlFailed",
        cause="Crawler csv-to-charts-input did not succeed; its log is in CloudWatch Logs: "
        '{"Status":"CANCELLED","LogGroup":"/aws-glue/crawlers",'
        '"LogStream":"csv-to-charts-input","MessagePrefix":"4c1e","StartTime":"2999-01-01T00:00:00.000Z"}',
        waits=[15],
    ),
    Case(
        # Seen first: an earlier crawl that succeeded, one that failed, and ours while it runs.
        "EarlierCrawlsSeenFirst",
        GIVEN,
        steps=[*start(), *look() * 4, "CrawlSucceeded"],
        output=succeeded(after_looks=4),
        waits=[15] * 4,
    ),
    Case(
        # No crawl is told of, neither before it has begun nor while it runs.
        "FirstCrawlEver",
        GIVEN,
        steps=[*start(), *look() * 3, "CrawlSucceeded"],
        output=succeeded(after_looks=3),
        waits=[15] * 3,
    ),
    Case(
        # What is told of a crawl counts once the crawler is ready.
        "CrawlerStopsSlowly",
        GIVEN,
        steps=[*start(), *look() * 3, "CrawlSucceeded"],
        output=succeeded(after_looks=3),
        waits=[15] * 3,
    ),
    Case(
        "CrawlFailedAtTheLastLook",
        GIVEN,
        steps=[*start(), *look() * 240, "CrawlFailed"],
        error="CrawlFailed",
        cause="Crawler csv-to-charts-input did not succeed; its log is in CloudWatch Logs: "
        '{"Status":"FAILED","ErrorMessage":"Access Denied","LogGroup":"/aws-glue/crawlers",'
        '"LogStream":"csv-to-charts-input","MessagePrefix":"4c1e","StartTime":"2999-01-01T00:00:00.000Z"}',
        waits=[15] * 240,
    ),
    Case(
        "CrawlTookTooLong",
        GIVEN,
        steps=[*start(), *look() * 240, "CrawlTookTooLong"],
        error="CrawlTookTooLong",
        cause=text(
            "Crawler csv-to-charts-input showed no crawl begun since {moment} as ended after 240 looks, "
            "15 seconds apart; it is RUNNING.",
            moment=SECOND,
        ),
        waits=[15] * 240,
    ),
]
