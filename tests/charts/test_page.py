"""The page and the picture: all of the charts in them, and nothing that leaves the machine."""

import json
import re
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from charts import Chart, Place, Table, bundle, page, picture, theme
from charts.drawing import Column, spec
from charts.values import Format

PLACE = Place(0, 0, 18, 10)
NUMBERS = Table(
    (Column("fruit", Format("text")), Column("sold", Format("number"))), (("<fig>", 1234), ("pear", 2))
)
POINTS = [{"category": fruit, "value": sold} for fruit, sold in NUMBERS.rows]
ENCODING = {
    "x": {"field": "value", "type": "quantitative"},
    "y": {"field": "category", "type": "nominal"},
    "color": {"field": "value", "type": "quantitative"},
}
CHART = Chart("Sheet", "bars", "BarChartVisual", "Sold & kept", "", PLACE, ("shop",), NUMBERS,
              spec(POINTS, {"type": "bar"}, ENCODING), "", "", "")  # fmt: skip
FIGURE = Chart(
    "Sheet",
    "kpi",
    "KPIVisual",
    "Total",
    "All",
    Place(18, 0, 18, 5),
    ("shop",),
    NUMBERS,
    None,
    "1,236",
    "",
    "",
)
WORDS = Chart("Sheet", "odd", "SankeyDiagramVisual", "Odd", "", Place(0, 10, 36, 6), (), Table(), None, "", "",
              "SankeyDiagramVisual is not drawn here")  # fmt: skip


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library in no time; the true one is made once, in seconds."""
    kept = tmp_path / "vega.js"
    kept.write_text("const vegaEmbed = '</script>';")
    monkeypatch.setattr(bundle, "path", lambda: kept)


def test_a_page_has_every_chart_its_numbers_and_its_words() -> None:
    html = page.html([CHART, FIGURE, WORDS], "Shop")

    assert [
        json.loads(found) for found in re.findall(r'<script type="application/json">(.*?)</script>', html)
    ] == [CHART.spec]
    for text in (
        "Sold &amp; kept",
        "<td>&lt;fig&gt;</td>",
        '<td class="number">1,234</td>',
        "1,236",
        WORDS.words,
    ):
        assert text in html


def test_a_page_loads_nothing() -> None:
    html = page.html([CHART], "Shop")

    assert "default-src &#x27;none&#x27;" in html
    assert not re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?\s*(?:https?:)?//""", html)
    assert not re.findall(r"https?://(?!www\.w3\.org/)", html)


def test_a_library_cannot_end_its_script() -> None:
    assert "'<\\/script>'" in page.html([CHART], "Shop")


def test_the_library_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "cache" / "vega.js"
    made: list[str] = []
    monkeypatch.setattr(bundle, "path", lambda: kept)
    monkeypatch.setattr("vl_convert.javascript_bundle", lambda snippet: made.append(snippet) or "made")

    assert (bundle.javascript(), bundle.javascript()) == ("made", "made")
    assert len(made) == 1
    assert list(kept.parent.iterdir()) == [kept]


def test_a_picture_is_1280_wide_and_as_high_as_its_sheet() -> None:
    png = picture.HERE.png(picture.svg([CHART, FIGURE, WORDS], "Shop"))

    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) == (1280, 58 + 16 * 24 + 16)


def test_a_picture_says_everything_in_words() -> None:
    again = replace(CHART, visual_id="again", place=Place(0, 16, 18, 10))
    svg = picture.svg([CHART, FIGURE, WORDS, again], "Shop", "dark")

    for text in ("Shop", "Sold &amp; kept", "&lt;fig&gt;", "1,236", WORDS.words):
        assert text in svg
    ids = re.findall(r' id="([^"]*)"', svg)
    assert len(set(ids)) == len(ids) >= 2


def test_a_label_that_there_is_no_room_for_is_not_in_the_picture() -> None:
    side_by_side = {"labelAngle": 0, "labelOverlap": True}
    axes = {"x": {"field": "category", "type": "ordinal", "axis": side_by_side}, "y": ENCODING["x"]}
    fruits = [{"category": f"a fruit of a long name, {i}", "value": i} for i in range(100)]
    drawn = picture.svg([replace(CHART, spec=spec(fruits, {"type": "point"}, axes))], "Shop")

    labels = re.findall(r"<text[^>]*>a fruit", drawn)
    assert 0 < len(labels) < 100
    assert not [label for label in labels if ' opacity="0"' in label]
    assert picture.HERE.png(drawn)


def test_a_table_s_picture_has_as_many_rows_as_fit() -> None:
    rows = tuple((f"fruit {i}", i) for i in range(100))
    table = replace(CHART, spec=None, table=Table(NUMBERS.columns, rows))
    svg = picture.svg([table], "Shop")

    assert "fruit 0" in svg
    assert "fruit 5<" in svg
    assert "fruit 6<" not in svg


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_and_marks_can_be_told_from_their_card(name: str) -> None:
    use = theme.colours(name)

    for text in ("text", "muted"):
        for ground in ("card", "page"):
            assert contrast(use[text], use[ground]) >= 4.5
    for mark in (use["accent"], *theme.SERIES[name]):
        assert contrast(mark, use["card"]) >= 3
    assert theme.SIZE >= 11
