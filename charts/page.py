"""The charts as one HTML page that loads nothing: light or dark as the reader has it, wide or narrow."""

import json
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from charts import bundle, theme
from charts.dashboard import Chart
from charts.drawing import Table
from charts.layout import COLUMNS, ROW_HEIGHT

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'; img-src data:"
)
"""What a browser may do with the page: nothing leaves the machine."""

FILES = Path(__file__).parent


def html(charts: list[Chart], title: str, subtitle: str = "") -> str:
    """The whole page."""
    sheets = [list(group) for _, group in groupby(charts, lambda chart: chart.sheet)]
    body = "".join(sheet(members, headed=len(sheets) > 1) for members in sheets)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">
<title>{escape(title)}</title>
<style>{style()}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{f"<p>{escape(subtitle)}</p>" if subtitle else ""}
{body}
</main>
{script()}
</body>
</html>
"""


def style() -> str:
    """The page's style, with the theme's colours as variables."""
    sizes = {"columns": str(COLUMNS), "row-height": f"{ROW_HEIGHT}px", "font": theme.FONT}
    light, dark = variables({**sizes, **theme.LIGHT}), variables(theme.DARK)
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    return f":root {{ {light} }}\n{dark}\n{(FILES / 'page.css').read_text()}"


def variables(values: dict[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in values.items())


def script() -> str:
    """What draws the charts that `card` has left room for."""
    configs = data({name: theme.config(name) for name in ("light", "dark")})
    library = bundle.javascript().replace("</script", "<\\/script")
    own = (FILES / "page.js").read_text()
    return (
        f'<script type="application/json" id="configs">{configs}</script>\n'
        f"<script>{library}</script>\n<script>{own}</script>"
    )


def sheet(charts: list[Chart], headed: bool) -> str:
    heading = f"<h2>{escape(charts[0].sheet)}</h2>" if headed else ""
    return f'{heading}<div class="sheet">{"".join(map(card, charts))}</div>'


def card(chart: Chart) -> str:
    """One chart with its title, at its place in the grid."""
    place = chart.place
    where = f"--column:{place.column + 1};--width:{place.width};--row:{place.row + 1};--height:{place.height}"
    heading = f"visual-{chart.visual_id}"
    return (
        f'<section class="card" id="{escape(chart.visual_id)}" style="{where}" aria-labelledby="{heading}">'
        f'<h3 id="{heading}">{escape(chart.title)}</h3>'
        f"{f'<p>{escape(chart.subtitle)}</p>' if chart.subtitle else ''}{content(chart)}</section>\n"
    )


def content(chart: Chart) -> str:
    """What is under a card's title; beside a chart, its numbers to be opened."""
    if chart.words:
        return f'<p class="words">{escape(chart.words)}</p>'
    if chart.figure:
        return f'<div class="figure">{escape(chart.figure)}</div>'
    shown = scrolled(chart.table, chart.title) + (f"<p>{escape(chart.note)}</p>" if chart.note else "")
    if not chart.spec:
        return shown
    return (
        f'<div class="chart"></div><script type="application/json">{data(chart.spec)}</script>'
        f"<details><summary>The numbers</summary>{shown}</details>"
    )


def scrolled(numbers: Table, title: str) -> str:
    """A table that scrolls by keyboard too."""
    classes = [' class="number"' if column.format.kind == "number" else "" for column in numbers.columns]
    head = "".join(
        f'<th scope="col"{kind}>{escape(column.label)}</th>'
        for column, kind in zip(numbers.columns, classes, strict=True)
    )
    rows = "".join(
        f"<tr>{''.join(f'<td{kind}>{escape(text)}</td>' for text, kind in zip(row, classes, strict=True))}</tr>"
        for row in numbers.texts()
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(title)}: the numbers">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def data(value: Any) -> str:
    """JSON that may stand in a script element."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
