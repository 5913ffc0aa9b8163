"""A heat map: a value by rows and columns, as colour."""

from charts.drawing import Drawing, Spec, axis_title, legend, spec
from charts.fields import JSON
from charts.numbers import label, table
from charts.values import format_of
from charts.visual import Row, Visual, one

ROWS, COLUMNS = "HeatMapRowItemsLimitConfiguration", "HeatMapColumnItemsLimitConfiguration"


def heat_map(visual: Visual) -> Drawing:
    """HeatMapVisual."""
    wells = visual.wells("HeatMapAggregatedFieldWells", ("Rows", "Columns", "Values"))
    value = one(wells, "Values")
    down = visual.sorted(one(wells, "Rows"), [value], "HeatMapRowSort", ROWS)
    across = visual.sorted(one(wells, "Columns"), [value], "HeatMapColumnSort", COLUMNS)
    dimensions = [down, across]
    rows = visual.ask(dimensions, [value])
    points = [
        {
            "row": label(dimensions, row, 0),
            "column": label(dimensions, row, 1),
            "value": row[4],
            "value_text": format_of(value).text(row[4]),
        }
        for row in rows
    ]
    options = visual.configuration
    titles = {
        "row": axis_title(options.get("RowLabelOptions"), down.label),
        "column": axis_title(options.get("ColumnLabelOptions"), across.label),
    }
    encoding = {
        "y": axis("row", titles["row"], in_order(points, rows, "row", 2)),
        "x": axis("column", titles["column"], in_order(points, rows, "column", 3)),
        "color": {
            "field": "value",
            "type": "quantitative",
            "scale": scale(options.get("ColorScale")),
            "legend": legend(options.get("Legend"), value.label),
        },
        "tooltip": [
            {"field": name, "type": "nominal", "title": title or name}
            for name, title in {**titles, "value_text": value.label}.items()
        ],
    }
    drawn = spec(points, {"type": "rect", "cornerRadius": 1}, encoding)
    return Drawing(table(dimensions, [value], rows), drawn)


def axis(name: str, title: str | None, order: list[str]) -> Spec:
    shown = {"labelAngle": 0, "labelOverlap": True, "labelLimit": 220, "domain": False}
    band = {"paddingInner": 0.06, "paddingOuter": 0.02}
    return {"field": name, "type": "nominal", "title": title, "sort": order, "axis": shown, "scale": band}


def in_order(points: list[Spec], rows: list[Row], name: str, place: int) -> list[str]:
    places = {point[name]: int(row[place] or 0) for point, row in zip(points, rows, strict=True)}
    return sorted(places, key=lambda label: places[label])


def scale(options: JSON | None) -> Spec:
    """The ColorScale: from colour to colour between the values they are at, or in steps."""
    if not options:
        return {}
    colours = options["Colors"]
    shown: Spec = {"range": [colour["Color"] for colour in colours]}
    values = [colour["DataValue"] for colour in colours if "DataValue" in colour]
    if len(values) == len(colours):
        shown |= {"domain": values, "clamp": True}
    return shown | ({"type": "quantize"} if options["ColorFillType"] == "DISCRETE" else {})
