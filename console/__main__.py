"""`python -m console`, with the environment's credentials, region and endpoint."""

import argparse
import sys
from typing import Any

import boto3

from console.serving import PORT, start, wait_for_interrupt
from operate.errors import OperateError, told_plainly
from operate.stack import STACK_NAME


def main() -> int:
    """Serve the console until Ctrl-C; 1 with a sentence that says why where it cannot be."""
    parser = argparse.ArgumentParser(prog="console", description="The pipeline in the browser.")
    parser.add_argument("--stack", default=STACK_NAME, metavar="NAME", help=f"the stack ({STACK_NAME})")
    parser.add_argument("--port", type=int, default=PORT, help=f"of the page, on 127.0.0.1 ({PORT})")
    arguments = parser.parse_args()
    create: Any = boto3.client  # its overloads want the name of a service, not a string
    try:
        with told_plainly():
            address = start(create, arguments.stack, arguments.port)
    except OperateError as error:
        print(f"console: {error}", file=sys.stderr)
        return 1
    print(f"The console is at {address}; Ctrl-C ends it", flush=True)
    wait_for_interrupt()
    return 0


if __name__ == "__main__":
    sys.exit(main())
