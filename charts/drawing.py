"""What a visual becomes: numbers in a table, and for most kinds a Vega-Lite specification that draws them."""

from dataclasses import dataclass
from typing import Any

from charts.fields import JSON
from charts.values import Format, Value

Spec = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading and how its values are written."""

    label: str
    format: Format


@dataclass(frozen=True)
class Table:
    """The numbers that are drawn. Dates are in ISO 8601."""

    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()

    def texts(self) -> list[list[str]]:
        """The rows as people read them."""
        formats = [column.format for column in self.columns]
        return [[form.text(value) for form, value in zip(formats, row, strict=True)] for row in self.rows]


@dataclass(frozen=True)
class Drawing:
    """`spec` where there is a chart, `figure` where one number says it; otherwise the table is what is shown."""

    table: Table
    spec: Spec | None = None
    figure: str = ""
    note: str = ""


def spec(rows: list[Spec], mark: Spec, encoding: Spec) -> Spec:
    """A Vega-Lite specification that fills the element it is put into. Its colours come with the theme."""
    return {
        "width": "container",
        "height": "container",
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 4, "top": 4, "right": 14, "bottom": 4},
        "data": {"values": rows},
        "mark": mark,
        "encoding": encoding,
    }


def axis_title(options: JSON | None, default: str) -> str | None:
    """The title of an axis or a legend, from its label options; none where they hide it."""
    options = options or {}
    if options.get("Visibility") == "HIDDEN":
        return None
    labels = [
        label["CustomLabel"] for label in options.get("AxisLabelOptions") or [] if label.get("CustomLabel")
    ]
    return str(labels[0] if labels else options.get("CustomLabel", default))


def legend(options: JSON | None, default: str) -> Spec | None:
    options = options or {}
    if options.get("Visibility") == "HIDDEN":
        return None
    orient = {"RIGHT": "right", "BOTTOM": "bottom"}.get(options.get("Position", ""), "top")
    return {"title": axis_title(options.get("Title"), default), "orient": orient}
