"""What the commands print."""

import json
from pathlib import Path

import operate.report
from functions.alert.failure import Failure
from localcloud import aws
from localcloud.glue.crawl_log import warnings
from operate.report import WIDTH
from operate.stack import STACK_NAME


def succeeded(execution_arn: str, stack: dict[str, str], output: Path) -> None:
    """Rows of each result, checks, ingestions, and where to look."""
    described = aws.client("stepfunctions").describe_execution(executionArn=execution_arn)
    outcome = json.loads(described["output"])
    print("Results")
    for folder in sorted((output / "write").iterdir()):
        rows = sum(1 for path in folder.glob("*.json") for line in path.open() if line.strip())
        print(f"    {folder.name:<{WIDTH}} {rows:>8,} rows")
    print(f"Checks: {outcome['checks']['passed']} passed")
    if ingestions := outcome["spice"]["ingestions"]:
        print("SPICE data sets")
        for ingestion in ingestions:
            name = ingestion["data_set_id"].removeprefix(f"{STACK_NAME}-")
            print(
                f"    {name:<{WIDTH}} {ingestion['rows_ingested']:>8,} rows, {ingestion['rows_dropped']} dropped"
            )
    print(f"Look at {output}/write/, {output}/validations/ and {output}/execution.json")


def dashboard(output: Path, drawn: bool) -> None:
    """Where the charts are."""
    if drawn:
        print(f"The dashboard is {output}/dashboard.html, and a picture of it {output}/dashboard.png")
    else:
        print("No dashboard: QuickSight is off in this stack")


def failed(failure: Failure, output: Path) -> None:
    """The failed state, its cause, and where to look."""
    operate.report.failed(failure)
    print(f"The history is in {output}/execution.json; former results there are untouched")
    for warning in _crawl_warnings():
        print(f"The input crawler: {warning}")


def _crawl_warnings() -> list[str]:
    """What the input crawler made nothing of, or found odd, in its last crawl."""
    crawler = aws.client("glue").get_crawler(Name=f"{STACK_NAME}-input")["Crawler"]
    if "LastCrawl" not in crawler:
        return []
    return warnings(aws.client("logs"), crawler["Name"], crawler["LastCrawl"]["MessagePrefix"])


def account(stack: dict[str, str]) -> None:
    """How to use the account from another shell."""
    print(
        f"""The account is up. From another shell:

    export AWS_ENDPOINT_URL={aws.endpoint()}
    export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION={aws.REGION}
    aws s3 cp your-directory s3://{stack["InputBucketName"]}/read/ --recursive
    aws stepfunctions list-executions --state-machine-arn {stack["PipelineArn"]}

Ctrl-C ends it, and nothing of it is left.""",
        flush=True,
    )


def browser(stays: bool) -> None:
    """How to see runs in the browser: this one where the account stays up, otherwise the next."""
    print(
        f"See {'it' if stays else 'the next one'} in the browser: make {'console' if stays else 'run CONSOLE=1'}"
    )


def faults(active: dict[str, int]) -> None:
    """How often each fault has struck."""
    print("Faults" if active else "No faults", flush=True)
    for text, struck in active.items():
        print(f"    struck {struck:>3}  {text}", flush=True)
