"""Where a run can fail: each Task of each state machine, for each job, crawl, check and data set it works on."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.template import properties

STACK = "csv-to-charts"
RESULTS = sorted(
    job["Name"]["Fn::Sub"].removeprefix("${AWS::StackName}-") for job in properties("AWS::Glue::Job")
)
CHECKS = sorted(query["Name"] for query in properties("AWS::Athena::NamedQuery"))
CRAWLS = {"CrawlInput": f"{STACK}-input", "CrawlOutput": f"{STACK}-output"}
JOB_STATES = {
    "customer_orders": "CountCustomerOrders",
    "large_orders": "FindLargeOrders",
    "order_line_counts": "CountOrderLines",
    "product_daily_quantity": "SumDailyQuantity",
    "top_products": "RankTopProducts",
}


@dataclass(frozen=True)
class Case:
    """A fault, and where the run fails for it."""

    machine: str
    task: str
    """The Task state whose call or work fails."""
    subject: str
    """The job, crawler, check or data set."""
    fault: str
    """As localcloud is told; `{sql}` is that of the check that is the subject."""
    failed_at: str
    """The state the run fails in, and the child execution's behind it."""

    @property
    def name(self) -> str:
        kind = "throttled" if self.fault.startswith("throttle") else "fails"
        return f"{self.machine}.{self.task} {self.subject} {kind}"


def cases() -> list[Case]:
    """All of them, in the order of the pipeline's steps."""
    return [
        *_crawl_cases("CrawlInput"),
        *_job_cases(),
        *_crawl_cases("CrawlOutput"),
        *_check_cases(),
        *_data_set_cases(),
    ]


def _crawl_cases(step: str) -> Iterator[Case]:
    crawler = CRAWLS[step]
    start = "throttle states:StartExecution of {}"
    yield Case("pipeline", step, crawler, start.format(crawler), step)
    yield Case(
        "crawl", "StartCrawl", crawler, f"throttle glue:StartCrawler of {crawler}", f"{step} > StartCrawl"
    )
    yield Case(
        "crawl", "SeeCrawler", crawler, f"throttle glue:GetCrawler of {crawler}", f"{step} > SeeCrawler"
    )
    yield Case("crawl", "StartCrawl", crawler, f"fail crawl {crawler}", f"{step} > CrawlFailed")


def _job_cases() -> Iterator[Case]:
    for result, state in JOB_STATES.items():
        job = f"{STACK}-{result}"
        yield Case("pipeline", state, result, f"throttle glue:StartJobRun of {job}", state)
        yield Case("pipeline", state, result, f"fail job {job}", state)


def _check_cases() -> Iterator[Case]:
    step = "ValidateOutput"
    yield Case("pipeline", step, "all checks", f"throttle states:StartExecution of {STACK}-validate", step)
    for task, call in (("GetCheck", "athena:GetNamedQuery"), ("GetAnswer", "athena:GetQueryResults")):
        yield Case("validate", task, "all checks", f"throttle {call}", f"{step} > {task}")
    yield Case(
        "validate", "Record", "all checks", "throttle s3:PutObject of validations/", f"{step} > Record"
    )
    failed_at = f"{step} > ChecksFailed"
    yield Case("validate", "RunQuery", "all checks", "throttle athena:StartQueryExecution", failed_at)
    for check in CHECKS:
        yield Case("validate", "RunQuery", check, "fail query {sql}", failed_at)


def _data_set_cases() -> Iterator[Case]:
    step = "RefreshDataSet"
    for result in RESULTS:
        data_set = f"{STACK}-{result}"
        for task, fault, failed_at in (
            ("StartIngestion", f"throttle quicksight:CreateIngestion of {data_set}", "StartIngestion"),
            ("SeeIngestion", f"throttle quicksight:DescribeIngestion of {data_set}", "SeeIngestion"),
            ("StartIngestion", f"fail ingestion {data_set}", "IngestionFailed"),
        ):
            yield Case("refresh_spice", task, result, fault, f"{step} > {failed_at}")
        yield Case("pipeline", step, result, f"throttle states:StartExecution of {data_set}", step)
