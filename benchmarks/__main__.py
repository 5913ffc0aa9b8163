"""What `python -m benchmarks` takes: which parts are measured, and at which sizes."""

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import crawl, jobs, plot, startup, trigger, whole_run
from benchmarks.errors import BenchmarkError
from benchmarks.results import FILE, Results, this_machine
from benchmarks.site import Part, Site, files_of
from benchmarks.table import tables
from localcloud.deploy import PROJECT

SIZELESS: dict[str, Callable[[], dict[str, Any]]] = {"startup": startup.measure, "trigger": trigger.measure}
SIZED: dict[str, Part] = {"run": whole_run.measure, "jobs": jobs.measure, "crawl": crawl.measure}
SIZES = [1.0, 10.0, 100.0]
PICTURE = PROJECT / "docs" / "images" / "scale.svg"
DATA = PROJECT / "benchmarks" / "data"


def main() -> int:
    """Measure, tell and save; 1 with a sentence where something cannot be measured."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by way of what ends the processes
    results = Results.load(FILE, this_machine())
    try:
        _measure(arguments, results)
    except BenchmarkError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    finally:
        _tell(results)
    return 0


def _measure(arguments: argparse.Namespace, results: Results) -> None:
    """Save after each part: those that follow may fail, or take long."""
    for name in (name for name in SIZELESS if name in arguments.parts):
        _note(name)
        results.add(name, None, SIZELESS[name]())
        results.save(FILE)
    parts = [name for name in SIZED if name in arguments.parts]
    for size in arguments.size if parts else []:
        _measure_at(size, parts, arguments, results)


def _measure_at(size: float, parts: list[str], arguments: argparse.Namespace, results: Results) -> None:
    given = arguments.input if size == 1 else None
    with Site(given or files_of(size, arguments.data)) as site:
        for name in parts:
            _note(f"{name}, size {size:g}")
            results.add(name, size, SIZED[name](site))
            results.save(FILE)


def _tell(results: Results) -> None:
    console = Console()
    for table in tables(results):
        console.print(table)
    if len(results.sizes()) > 1:
        plot.draw(results, PICTURE)
        console.print(f"{PICTURE} shows it against size")


def _note(what: str) -> None:
    print(f"Measuring {what}", file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks", description="Measure the pipeline on this machine, next to what else there is."
    )
    every = [*SIZELESS, *SIZED]
    parser.add_argument(
        "parts", nargs="*", default=every, metavar="PART", help=f"{', '.join(every)}; all of them without any"
    )
    parser.add_argument(
        "--size", type=float, nargs="+", default=SIZES, help="1 is AdventureWorks' (1 10 100)"
    )
    parser.add_argument(
        "--input", type=Path, metavar="DIR", help="the files of size 1; generated ones without it"
    )
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="DIR", help="has folders of generated files named by size"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(every):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
