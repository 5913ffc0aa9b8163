"""The charts as one picture, laid out on the sheet's grid. It needs no browser."""

import re
from html import escape
from itertools import groupby

import vl_convert

from charts import theme
from charts.dashboard import Chart
from charts.layout import COLUMNS, ROW_HEIGHT

WIDTH, MARGIN, GAP, PADDING = 1280, 16, 10, 14
HEADER = 58
"""Pixels above the charts of a sheet."""
HEADING = 50
"""Pixels of a card's title and subtitle."""


def png(charts: list[Chart], title: str, name: str = "light") -> bytes:
    """The charts as a PNG, 1280 pixels wide, in `light` or `dark`."""
    picture: bytes = vl_convert.svg_to_png(svg(charts, title, name))
    return picture


def svg(charts: list[Chart], title: str, name: str = "light") -> str:
    """The charts as an SVG, sheet under sheet."""
    use, parts, top = theme.colours(name), [], 0
    sheets = [list(group) for _, group in groupby(charts, lambda chart: chart.sheet)]
    for members in sheets:
        heading = f"{title}: {members[0].sheet}" if len(sheets) > 1 else title
        parts.append(text(MARGIN + GAP / 2, top + 36, heading, 22, use["text"], "bold"))
        parts += [card(chart, top + HEADER, name) for chart in members]
        top += HEADER + max(c.place.row + c.place.height for c in members) * ROW_HEIGHT + MARGIN
    background = f'<rect width="{WIDTH}" height="{top}" fill="{use["page"]}"/>'
    size = f'width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{background}{"".join(parts)}</svg>'


def card(chart: Chart, top: int, name: str) -> str:
    """One chart with its title, at its place."""
    use, cell = theme.colours(name), (WIDTH - 2 * MARGIN) / COLUMNS
    x, y = MARGIN + chart.place.column * cell + GAP / 2, top + chart.place.row * ROW_HEIGHT + GAP / 2
    width, height = chart.place.width * cell - GAP, chart.place.height * ROW_HEIGHT - GAP
    inside = [
        f'<rect width="{width}" height="{height}" rx="8" fill="{use["card"]}" stroke="{use["line"]}"/>',
        text(PADDING, 24, chart.title, 15, use["text"], "bold"),
        text(PADDING, 42, chart.subtitle, theme.SIZE, use["muted"]),
        f'<svg x="{PADDING}" y="{HEADING}" width="{width - 2 * PADDING}" height="{height - HEADING - PADDING / 2}">',
        content(chart, width - 2 * PADDING, height - HEADING - PADDING / 2, name),
        "</svg>",
    ]
    return f'<svg x="{x}" y="{y}" width="{width}" height="{height}">{"".join(inside)}</svg>'


def content(chart: Chart, width: float, height: float, name: str) -> str:
    """What is under a card's title, in so many pixels."""
    use = theme.colours(name)
    if chart.words:
        return text(width / 2, height / 2, chart.words, 14, use["muted"], anchor="middle")
    if chart.figure:
        return text(0, height / 2 + 12, chart.figure, 34, use["text"], "bold")
    return drawn(chart, width, height, name) if chart.spec else table(chart, width, height, name)


def drawn(chart: Chart, width: float, height: float, name: str) -> str:
    sized = {**(chart.spec or {}), "width": int(width), "height": int(height), "config": theme.config(name)}
    made: str = vl_convert.vegalite_to_svg(sized)
    # Ids are those of one picture; here many are in one.
    return re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{chart.visual_id}-", made)


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
