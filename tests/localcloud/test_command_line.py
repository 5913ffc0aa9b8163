"""How `python -m localcloud` ends."""

import subprocess
import sys

from tests.conftest import PROJECT

TERMINATED = """
import os, signal, sys
from localcloud import command_line, commands
commands.stay_up = lambda arguments: os.kill(os.getpid(), signal.SIGTERM)
sys.argv[1:] = ["up"]
print("ended with", command_line.main())
"""


def test_told_to_end_it_ends_as_whenever_something_fails() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TERMINATED], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("ended with 1\n", "")
