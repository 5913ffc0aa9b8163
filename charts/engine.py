"""What draws: Vega-Lite into SVG, and SVG into PNG, in this process or in others.

Others draw side by side, and hold nobody up: drawing does not let go of the interpreter. Their JavaScript takes a
second to get ready, so they are started before there are charts. Such a process is `python -m charts.engine`: what to
make, and of what, on a line of its input; what it made on a line of its output; both in JSON. It ends with its input,
so it cannot outlive who started it.
"""

import json
import os
import subprocess
import sys
from base64 import b64decode, b64encode
from contextlib import AbstractContextManager
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

import vl_convert

from charts.drawing import Spec, spec

Process = subprocess.Popen[str]
FIRST = spec([{"x": "a", "y": 1}], {"type": "bar"}, {"x": {"field": "x"}, "y": {"field": "y"}})
"""What they draw to get ready."""


class EngineError(Exception):
    """A process that draws has ended; what it said is on the standard error."""


class Engine(Protocol):
    """What draws."""

    def svg(self, wanted: Spec) -> str:
        """The SVG of a Vega-Lite specification."""

    def png(self, svg: str) -> bytes:
        """The PNG of an SVG."""


class Here:
    """Draws in this process, one after the other."""

    def svg(self, wanted: Spec) -> str:
        made: str = vl_convert.vegalite_to_svg(wanted)
        return made

    def png(self, svg: str) -> bytes:
        made: bytes = vl_convert.svg_to_png(svg)
        return made


class Engines(AbstractContextManager["Engines"]):
    """Draws in a process for each core, for as long as the context lasts.

    Its methods may be called from several threads, which wait for a process that is idle. They raise EngineError.
    """

    def __init__(self) -> None:
        self._processes = [_started() for _ in range(os.cpu_count() or 1)]
        self._idle: SimpleQueue[Process] = SimpleQueue()
        for process in self._processes:
            self._idle.put(process)

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()

    def svg(self, wanted: Spec) -> str:
        return self._made("svg", wanted)

    def png(self, svg: str) -> bytes:
        return b64decode(self._made("png", svg))

    def _made(self, what: str, of: Spec | str) -> str:
        process = self._idle.get()
        try:
            return _ask(process, json.dumps([what, of]))
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


def _ask(process: Process, line: str) -> str:
    assert process.stdin
    assert process.stdout
    try:
        print(line, file=process.stdin, flush=True)
        answer = process.stdout.readline()
    except BrokenPipeError:
        answer = ""
    if not answer:
        raise EngineError(
            f"a process that draws ended with exit code {process.wait()}; what it said is above"
        )
    return str(json.loads(answer))


def _serve() -> None:
    here = Here()
    here.png(here.svg(FIRST))
    for line in sys.stdin:
        what, of = json.loads(line)
        made = here.svg(of) if what == "svg" else b64encode(here.png(of)).decode()
        print(json.dumps(made), flush=True)


if __name__ == "__main__":
    _serve()
