"""Time and memory against size, as a picture: a small chart for each part, beside growth in proportion to the input."""

from pathlib import Path
from typing import Any

import vl_convert

from benchmarks.results import Results
from benchmarks.series import BYTES, OTHERS, SECONDS, Series, ours
from charts import theme

COLUMNS, WIDTH, HEIGHT = 4, 190, 110
POWERS = [10.0**exponent for exponent in range(-3, 6)]
TITLES = {SECONDS: "Seconds", BYTES: "GiB"}
LEFT_OUT = (", CPU", ", waiting to poll")
"""The ends of names: these are the time of others, seen otherwise."""

Spec = dict[str, Any]


def draw(results: Results, file: Path) -> None:
    """Write the picture, as SVG."""
    svg: str = vl_convert.vegalite_to_svg(spec(results))
    file.write_text(svg)


def spec(results: Results) -> Spec:
    """The charts in Vega-Lite, both axes logarithmic."""
    drawn = [series for series in [*ours(results), *OTHERS] if not series.name.endswith(LEFT_OUT)]
    kinds = [[series for series in drawn if series.unit == unit] for unit in TITLES]
    colours = theme.colours("light")
    heading = "The solid line is what was measured; the dashed one grows as the input does"
    return {
        "title": {
            "text": heading,
            "anchor": "start",
            "color": colours["text"],
            "fontWeight": "normal",
            "offset": 14,
        },
        "vconcat": [_facets(results, series) for series in kinds],
        "config": {**theme.config("light"), "background": colours["card"]},
        "padding": 16,
    }


def _facets(results: Results, several: list[Series]) -> Spec:
    """A chart for each of several series of one unit."""
    unit = several[0].unit
    names = [series.name for series in several]
    header = {
        "title": None,
        "labelFontSize": theme.SIZE + 1,
        "labelAnchor": "start",
        "labelFontWeight": "bold",
    }
    return {
        "data": {"values": [row for series in several for row in _rows(results, series)]},
        "facet": {"field": "part", "type": "nominal", "sort": names, "header": header},
        "columns": COLUMNS,
        "spec": {
            "width": WIDTH,
            "height": HEIGHT,
            "encoding": {"x": _axis("size", "Size", results.sizes())},
            "layer": _layers(unit),
        },
    }


def _rows(results: Results, series: Series) -> list[dict[str, Any]]:
    """The measured values, and what the smallest would be at each size in proportion."""
    values = {size: series.at(results, size) for size in results.sizes()}
    known = [(size, value) for size, value in values.items() if value]
    scale = 2**30 if series.unit == BYTES else 1
    return [
        {
            "part": series.name,
            "size": size,
            "value": value / scale,
            "text": _short(value / scale),
            "in proportion": known[0][1] / scale * size / known[0][0],
        }
        for size, value in known
    ]


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def _layers(unit: str) -> list[Spec]:
    use = theme.colours("light")
    measured = _axis("value", TITLES[unit], POWERS)
    line = {"type": "line", "color": use["accent"], "point": {"size": 40, "color": use["accent"]}}
    label = {"type": "text", "dy": -10, "color": use["text"], "fontSize": theme.SIZE - 1}
    return [
        {
            "mark": {"type": "line", "color": use["muted"], "strokeDash": [3, 3], "strokeWidth": 1},
            "encoding": {"y": _axis("in proportion", TITLES[unit], POWERS)},
        },
        {"mark": line, "encoding": {"y": measured}},
        {"mark": label, "encoding": {"y": measured, "text": {"field": "text"}}},
    ]


def _axis(field: str, title: str, values: list[float]) -> Spec:
    axis = {"title": title, "format": "~g", "values": values}
    scale = {"type": "log", "padding": 14, "nice": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}
