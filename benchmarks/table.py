"""The results as tables for a terminal."""

from collections.abc import Iterator

from rich.table import Table

from benchmarks.aims import AIMS
from benchmarks.results import Results, size_name
from benchmarks.series import (
    LARGER,
    OTHERS,
    SIZELESS,
    SMALLER,
    TIMES,
    fastest_growing,
    ours,
    text,
)

VERDICTS = {True: "[green]met[/]", False: "[red]missed[/]", None: "[dim]not measured[/]"}


def tables(results: Results) -> Iterator[Table]:
    """What was measured, and which aims are met."""
    yield _sizeless(results)
    yield _by_size(results)
    yield _aims(results)


def _aims(results: Results) -> Table:
    fastest = fastest_growing(results)
    caption = f"Grows most: {fastest[0]}" if fastest else None
    table = _table("Aims", "what", "measured", "aim", "", caption=caption)
    for aim in AIMS:
        measured = text(aim.measure(results), aim.unit)
        table.add_row(aim.what, measured, aim.limit_text(), VERDICTS[aim.is_met(results)])
    return table


def _by_size(results: Results) -> Table:
    sizes = results.sizes()
    table = _table("By size", "what", *map(size_name, sizes), f"{SMALLER} to {LARGER}")
    for series in [*ours(results), *OTHERS]:
        values = [series.at(results, size) for size in sizes]
        if any(value is not None for value in values):
            shown = [text(value, series.unit) for value in values]
            table.add_row(series.name, *shown, text(series.growth(results), TIMES))
    return table


def _sizeless(results: Results) -> Table:
    table = _table("At any size", "what", "measured")
    measured = [(series, series.at(results)) for series in SIZELESS]
    for series, value in measured:
        if value is not None:
            table.add_row(series.name, text(value, series.unit))
    return table


def _table(title: str, *columns: str, caption: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", caption=caption, caption_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table
