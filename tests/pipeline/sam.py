"""`sam` as another shell runs it against an account."""

import subprocess

from tests.conftest import PROJECT
from tests.pipeline.conftest import Account


def sam(account: Account, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `sam` in the project; fails with what it printed if it did."""
    done = subprocess.run(
        ["sam", *arguments], cwd=PROJECT, env=account.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done
