"""The charts as one picture, laid out on the sheet's grid. It needs no browser."""

import re
from collections.abc import Mapping
from html import escape
from itertools import groupby

from charts import theme
from charts.dashboard import Chart
from charts.drawing import Spec
from charts.engine import Engine, Here
from charts.layout import COLUMNS, ROW_HEIGHT

WIDTH, MARGIN, GAP, PADDING = 1280, 16, 10, 14
HEADER = 58
"""Pixels above the charts of a sheet."""
HEADING = 50
"""Pixels of a card's title and subtitle."""
HIDDEN = re.compile(r'<text[^>]* opacity="0"[^>]*>[^<]*</text>')
"""A label that there is no room for: it would take as long as one that is seen."""
HERE = Here()
Drawings = Mapping[str, str]
"""What `drawing` makes, by the ids of the visuals."""


def svg(charts: list[Chart], title: str, name: str = "light", drawings: Drawings | None = None) -> str:
    """The charts as an SVG, 1280 pixels wide, sheet under sheet, in `light` or `dark`.

    `drawings` are those that `drawing` has made already, of all the charts.
    """
    use, parts, top = theme.colours(name), [], 0
    if drawings is None:
        drawings = {chart.visual_id: drawing(chart, name) for chart in charts}
    sheets = [list(group) for _, group in groupby(charts, lambda chart: chart.sheet)]
    for members in sheets:
        heading = f"{title}: {members[0].sheet}" if len(sheets) > 1 else title
        parts.append(text(MARGIN + GAP / 2, top + 36, heading, 22, use["text"], "bold"))
        parts += [card(chart, top + HEADER, name, drawings[chart.visual_id]) for chart in members]
        top += HEADER + max(c.place.row + c.place.height for c in members) * ROW_HEIGHT + MARGIN
    background = f'<rect width="{WIDTH}" height="{top}" fill="{use["page"]}"/>'
    size = f'width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{background}{"".join(parts)}</svg>'


def size(chart: Chart) -> tuple[float, float]:
    """Width and height of its card, in pixels."""
    cell = (WIDTH - 2 * MARGIN) / COLUMNS
    return chart.place.width * cell - GAP, chart.place.height * ROW_HEIGHT - GAP


def room(chart: Chart) -> tuple[float, float]:
    """Width and height of what is under its title, in pixels."""
    width, height = size(chart)
    return width - 2 * PADDING, height - HEADING - PADDING / 2


def card(chart: Chart, top: int, name: str, drawing: str) -> str:
    """One chart with its title, at its place."""
    use, cell = theme.colours(name), (WIDTH - 2 * MARGIN) / COLUMNS
    x, y = MARGIN + chart.place.column * cell + GAP / 2, top + chart.place.row * ROW_HEIGHT + GAP / 2
    width, height = size(chart)
    inside = [
        f'<rect width="{width}" height="{height}" rx="8" fill="{use["card"]}" stroke="{use["line"]}"/>',
        f'<svg width="{width - PADDING}" height="{height}">',  # what is too long ends there
        text(PADDING, 24, chart.title, 15, use["text"], "bold"),
        text(PADDING, 42, chart.subtitle, theme.SIZE, use["muted"]),
        f'<g transform="translate({PADDING} {HEADING})">',
        drawing or content(chart, *room(chart), name),
        "</g></svg>",
    ]
    return f'<g transform="translate({x} {y})">{"".join(inside)}</g>'


def content(chart: Chart, width: float, height: float, name: str) -> str:
    """What is under the title of a card that has no drawing, in so many pixels."""
    use = theme.colours(name)
    if chart.words:
        return text(width / 2, height / 2, chart.words, 14, use["muted"], anchor="middle")
    if chart.figure:
        return text(0, height / 2 + 12, chart.figure, 34, use["text"], "bold")
    return table(chart, width, height, name)


def drawing(chart: Chart, name: str = "light", engine: Engine = HERE) -> str:
    """What is under the title of a chart that is neither words, a figure nor a table, as an SVG; '' of the others."""
    if not chart.spec or chart.figure:
        return ""
    # Ids are those of one picture; here many are in one.
    drawn = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{chart.visual_id}-", engine.svg(sized(chart, name)))
    # It is as large as its room: looking for what to cut off takes time.
    return HIDDEN.sub("", drawn).replace("<svg ", '<svg overflow="visible" ', 1)


def sized(chart: Chart, name: str) -> Spec:
    width, height = room(chart)
    return {**(chart.spec or {}), "width": int(width), "height": int(height), "config": theme.config(name)}


def table(chart: Chart, width: float, height: float, name: str) -> str:
    """As many rows as there is room for, numbers to the right."""
    use, step = theme.colours(name), 23
    columns, rows = chart.table.columns, chart.table.texts()[: int(height / step) - 1]
    lines = []
    for number, row in enumerate([[column.label for column in columns], *rows]):
        y, colour = 15 + number * step, use["text"] if number else use["muted"]
        for i, (column, value) in enumerate(zip(columns, row, strict=True)):
            right = column.format.kind == "number"
            x = width * (i + 1) / len(columns) - 2 if right else width * i / len(columns)
            lines.append(text(x, y, value, 13, colour, anchor="end" if right else "start"))
        lines.append(f'<path d="M0 {y + 7}H{width}" stroke="{use["line"]}"/>')
    return "".join(lines)


def text(
    x: float, y: float, words: str, size: int, colour: str, weight: str = "normal", anchor: str = "start"
) -> str:
    style = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text x="{x}" y="{y}" {style} font-family="{theme.FONT}">{escape(words)}</text>'
