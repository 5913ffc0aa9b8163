"""Results as a whole measurement leaves them, with numbers of the tests' own."""

from typing import Any

from benchmarks.results import Results

GIB = 2**30


def measured(scale: float) -> dict[str, dict[str, Any]]:
    """All parts at a size, whose pipeline takes `scale` times as long as at size 1."""
    memory = {"account": GIB / 2, "jvm": GIB * 2, "others": GIB, "all": GIB * 3}
    took = {"cpu_seconds": 30 * scale, "memory": memory}
    parts = {"before the run": 2 * scale, "RunSparkJobs": 4 * scale}
    return {
        "run": {
            "cold": {"seconds": 16 * scale, **took, "parts": parts},
            "warm": {"seconds": 7 * scale, **took, "parts": parts},
            "seconds_in_no_task": 0.5,
            "seconds_in_waits": 0.25,
            "transitions": 190,
            "dollars": 0.33,
            "dollars_by_hand": 0.66,
        },
        "jobs": {
            "warm": {"seconds": 4 * scale, **took},
            "cold": {"seconds": 80 * scale, **took},
            "duckdb": {"seconds": 2 * scale, **took},
        },
        "crawl": {"seconds": 3.0, "seconds_per_file": 0.5, "spark": {"seconds": 6.0, **took}},
    }


def results() -> Results:
    """Sizes 1, 10 and 100, the time in proportion to the size."""
    found = Results({"cores": 2})
    for size in (1, 10, 100):
        for part, numbers in measured(size).items():
            found.add(part, size, numbers)
    found.add(
        "startup", None, {"until_listening": 3.0, "until_spark": 6.0, "until_deployed": 9.0, "deploy": 6.0}
    )
    found.add("trigger", None, {"events": 10_060, "runs": 8, "calls": 120, "seconds": 42.0})
    return found
