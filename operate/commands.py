"""The commands runs, redrive, replay and cost, as subcommands of `python -m operate` and of `python -m localcloud`."""

import argparse
import itertools
from typing import Any

from functions.alert.failure import events_of, failure_of
from operate import cost, replay, report
from operate.errors import OperateError
from operate.progress import follow
from operate.redrive import run_to_redrive
from operate.runs import FAILED, newest_run, run_that_ended, runs_of, wait_for_run
from operate.stack import Stack
from operate.usage import usage_of


def add_commands(commands: Any) -> list[argparse.ArgumentParser]:
    """Add the subcommands; what each does is its `operation`, from a Stack and the arguments to the exit code."""
    runs = commands.add_parser("runs", help="list the runs, newest first")
    runs.add_argument("--limit", type=_count, default=20, metavar="N", help="how many at the most (20)")
    runs.set_defaults(operation=_runs)

    redrive = commands.add_parser("redrive", help="go on with a run from the step that failed")
    redrive.add_argument(
        "run", nargs="?", metavar="RUN", help="such as run-000042; the last failed one without it"
    )
    redrive.set_defaults(operation=_redrive)

    again = commands.add_parser("replay", help="start a run for the objects that are in the bucket")
    again.set_defaults(operation=_replay)

    price = commands.add_parser("cost", help="what a run costs on AWS, and a month of such runs")
    price.add_argument("run", nargs="?", metavar="RUN", help="such as run-000042; the last one without it")
    price.add_argument("--runs-per-month", type=_count, default=30, metavar="N", help="of the month (30)")
    price.set_defaults(operation=_cost)
    return [runs, redrive, again, price]


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number above zero")
    return int(text)


def _runs(stack: Stack, arguments: argparse.Namespace) -> int:
    stepfunctions = stack.client("stepfunctions")
    listed = list(itertools.islice(runs_of(stepfunctions, stack.pipeline_arn), arguments.limit))
    if not listed:
        raise OperateError(
            f"there is no run yet; upload CSV files to s3://{stack.input_bucket}/{replay.PREFIX}"
        )
    report.runs(
        [
            (run, failure_of(stepfunctions, run["executionArn"]) if run["status"] in FAILED else None)
            for run in listed
        ]
    )
    return 0


def _redrive(stack: Stack, arguments: argparse.Namespace) -> int:
    stepfunctions = stack.client("stepfunctions")
    run = run_to_redrive(stepfunctions, stack.pipeline_arn, arguments.run)
    known = len(events_of(stepfunctions, run["executionArn"]))
    stepfunctions.redrive_execution(executionArn=run["executionArn"])
    report.heading(f"Redriven: {run['name']}")
    return _follow(stepfunctions, run["executionArn"], known)


def _replay(stack: Stack, arguments: argparse.Namespace) -> int:
    stepfunctions = stack.client("stepfunctions")
    objects = replay.objects_of(stack.client("s3"), stack.input_bucket)
    newest = newest_run(stepfunctions, stack.pipeline_arn)
    replay.send(stack.client("sqs"), stack.queue_url, stack.input_bucket, objects)
    report.heading(f"Told the queue of {len(objects)} objects in s3://{stack.input_bucket}/{replay.PREFIX}")
    if newest and newest["status"] == "RUNNING":
        report.heading(f"{newest['name']} is going; theirs starts when it has ended")
    run = wait_for_run(stepfunctions, stack.pipeline_arn, after=newest)
    report.heading(f"Run {run['name']}")
    return _follow(stepfunctions, run["executionArn"])


def _cost(stack: Stack, arguments: argparse.Namespace) -> int:
    run = run_that_ended(stack.client("stepfunctions"), stack.pipeline_arn, arguments.run)
    usage = usage_of(stack.client, run["executionArn"])
    report.bill(f"{run['name']} on AWS, at the list prices of us-east-1", cost.of_run(usage))
    runs = arguments.runs_per_month
    report.bill(f"A month of {runs:,} such run{'s' if runs > 1 else ''}", cost.of_month(usage, runs))
    report.heading(cost.BASIS)
    return 0


def _follow(stepfunctions: Any, execution_arn: str, after: int = 0) -> int:
    status = follow(stepfunctions, execution_arn, after)
    if status != "SUCCEEDED":
        report.failed(failure_of(stepfunctions, execution_arn))
        return 1
    report.heading(f"{execution_arn.rpartition(':')[2]} has succeeded")
    return 0
