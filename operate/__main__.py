"""`python -m operate runs`, `redrive`, `replay` and `cost`, with the environment's credentials, region and endpoint."""

import argparse
import sys
from typing import Any

import boto3

from operate.commands import add_commands
from operate.errors import OperateError, told_plainly
from operate.stack import STACK_NAME, Stack


def main() -> int:
    """Do what the command line says; 0 when all went well, 1 with a sentence that says why not otherwise."""
    arguments = _parser().parse_args()
    create: Any = boto3.client  # its overloads want the name of a service, not a string
    try:
        with told_plainly():
            return int(arguments.operation(Stack.find(create, arguments.stack), arguments))
    except OperateError as error:
        print(f"operate: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("operate: interrupted; the run goes on", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="operate", description="The operator's commands.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in add_commands(commands):
        command.add_argument("--stack", default=STACK_NAME, metavar="NAME", help=f"the stack ({STACK_NAME})")
    return parser


if __name__ == "__main__":
    sys.exit(main())
