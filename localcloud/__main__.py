"""The commands: `python -m localcloud run`, `up` and `sample`, and the operator's."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from functions.alert.failure import failure_of
from localcloud import aws, deploy, report, run
from localcloud.account import Account, PortInUseError, is_listening
from localcloud.sampledata import generate
from operate.commands import add_commands
from operate.errors import OperateError, told_plainly
from operate.following import follow
from operate.report import heading, state
from operate.runs import newest_run, wait_for_run
from operate.stack import STACK_NAME, Stack


def main() -> int:
    """Do what the command line says; 0 when all went well, 1 with a sentence that says why not otherwise."""
    arguments = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        return int(arguments.command(arguments))
    except (PortInUseError, deploy.DeployError, run.RunError, OperateError) as error:
        print(f"localcloud: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("localcloud: interrupted", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="localcloud", description="The pipeline's AWS account on your machine."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    runs = commands.add_parser("run", help="upload CSV files and follow the run they start to its end")
    runs.add_argument("--input", type=Path, metavar="DIR", help="the CSV files; generated ones without it")
    runs.add_argument(
        "--output", type=Path, default=Path("output"), metavar="DIR", help="where results go (output)"
    )
    runs.set_defaults(command=_run)

    up = commands.add_parser("up", help="deploy, and keep the account up until Ctrl-C")
    up.set_defaults(command=_up)

    operations = add_commands(commands)
    for command in operations:
        command.set_defaults(command=_operate)

    for command in (runs, up, *operations):
        command.add_argument("--port", type=int, default=4566, help="of the endpoint, on 127.0.0.1 (4566)")

    sample = commands.add_parser("sample", help="generate the six CSV files")
    sample.add_argument("directory", type=Path, metavar="DIR")
    sample.set_defaults(command=_sample)

    for command in (runs, sample):
        command.add_argument(
            "--size", type=float, default=1, help="of generated files; 1 is AdventureWorks' (1)"
        )
        command.add_argument("--seed", type=int, default=2011, help="of generated files (2011)")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    with _input(arguments) as directory_when_ready, _account(arguments.port) as stack:
        stepfunctions = aws.client("stepfunctions")
        heading(f"The account is up at {aws.endpoint()} ({time.monotonic() - began:.1f} s)")
        former = newest_run(stepfunctions, stack["PipelineArn"])
        keys = run.upload(directory_when_ready(), stack["InputBucketName"])
        heading(f"Uploaded {len(keys)} files to s3://{stack['InputBucketName']}/read/")
        started = wait_for_run(stepfunctions, stack["PipelineArn"], after=former)
        heading(f"Run {started['name']}")
        execution_arn = started["executionArn"]
        status = follow(stepfunctions, execution_arn, state)
        run.save(execution_arn, stack["OutputBucketName"], arguments.output)
        if status != "SUCCEEDED":
            report.failed(failure_of(stepfunctions, execution_arn), arguments.output)
            return 1
        report.succeeded(execution_arn, stack, arguments.output)
        heading(f"Done in {time.monotonic() - began:.1f} s")
    return 0


def _operate(arguments: argparse.Namespace) -> int:
    """One of the operator's commands, on the account that is up at the port."""
    _use(arguments.port)
    if not is_listening(arguments.port):
        raise OperateError(f"no account is up at port {arguments.port}; make up starts one")
    with told_plainly():
        return int(arguments.operation(Stack.find(aws.client, STACK_NAME), arguments))


def _up(arguments: argparse.Namespace) -> int:
    with _account(arguments.port) as stack:
        report.account(stack)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


def _sample(arguments: argparse.Namespace) -> int:
    generate(arguments.directory, arguments.size, arguments.seed)
    print(f"Six CSV files of size {arguments.size:g} are in {arguments.directory}")
    return 0


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
    with tempfile.TemporaryDirectory(prefix="localcloud-sample-") as name:
        options = [f"--size={arguments.size}", f"--seed={arguments.seed}", name]
        generator = subprocess.Popen(
            [sys.executable, "-m", "localcloud", "sample", *options], stdout=subprocess.DEVNULL
        )

        def directory() -> Path:
            if generator.wait():
                raise run.RunError(
                    f"the sample data could not be generated into {name}; its message is above"
                )
            return Path(name)

        yield directory


def _use(port: int) -> None:
    """Make the account at `port` the one that all clients are of."""
    os.environ |= {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}


@contextlib.contextmanager
def _account(port: int) -> Iterator[dict[str, str]]:
    """The outputs of the stack in the account that is up at `port`, or in one of our own."""
    _use(port)
    if is_listening(port) and (stack := deploy.outputs()):
        yield stack
        return
    with (
        tempfile.TemporaryDirectory(prefix="localcloud-", ignore_cleanup_errors=True) as directory,
        Account(port, Path(directory)),
    ):
        yield deploy.deploy()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # The account's threads are still serving; Python's own way out would wait for them and then report on them.
    os._exit(status)
