"""The commands of `python -m localcloud`: each takes its arguments and returns the exit code."""

import argparse
import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from console import serving as console
from console.serving import wait_for_interrupt
from functions.alert.failure import failure_of
from localcloud import aws, dashboard, deploy, faults, leash, report, run, scratch
from localcloud.account import Account, is_listening
from localcloud.sampledata import generate
from operate.cost import of_run
from operate.errors import OperateError, told_plainly
from operate.progress import follow
from operate.report import cost, heading
from operate.runs import Execution, newest_run, wait_for_run
from operate.stack import STACK_NAME, Stack
from operate.usage import Usage, usage_of


def run_pipeline(arguments: argparse.Namespace) -> int:
    """Upload files, follow the run that they start, and fetch what came of it."""
    began = time.monotonic()
    dashboard.prepare()
    _prepare(arguments)
    run.repair(arguments.output)
    stays = is_listening(arguments.port)
    with _input(arguments) as directory_when_ready, _account(arguments) as stack:
        heading(f"The account is up at {aws.endpoint()} ({time.monotonic() - began:.1f} s)")
        if arguments.console:
            _open_console(arguments)
        former = _upload(stack, directory_when_ready)
        dashboard.load()
        execution_arn = _started(stack, former)
        status = follow(aws.client("stepfunctions"), execution_arn, also=dashboard.Preparation())
        if status == "SUCCEEDED":
            _fetch_and_draw(execution_arn, stack, arguments.output)
            heading(f"Done in {time.monotonic() - began:.1f} s")
        else:
            run.save(execution_arn, stack["OutputBucketName"], arguments.output)
            report.failed(failure_of(aws.client("stepfunctions"), execution_arn), arguments.output)
        if arguments.console:
            heading("The account and its console stay up until Ctrl-C")
            wait_for_interrupt()
        else:
            report.browser(stays)
    return 0 if status == "SUCCEEDED" else 1


def _upload(stack: dict[str, str], directory_when_ready: Callable[[], Path]) -> Execution | None:
    """Upload the input files, and return the run that was the newest before."""
    former = newest_run(aws.client("stepfunctions"), stack["PipelineArn"])
    keys = run.upload(directory_when_ready(), stack["InputBucketName"])
    heading(f"Uploaded {len(keys)} files to s3://{stack['InputBucketName']}/read/")
    return former


def _started(stack: dict[str, str], former: Execution | None) -> str:
    """The ARN of the run that the uploaded files start."""
    started = wait_for_run(aws.client("stepfunctions"), stack["PipelineArn"], after=former)
    heading(f"Run {started['name']}")
    return str(started["executionArn"])


def show_console(arguments: argparse.Namespace) -> int:
    """Serve the console of the account that is up, or of one of our own."""
    _use(arguments.port)
    with _deployed(arguments.port):
        _open_console(arguments)
        wait_for_interrupt()
    return 0


def _fetch_and_draw(execution_arn: str, stack: dict[str, str], output: Path) -> None:
    """Draw the dashboard that the run has refreshed; then fetch what it has made and count what it used, while one core
    makes the dashboard's picture."""
    with ThreadPoolExecutor(max_workers=2) as beside:
        drawing = beside.submit(dashboard.draw, beside)
        wait([drawing])
        used = beside.submit(usage_of, aws.client, execution_arn)
        run.save(execution_arn, stack["OutputBucketName"], output)
        report.succeeded(execution_arn, stack, output)
        if drawn := drawing.result():
            run.put(drawn.write, output)
        report.dashboard(output, drawn=bool(drawn))
        _tell_cost(used)


def _tell_cost(used: Future[Usage]) -> None:
    """Say what the run would have cost; where a fault is in the way of that, the run has succeeded all the same."""
    try:
        with told_plainly():
            cost(of_run(used.result()))
    except OperateError as error:
        heading(f"What it would have cost on AWS is not known: {error}")


def stay_up(arguments: argparse.Namespace) -> int:
    """Keep an account up with the stack in it."""
    _prepare(arguments)
    with _account(arguments) as stack:
        report.account(stack)
        wait_for_interrupt()
    return 0


def tell_fault(arguments: argparse.Namespace) -> int:
    """Let something fail in the account that is up, or take the faults away, and say which there are."""
    _use(arguments.port)
    match " ".join(arguments.words):
        case "list":
            pass
        case "clear":
            faults.clear()
        case text:
            faults.add(text)
    report.faults(faults.active())
    return 0


def generate_sample(arguments: argparse.Namespace) -> int:
    """Write generated input files."""
    generate(arguments.directory, arguments.size, arguments.seed)
    print(f"Six CSV files of size {arguments.size:g} are in {arguments.directory}")
    return 0


def operate_on_account(arguments: argparse.Namespace) -> int:
    """One of the operator's commands, on the account that is up at the port."""
    _use(arguments.port)
    if not is_listening(arguments.port):
        raise OperateError(f"no account is up at port {arguments.port}; make up starts one")
    with told_plainly():
        return int(arguments.operation(Stack.find(aws.client, STACK_NAME), arguments))


@contextlib.contextmanager
def _input(arguments: argparse.Namespace) -> Iterator[Callable[[], Path]]:
    """How to get the directory of input files: the one that was named, or a temporary one whose files are being
    generated meanwhile, in a process of its own."""
    if arguments.input:
        if not arguments.input.is_dir():
            raise run.RunError(
                f"there is no directory {arguments.input}; name one that holds the input files"
            )
        yield lambda: arguments.input
        return
    with scratch.directory("localcloud-sample-") as name:
        options = [f"--size={arguments.size}", f"--seed={arguments.seed}", str(name)]
        generator = subprocess.Popen(
            [*leash.COMMAND, "localcloud", "sample", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

        def directory() -> Path:
            if generator.wait():
                raise run.RunError(
                    f"the sample data could not be generated into {name}; its message is above"
                )
            return name

        yield directory


@contextlib.contextmanager
def _account(arguments: argparse.Namespace) -> Iterator[dict[str, str]]:
    """The outputs of the stack in an account in which things fail as the command line says."""
    with _deployed(arguments.port) as stack:
        for text in arguments.fault:
            faults.add(text)
        yield stack
        if arguments.fault:
            report.faults(faults.active())


def _prepare(arguments: argparse.Namespace) -> None:
    """Refuse faults that cannot be had before anything is started."""
    _use(arguments.port)
    for text in arguments.fault:
        faults.read(text)


def _open_console(arguments: argparse.Namespace) -> None:
    with told_plainly():
        address = console.start(aws.client, STACK_NAME, arguments.console_port)
    heading(f"The console is at {address}; Ctrl-C ends it")


def _use(port: int) -> None:
    """Make the account at `port` the one that clients are of."""
    os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _deployed(port: int) -> Iterator[dict[str, str]]:
    """The outputs of the stack in the account that is up at `port`, or in one of our own."""
    if is_listening(port) and (stack := deploy.outputs()):
        yield stack
        return
    with scratch.directory("localcloud-") as directory, Account(port, directory):
        yield deploy.deploy()
