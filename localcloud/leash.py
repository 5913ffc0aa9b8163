"""Python modules as processes that end when the one that started them does, however that ends.

Such a process is `[*COMMAND, module, argument, ...]` with `leash()`, or a pipe of Popen's, as its standard input: the
pipe is at its end once the process that holds the other side is gone. Start it in a session of its own, for all of
its session is ended then.
"""

import contextlib
import os
import runpy
import signal
import sys
import threading
from collections.abc import Iterator

from localcloud import garbage

COMMAND = [sys.executable, "-m", "localcloud.leash"]


@contextlib.contextmanager
def leash() -> Iterator[int]:
    """The standard input of processes that must not outlive the context, nor this process."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(reading)
        os.close(writing)


def _end_with(starter: int) -> None:
    os.read(starter, 1)
    os.killpg(0, signal.SIGKILL)


def _main() -> None:
    starter, nothing = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    threading.Thread(target=_end_with, args=(starter,), daemon=True).start()
    del sys.argv[0]
    # For all of sam's work, which is over within seconds; commands of localcloud's look again once they are loaded.
    with garbage.left_alone():
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
