"""Checks definitions of state machines with statelint: every state is reached, goes on to one that exists, and holds
fields, paths and intrinsic functions that the Amazon States Language knows.

    .venv/gates/bin/python -m gates.states statemachine/*.asl.json
"""

import json
import re
import sys
from pathlib import Path

from statelint.config import Config
from statelint.linter import Linter
from statelint.problem import ProblemType

FILTER = re.compile(r"\[\?\(.*?\)\]")
"""A filter in a path, which Step Functions takes and statelint does not know: checked as if it were [*]."""
WHOLE_NUMBERS = Config({ProblemType.FLOAT})
"""A BackoffRate may be 2, though statelint would have it 2.0."""


def problems(path: Path) -> list[str]:
    """What is wrong with the definition in a file."""
    definition = json.loads(FILTER.sub("[*]", path.read_text()))
    return [f"{path}: {problem}" for problem in Linter.validate(definition, WHOLE_NUMBERS)]


def main(paths: list[str]) -> int:
    found = [problem for path in paths for problem in problems(Path(path))]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
