"""A dashboard's definition and its rows, as charts."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from charts import cartesian, figures, heat_map
from charts.drawing import Drawing, Spec, Table
from charts.errors import NotDrawnError
from charts.fields import JSON
from charts.filters import conditions
from charts.layout import Place, places
from charts.query import Query
from charts.visual import Visual

Rows = Callable[[str, Query], Iterable[Sequence[Any]]]
"""The rows of a query on the data set of an identifier: typed, or the texts that Athena gives."""

KINDS: dict[str, Callable[[Visual], Drawing]] = {
    "BarChartVisual": cartesian.bar,
    "HeatMapVisual": heat_map.heat_map,
    "KPIVisual": figures.kpi,
    "LineChartVisual": cartesian.line,
    "TableVisual": figures.table,
}
"""The visuals that are drawn."""

NO_DATA = "No data yet"
AT_ONCE = 8
"""Visuals that are made side by side: most of their time they wait for their rows."""


@dataclass(frozen=True)
class Chart:
    """A visual, drawn: where there are `words` they stand in its place, else its spec, its figure or its table."""

    sheet: str
    visual_id: str
    kind: str
    title: str
    subtitle: str
    place: Place
    data_sets: tuple[str, ...]
    table: Table
    """The numbers that are drawn."""
    spec: Spec | None
    """Vega-Lite, its data inline; colours come with charts.theme."""
    figure: str
    note: str
    """What the table does not have: that there are more rows."""
    words: str
    """Why there is nothing to see: what is not known here, or that there is no data."""


Made = Callable[[Chart], None]
"""What is told of a chart that has been made."""


def dashboard(definition: JSON, rows: Rows, made: Made = lambda chart: None) -> list[Chart]:
    """Every visual of a definition (DescribeDashboardDefinition's), sheet by sheet, from top to bottom.

    What is not known here is a Chart whose words name it. `rows` is called from several threads, and so is `made` with
    each chart as soon as it is there; they may raise what they like, it is not caught.
    """
    sheets = definition.get("Sheets") or []
    return [chart for sheet in sheets for chart in sheet_charts(definition, sheet, rows, made)]


def sheet_charts(definition: JSON, sheet: JSON, rows: Rows, made: Made) -> list[Chart]:
    visuals = [next(iter(visual.items())) for visual in sheet.get("Visuals") or []]
    where = places(sheet, [body["VisualId"] for _, body in visuals])

    def make(visual: tuple[str, JSON]) -> Chart:
        kind, body = visual
        there = chart(visual_of(definition, sheet, kind, body, rows), sheet, where[body["VisualId"]])
        made(there)
        return there

    with ThreadPoolExecutor(AT_ONCE) as pool:
        charts = list(pool.map(make, visuals))
    return sorted(charts, key=lambda chart: (chart.place.row, chart.place.column))


def visual_of(definition: JSON, sheet: JSON, kind: str, body: JSON, rows: Rows) -> Visual:
    calculated = frozenset(
        (field.get("DataSetIdentifier", ""), field["Name"])
        for field in definition.get("CalculatedFields") or []
    )
    limited = partial(filtered, definition, sheet["SheetId"], body["VisualId"], rows)
    return Visual(kind, body, calculated, limited)


def filtered(
    definition: JSON, sheet_id: str, visual_id: str, rows: Rows, data_set: str, query: Query
) -> Iterable[Sequence[Any]]:
    """The rows that meet the filters on the visual."""
    wanted = conditions(definition, sheet_id, visual_id, data_set)
    return rows(data_set, Query(query.dimensions, query.measures, wanted, query.sorts, query.limit))


def chart(visual: Visual, sheet: JSON, place: Place) -> Chart:
    title, subtitle = visual.text("Title") or visual.body["VisualId"], visual.text("Subtitle")
    drawing, words = drawn(visual)
    described = drawing.spec and {**drawing.spec, "description": f"{title}. {subtitle}".strip()}
    return Chart(
        sheet=sheet.get("Name") or sheet["SheetId"],
        visual_id=visual.body["VisualId"],
        kind=visual.kind,
        title=title,
        subtitle=subtitle,
        place=place,
        data_sets=tuple(sorted(identifiers(visual.configuration))),
        table=drawing.table,
        spec=None if words else described,
        figure=drawing.figure,
        note=drawing.note,
        words=words,
    )


def drawn(visual: Visual) -> tuple[Drawing, str]:
    """The visual's drawing, and the words in its place where there is nothing to see."""
    try:
        if visual.kind not in KINDS:
            return Drawing(Table()), f"{visual.kind} is not drawn here"
        drawing = KINDS[visual.kind](visual)
    except NotDrawnError as reason:
        return Drawing(Table()), f"{visual.kind} is not drawn here: {reason} is not known"
    return drawing, "" if drawing.table.rows else NO_DATA


def identifiers(value: Any) -> set[str]:
    """The data sets that a part of a definition names."""
    if isinstance(value, dict):
        own = {value["DataSetIdentifier"]} if "DataSetIdentifier" in value else set()
        return own.union(*map(identifiers, value.values()))
    return set().union(*map(identifiers, value)) if isinstance(value, list) else set()
