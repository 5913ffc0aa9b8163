"""The picture of scale."""

from pathlib import Path

from benchmarks.plot import draw, spec
from benchmarks.results import Results
from tests.benchmarks.numbers import measured, results


def rows(found: Results, part: str) -> list[dict[str, object]]:
    """What the chart of a part is drawn from."""
    drawn = (row for chart in spec(found)["vconcat"] for row in chart["data"]["values"])
    return [row for row in drawn if row["part"] == part]


def test_a_chart_has_what_was_measured_beside_growth_in_proportion() -> None:
    found = results()
    found.add("crawl", 100, measured(100)["crawl"] | {"seconds": 6.0})
    told = [(row["size"], row["value"], row["in proportion"], row["text"]) for row in rows(found, "Crawl")]
    assert told == [(1, 3, 3, "3"), (10, 3, 30, "3"), (100, 6, 300, "6")]
    assert [row["value"] for row in rows(found, "Memory: JVM")] == [2, 2, 2]


def test_a_part_that_was_not_measured_at_a_size_has_no_point_there() -> None:
    found = results()
    del found.parts["crawl"]["10"]
    assert [row["size"] for row in rows(found, "Crawl")] == [1, 100]


def test_it_is_drawn(tmp_path: Path) -> None:
    draw(results(), tmp_path / "scale.svg")
    svg = (tmp_path / "scale.svg").read_text()
    assert all(words in svg for words in ("Warm: RunSparkJobs", ">400<", "GiB", "Memory: account"))
