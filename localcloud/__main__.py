"""The commands: `python -m localcloud run`, `up` and `sample`."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from localcloud import aws, deploy, leash, report, run, scratch
from localcloud.account import Account, PortInUseError, is_listening
from localcloud.history import failure_of
from localcloud.sampledata import generate


def main() -> int:
    """Do what the command line says; 0 when all went well, 1 with a sentence that says why not otherwise."""
    arguments = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        return int(arguments.command(arguments))
    except (PortInUseError, deploy.DeployError, run.RunError) as error:
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

    for command in (runs, up):
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
    run.repair(arguments.output)
    with _input(arguments) as directory_when_ready, _account(arguments.port) as stack:
        report.heading(f"The account is up at {aws.endpoint()} ({time.monotonic() - began:.1f} s)")
        former = run.newest_run(stack["PipelineArn"])
        keys = run.upload(directory_when_ready(), stack["InputBucketName"])
        report.heading(f"Uploaded {len(keys)} files to s3://{stack['InputBucketName']}/read/")
        execution_arn = run.wait_for_run(stack["PipelineArn"], after=former)
        report.heading(f"Run {execution_arn.rsplit(':', 1)[1]}")
        status = run.follow(execution_arn, report.state)
        run.save(execution_arn, stack["OutputBucketName"], arguments.output)
        if status != "SUCCEEDED":
            report.failed(failure_of(execution_arn), arguments.output)
            return 1
        report.succeeded(execution_arn, stack, arguments.output)
        report.heading(f"Done in {time.monotonic() - began:.1f} s")
    return 0


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
def _account(port: int) -> Iterator[dict[str, str]]:
    """The outputs of the stack in the account that is up at `port`, or in one of our own."""
    os.environ |= {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    if is_listening(port) and (stack := deploy.outputs()):
        yield stack
        return
    with (
        scratch.directory("localcloud-") as directory,
        Account(port, directory),
    ):
        yield deploy.deploy()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # The account's threads are still serving; Python's own way out would wait for them and then report on them.
    os._exit(status)
