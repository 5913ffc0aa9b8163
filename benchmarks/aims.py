"""What the numbers should be, all in one place."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.results import Results
from benchmarks.series import BYTES, COUNT, SECONDS, TIMES, fastest_growing, text

Measure = Callable[[Results], float | None]


@dataclass(frozen=True)
class Aim:
    """A number with a limit that it must not exceed, or, where it is `at_least`, not fall short of."""

    what: str
    unit: str
    measure: Measure
    limit: float
    at_least: bool = False

    def limit_text(self) -> str:
        """The limit as people read it."""
        return f"{'≥' if self.at_least else '≤'} {text(self.limit, self.unit)}"

    def is_met(self, results: Results) -> bool | None:
        """Whether it is; None where it was not measured."""
        measured = self.measure(results)
        if measured is None:
            return None
        return measured >= self.limit if self.at_least else measured <= self.limit


def of(part: str, size: float | None, *keys: str) -> Measure:
    """A number in the results."""
    return lambda results: results.number(part, size, *keys)


def ratio(of_this: Measure, to_that: Measure) -> Measure:
    """How many times that is in this."""

    def measure(results: Results) -> float | None:
        this, that = of_this(results), to_that(results)
        return this / that if this is not None and that else None

    return measure


def most(*measures: Measure) -> Measure:
    """The largest, None where one was not measured."""

    def measure(results: Results) -> float | None:
        found = [number for one in measures if (number := one(results)) is not None]
        return max(found) if len(found) == len(measures) else None

    return measure


def _growth(results: Results) -> float | None:
    fastest = fastest_growing(results)
    return fastest[1] if fastest else None


COLD, WARM = of("run", 1, "cold", "seconds"), of("run", 1, "warm", "seconds")
COLD_JOBS = of("jobs", 1, "cold", "seconds")


def _times_duckdb(size: float) -> Measure:
    return ratio(of("jobs", size, "warm", "seconds"), of("jobs", size, "duckdb", "seconds"))


AIMS = [
    Aim("Whole run, cold", SECONDS, COLD, 20),
    Aim("Whole run, second upload", SECONDS, WARM, 8),
    Aim("Five cold spark-submits to a cold run", TIMES, ratio(COLD_JOBS, COLD), 4, at_least=True),
    Aim("Jobs on the warm JVM to DuckDB, size 1", TIMES, _times_duckdb(1), 6),
    Aim("Jobs on the warm JVM to DuckDB, size 100", TIMES, _times_duckdb(100), 3),
    Aim("Growth from size 10 to 100, of the part that grows most", TIMES, _growth, 11),
    Aim(
        "Memory at size 100",
        BYTES,
        most(of("run", 100, "cold", "memory", "all"), of("run", 100, "warm", "memory", "all")),
        6 * 2**30,
    ),
    Aim(
        "Crawl of a file, size 100 to size 1",
        TIMES,
        ratio(of("crawl", 100, "seconds_per_file"), of("crawl", 1, "seconds_per_file")),
        2,
    ),
    Aim("Time of a run in no task", SECONDS, of("run", 1, "seconds_in_no_task"), 1),
    Aim("10,000 events through the trigger", SECONDS, of("trigger", None, "seconds"), 60),
    Aim("Events through the trigger", COUNT, of("trigger", None, "events"), 10_000, at_least=True),
    Aim(
        "Cost of a run to that of the hand-made version",
        TIMES,
        ratio(of("run", 1, "dollars"), of("run", 1, "dollars_by_hand")),
        1,
    ),
]
