"""What draws: Vega-Lite into SVG, and SVG into PNG, in this process or in others.

Others draw side by side, and hold nobody up: drawing does not let go of the interpreter. Their JavaScript takes a
second to get ready, so they are started before there are charts, and stay. Such a process is `python -m charts.engine`:
what to make, and of what, on a line of its input; what it made, or else why it made nothing, on a line of its output;
both in JSON. It ends with its input, so it cannot outlive who started it.
"""

import json
import os
import re
import subprocess
import sys
import threading
from base64 import b64encode
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

import vl_convert

from charts.drawing import Spec, spec

Process = subprocess.Popen[str]
FIRST = spec([{"x": "a", "y": 1}], {"type": "bar"}, {"x": {"field": "x"}, "y": {"field": "y"}})
"""What they draw to get ready."""
MOST = 4
"""Processes at once: each takes a second and 100 MB, and a dashboard has few charts."""
STACK = r"\n\s+at |\n\nStack"
"""Where the library's own stack begins in what it says is wrong."""


class EngineError(Exception):
    """Something could not be drawn; the message says why."""


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


class Engines:
    """Draws in a process for each core, at most `MOST`, which are started when they are first wanted.

    Its methods may be called from several threads, which wait for a process that is idle.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: list[Process] = []
        self._idle: SimpleQueue[Process] = SimpleQueue()

    def start(self) -> None:
        """Let the processes get ready, unless they are there."""
        with self._lock:
            if not self._processes:
                self._processes = [_started() for _ in range(min(os.cpu_count() or 1, MOST))]
                for process in self._processes:
                    self._idle.put(process)

    def stop(self) -> None:
        """End the processes, whatever they draw."""
        with self._lock:
            for process in self._processes:
                process.kill()
                process.communicate()

    def draw(self, what: str, of: Spec | str) -> str:
        """The `svg` of a specification, or the `png` of an SVG, in Base64. Raises EngineError."""
        self.start()
        process = self._idle.get()
        try:
            if process.poll() is not None:
                process = self._in_place_of(process)
            return _ask(process, json.dumps([what, of]))
        finally:
            self._idle.put(process)

    def _in_place_of(self, ended: Process) -> Process:
        ended.communicate()
        with self._lock:
            self._processes.remove(ended)
            self._processes.append(_started())
            return self._processes[-1]


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
        raise EngineError(f"the process that draws ended with exit code {process.wait()}; try again")
    made, reason = json.loads(answer)
    if reason:
        raise EngineError(reason)
    return str(made)


def _serve() -> None:
    here = Here()
    here.png(here.svg(FIRST))
    for line in sys.stdin:
        print(json.dumps(_answer(here, *json.loads(line))), flush=True)


def _answer(here: Here, what: str, of: Any) -> tuple[str | None, str | None]:
    """What was made, and why nothing was."""
    try:
        return (here.svg(of) if what == "svg" else b64encode(here.png(of)).decode()), None
    except (ValueError, RuntimeError) as error:  # with the library's own stack after what is wrong
        return None, f"cannot be drawn: {' '.join(re.split(STACK, str(error))[0].split())}"


if __name__ == "__main__":
    _serve()
