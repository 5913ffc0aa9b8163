"""How `python -m localcloud` ends."""

import subprocess
import sys

from tests.conftest import PROJECT

TERMINATED = """
import os, signal, sys
from localcloud import __main__, commands
commands.stay_up = lambda arguments: os.kill(os.getpid(), signal.SIGTERM)
sys.argv[1:] = ["up"]
print("ended with", __main__.main())
"""


def test_told_to_end_it_ends_as_whenever_something_fails() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TERMINATED], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("ended with 1\n", "")
