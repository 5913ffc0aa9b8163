"""The numbers by name, at each size: what the table lists, the plot draws, and growth is told of."""

from dataclasses import dataclass

from benchmarks.results import Results

SECONDS, BYTES, COUNT, DOLLARS, TIMES = "s", "B", "", "$", "x"
SMALLER, LARGER = 10, 100
"""The sizes that growth is told between: small enough and the fixed costs would hide it."""


@dataclass(frozen=True)
class Series:
    """A number in the results."""

    name: str
    unit: str
    part: str
    keys: tuple[str, ...]

    def at(self, results: Results, size: float | None = None) -> float | None:
        """Its value, None where it was not measured."""
        return results.number(self.part, size, *self.keys)

    def growth(self, results: Results) -> float | None:
        """How many times as much the tenfold input takes."""
        smaller, larger = self.at(results, SMALLER), self.at(results, LARGER)
        return larger / smaller if smaller and larger is not None else None


LEAST = 0.1
"""Seconds that a state takes at some size, or it is not listed: how a moment grows is chance."""

SIZELESS = [
    Series("Until the account listens", SECONDS, "startup", ("until_listening",)),
    Series("Until Spark is ready", SECONDS, "startup", ("until_spark",)),
    Series("Until the stack is deployed", SECONDS, "startup", ("until_deployed",)),
    Series("Deploy", SECONDS, "startup", ("deploy",)),
    Series("All of this, CPU", SECONDS, "startup", ("cpu_seconds",)),
    Series("Burst: events", COUNT, "trigger", ("events",)),
    Series("Burst: runs that they started", COUNT, "trigger", ("runs",)),
    Series("Burst: seconds", SECONDS, "trigger", ("seconds",)),
]
OTHERS = [
    Series("Jobs: five cold JVMs", SECONDS, "jobs", ("cold", "seconds")),
    Series("Jobs: five cold JVMs, CPU", SECONDS, "jobs", ("cold", "cpu_seconds")),
    Series("Jobs: cold JVMs that failed", COUNT, "jobs", ("cold", "failures")),
    Series("Memory: five cold jobs", BYTES, "jobs", ("cold", "memory", "all")),
    Series("Jobs: DuckDB", SECONDS, "jobs", ("duckdb", "seconds")),
    Series("Jobs: DuckDB and Python's start, CPU", SECONDS, "jobs", ("duckdb", "cpu_seconds")),
    Series("Memory: DuckDB", BYTES, "jobs", ("duckdb", "memory", "all")),
    Series("Crawl: Spark's inferSchema", SECONDS, "crawl", ("spark", "seconds")),
    Series("State transitions", COUNT, "run", ("transitions",)),
    Series("Cost of a run", DOLLARS, "run", ("dollars",)),
    Series("Cost of a run, put together by hand", DOLLARS, "run", ("dollars_by_hand",)),
]
"""What ours is held against, and what AWS would bill."""
_WHOLE = [
    Series("Whole run, cold", SECONDS, "run", ("cold", "seconds")),
    Series("Whole run, cold, CPU", SECONDS, "run", ("cold", "cpu_seconds")),
    Series("Whole run, warm", SECONDS, "run", ("warm", "seconds")),
    Series("Whole run, warm, CPU", SECONDS, "run", ("warm", "cpu_seconds")),
]
_REST = [
    Series("In no task", SECONDS, "run", ("seconds_in_no_task",)),
    Series("In no task, waiting to poll", SECONDS, "run", ("seconds_in_waits",)),
    Series("Jobs: warm JVM", SECONDS, "jobs", ("warm", "seconds")),
    Series("Jobs: warm JVM, CPU", SECONDS, "jobs", ("warm", "cpu_seconds")),
    Series("Crawl", SECONDS, "crawl", ("seconds",)),
    Series("Memory", BYTES, "run", ("cold", "memory", "all")),
    Series("Memory: account", BYTES, "run", ("cold", "memory", "account")),
    Series("Memory: JVM", BYTES, "run", ("cold", "memory", "jvm")),
    Series("Memory: other processes", BYTES, "run", ("cold", "memory", "others")),
]


def ours(results: Results) -> list[Series]:
    """What is the pipeline's own, each state of the warm run with it."""
    parts = [entry["warm"]["parts"] for entry in results.parts.get("run", {}).values()]
    names = dict.fromkeys(name for part in parts for name, seconds in part.items() if seconds >= LEAST)
    states = [Series(f"Warm: {name}", SECONDS, "run", ("warm", "parts", name)) for name in names]
    return [*_WHOLE, *states, *_REST]


def fastest_growing(results: Results) -> tuple[str, float] | None:
    """Which of the pipeline's own grows most, and how many times it does."""
    grown = {series.name: series.growth(results) for series in ours(results)}
    told = {name: growth for name, growth in grown.items() if growth is not None}
    return max(told.items(), key=lambda item: item[1], default=None)


def text(value: float | None, unit: str) -> str:
    """A value as people read it."""
    if value is None:
        return "-"
    match unit:
        case "B":
            return f"{value / 2**30:.2f} GiB"
        case "$":
            return f"${value:.2f}"
        case "s":
            return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"
        case "x":
            return f"{value:.1f} x"
    return f"{value:,.0f}"
