"""What `python -m localcloud` takes; the commands themselves are in `commands.py`."""

import argparse
import signal
import sys
from pathlib import Path

from botocore.exceptions import ClientError

from console.serving import PORT
from localcloud import aws, commands, deploy, faults, own_api, run
from localcloud.account import PortInUseError
from operate.commands import add_commands
from operate.errors import OperateError

ERRORS = (
    PortInUseError,
    deploy.DeployError,
    run.RunError,
    faults.FaultError,
    own_api.OwnApiError,
    aws.UploadError,
    OperateError,
    ClientError,
)
"""What is told in its own sentence; anything else is a defect, and told with its traceback."""


def main() -> int:
    """Do what the command line says; 0 when all went well, 1 otherwise, with a sentence that says why unless SIGTERM
    has ended it."""
    arguments = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        return int(arguments.command(arguments))
    except ERRORS as error:
        print(f"localcloud: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("localcloud: interrupted", file=sys.stderr)
    except SystemExit:
        pass  # by SIGTERM
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="localcloud", description="The pipeline's AWS account on your machine."
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    runs = subparsers.add_parser("run", help="upload CSV files and follow the run they start to its end")
    runs.add_argument("--input", type=Path, metavar="DIR", help="the CSV files; generated ones without it")
    runs.add_argument(
        "--output", type=Path, default=Path("output"), metavar="DIR", help="where results go (output)"
    )
    runs.add_argument("--console", action="store_true", help="show it in the browser too, until Ctrl-C")
    runs.set_defaults(command=commands.run_pipeline)

    up = subparsers.add_parser("up", help="deploy, and keep the account up until Ctrl-C")
    up.set_defaults(command=commands.stay_up)

    browser = subparsers.add_parser("console", help="show runs, results and checks in the browser")
    browser.set_defaults(command=commands.show_console)

    fault = subparsers.add_parser("fault", help="make something fail in the account that is up")
    fault.add_argument("words", nargs="+", metavar="FAULT", help=f"list, clear, or {'; '.join(faults.FORMS)}")
    fault.set_defaults(command=commands.tell_fault)

    sample = subparsers.add_parser("sample", help="generate the six CSV files")
    sample.add_argument("directory", type=Path, metavar="DIR")
    sample.set_defaults(command=commands.generate_sample)

    operations = add_commands(subparsers)
    for operation in operations:
        operation.set_defaults(command=commands.operate_on_account)
    for command in (runs, browser):
        command.add_argument("--console-port", type=int, default=PORT, help=f"of the console ({PORT})")
    _add_options([runs, up], [runs, up, browser, fault, *operations], [runs, sample])
    return parser


def _add_options(
    failing: list[argparse.ArgumentParser],
    reaching: list[argparse.ArgumentParser],
    generating: list[argparse.ArgumentParser],
) -> None:
    """Options that several commands have: those that let things fail, reach an account, or generate files."""
    for command in failing:
        command.add_argument(
            "--fault",
            action="append",
            default=[],
            help="what shall fail, as the command fault has it; repeatable",
        )
    for command in reaching:
        command.add_argument("--port", type=int, default=4566, help="of the endpoint, on 127.0.0.1 (4566)")
    for command in generating:
        command.add_argument(
            "--size", type=float, default=1, help="of generated files; 1 is AdventureWorks' (1)"
        )
        command.add_argument("--seed", type=int, default=2011, help="of generated files (2011)")
