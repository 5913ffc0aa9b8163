"""CPU time and memory of processes and of all that they start ("proc", Linux manual pages)."""

import os
import re
import statistics
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks.errors import BenchmarkError
from localcloud.deploy import PROJECT

EVERY = 1.0
"""Seconds between two looks at the memory: what is there for less may be missed. A look takes 30 ms of a core."""
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
GONE = (FileNotFoundError, ProcessLookupError)
TIMES = 3
"""What is quick is measured so often; the median counts."""
ACCOUNT, JVM, OTHERS, ALL = "account", "jvm", "others", "all"
LAST_CHARACTERS = 2000


@dataclass(frozen=True)
class Process:
    """A process as it is now. `ticks` are its own and those of its children that have ended."""

    id: int
    parent: int
    command: str
    ticks: int

    @property
    def resident(self) -> int:
        """Bytes that it holds, as the system counts them all the time. 0 once it has ended."""
        with suppress(*GONE):
            return int(Path(f"/proc/{self.id}/statm").read_text().split()[1]) * PAGE
        return 0

    @property
    def share(self) -> int:
        """Bytes that it holds; of those that it shares, its share (PSS). 0 once it has ended.

        The system goes through all of its pages for that: gigabytes take a tenth of a second.
        """
        with suppress(*GONE):
            for line in Path(f"/proc/{self.id}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
        return 0


class Watch(AbstractContextManager["Watch"]):
    """A time in which processes, and all that they start, are watched; the first of `roots` is the account.

    Afterwards: its seconds, the CPU seconds of what has not ended since or was waited for by one of them, and the
    most bytes that the account, Java, the others and all together held.
    """

    def __init__(self, *roots: int) -> None:
        self.roots, self._ended = roots, threading.Event()
        self.seconds = self.cpu_seconds = 0.0
        self.memory: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._cpu, self._began = cpu_seconds(*self.roots), time.perf_counter()
        self._looking = threading.Thread(target=self._look_again_and_again, daemon=True)
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._began
        self.cpu_seconds += cpu_seconds(*self.roots) - self._cpu
        self._ended.set()
        self._looking.join()

    def wait_for(self, process: subprocess.Popen[bytes]) -> int:
        """The exit code of one of the roots, whose CPU time counts."""
        _, status, used = os.wait4(process.pid, 0)
        self.cpu_seconds += used.ru_utime + used.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode

    def measured(self) -> dict[str, Any]:
        """What was seen, for the results."""
        return {"seconds": self.seconds, "cpu_seconds": self.cpu_seconds, "memory": self.memory}

    def _look_again_and_again(self) -> None:
        while True:
            held = memory(*self.roots)
            self.memory = {kind: max(held[kind], self.memory.get(kind, 0)) for kind in held}
            if self._ended.wait(EVERY):
                return


def run(
    command: Sequence[str],
    log: Path,
    account: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> Watch:
    """Run a command to its end, watched, together with the account that it uses; what it prints goes to `log`.

    Raises BenchmarkError, with the end of what it printed, where it fails.
    """
    with started(command, log, environment) as process, Watch(*filter(None, [account]), process.pid) as watch:
        code = watch.wait_for(process)
    if code:
        raise BenchmarkError(f"{' '.join(command)} failed with exit code {code}:\n{end_of(log)}")
    return watch


@contextmanager
def started(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A command in the project's directory, with more in its environment; what is left of it then is killed."""
    with log.open("wb") as printed:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def end_of(log: Path) -> str:
    """The last lines of a log."""
    return log.read_text(errors="replace")[-LAST_CHARACTERS:].strip()


def told_seconds(log: Path) -> float:
    """The seconds that a command printed as `seconds 1.5`, among whatever else."""
    return float(re.findall(r"^seconds ([\d.]+)$", log.read_text(), re.MULTILINE)[-1])


def median(measured: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The one with the median of the seconds."""
    middle = statistics.median_low(one["seconds"] for one in measured)
    return next(one for one in measured if one["seconds"] == middle)


def cpu_seconds(*roots: int) -> float:
    """CPU seconds of the processes, of all beneath them, and of those beneath them that have ended."""
    return sum(process.ticks for process in beneath(*roots)) / TICKS


def memory(*roots: int) -> dict[str, int]:
    """Bytes that they hold: the first of them, Java, the others, and all.

    Only of the others, among which are those of jobs, do some come from one another by a fork and share most.
    """
    held = {ACCOUNT: 0, JVM: 0, OTHERS: 0}
    for process in beneath(*roots):
        kind = JVM if process.command == "java" else ACCOUNT if process.id == roots[0] else OTHERS
        held[kind] += process.share if kind == OTHERS else process.resident
    return {**held, ALL: sum(held.values())}


def beneath(*roots: int) -> list[Process]:
    """The processes and all that they started, as far as they are there."""
    everyone = {process.id: process for process in _processes()}
    children: dict[int, list[int]] = defaultdict(list)
    for process in everyone.values():
        children[process.parent].append(process.id)
    found = [number for number in dict.fromkeys(roots) if number in everyone]
    for number in found:
        found += children[number]
    return [everyone[number] for number in found]


def _processes() -> Iterator[Process]:
    for directory in Path("/proc").glob("[0-9]*"):
        with suppress(*GONE):
            before, _, after = (directory / "stat").read_text().rpartition(")")
            fields = after.split()
            ticks = sum(int(field) for field in fields[11:15])  # utime, stime, cutime, cstime
            yield Process(int(directory.name), int(fields[1]), before.partition("(")[2], ticks)
