"""Processes that turn Vega-Lite into SVG.

Their JavaScript takes a second to get ready, so they are started before there are charts. Such a process is
`python -m charts.engine`: a specification on a line of its input, its SVG on a line of its output, both in JSON.
It ends with its input, so it cannot outlive who started it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from queue import SimpleQueue

from charts.drawing import Spec, spec

Process = subprocess.Popen[str]
LOWEST = 19
"""The niceness of the processes: they get ready in time that nobody else wants."""


class EngineError(Exception):
    """A process that draws has ended; what it said is on the standard error."""


class Engines(AbstractContextManager["Engines"]):
    """One such process for each core, for as long as the context lasts."""

    def __init__(self) -> None:
        self._processes = [_started() for _ in range(os.cpu_count() or 1)]
        self._idle: SimpleQueue[Process] = SimpleQueue()
        for process in self._processes:
            self._idle.put(process)

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()

    def svgs(self, specs: Sequence[Spec]) -> list[str]:
        """The SVG of each specification. Raises EngineError."""
        with ThreadPoolExecutor(len(self._processes)) as pool:
            return list(pool.map(self._svg, specs))

    def _svg(self, wanted: Spec) -> str:
        process = self._idle.get()
        try:
            return _ask(process, wanted)
        finally:
            self._idle.put(process)


def _started() -> Process:
    return subprocess.Popen(
        [sys.executable, "-m", "charts.engine"],
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # an interrupt is its starter's concern
    )


def _ask(process: Process, wanted: Spec) -> str:
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(json.dumps(wanted) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    except BrokenPipeError:
        answer = ""
    if not answer:
        raise EngineError(f"a process that draws charts ended with exit code {process.wait()}; see above")
    return str(json.loads(answer))


def _serve() -> None:
    os.nice(LOWEST)
    from vl_convert import vegalite_to_svg  # late: it is not needed to start one

    vegalite_to_svg(spec([{"x": "a", "y": 1}], {"type": "bar"}, {"x": {"field": "x"}, "y": {"field": "y"}}))
    for line in sys.stdin:
        print(json.dumps(vegalite_to_svg(json.loads(line))), flush=True)


if __name__ == "__main__":
    _serve()
