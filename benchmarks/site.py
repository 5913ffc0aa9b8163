"""What the parts share that measure at a size: the files, and an account in which a run on them has gone."""

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, Self

from benchmarks import processes
from benchmarks.account import LOCALCLOUD, Account, up
from localcloud import scratch
from localcloud.account import free_port
from localcloud.sampledata import generate

Part = Callable[["Site"], dict[str, Any]]
"""What measures one thing at a site; what it returns goes to the results."""


class Site(AbstractContextManager["Site"]):
    """The files of one size, a directory for whatever is written, and an account, which the first part that asks
    for it waits for."""

    def __init__(self, files: Path) -> None:
        self.files = files
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.directory = self._stack.enter_context(scratch.directory("localcloud-benchmark-"))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @functools.cached_property
    def account(self) -> Account:
        """An account that is up. A first run on the files has gone in it, so that everything in it is warm."""
        account = self._stack.enter_context(up(self.directory / "account.log"))
        self.run(account)
        return account

    def run(self, account: Account | None = None) -> processes.Watch:
        """Run the pipeline on the files, in that account or in one of its own; the results are in `output`."""
        port = account.port if account else free_port()
        options = [f"--input={self.files}", f"--output={self.output}", f"--port={port}"]
        process = account.process if account else None
        return processes.run([*LOCALCLOUD, "run", *options], self.directory / "run.log", process)

    @property
    def output(self) -> Path:
        return self.directory / "output"


def files_of(size: float, data: Path) -> Path:
    """The directory of the generated files of a size in `data`; they are generated where it is not there."""
    directory = data / f"{size:g}"
    if not directory.is_dir():
        unfinished = data / f".{size:g}"
        generate(unfinished, size)
        unfinished.rename(directory)
    return directory
