"""Bars and lines: values by a category, and by a series where there are several."""

from dataclasses import dataclass

from charts.drawing import Drawing, Spec, axis_title, legend, spec
from charts.errors import NotDrawnError
from charts.fields import Field
from charts.numbers import label, table
from charts.query import Sort
from charts.values import Format, format_of
from charts.visual import Row, Visual, one

BAR_LIMITS = ("CategoryItemsLimit", "ColorItemsLimit")
LINE_LIMITS = ("CategoryItemsLimitConfiguration", "ColorItemsLimitConfiguration")


@dataclass(frozen=True)
class Series:
    """The rows of a visual, the one dimension that they are by, another that splits them, and their values."""

    category: Field
    colour: Field | None
    values: list[Field]
    rows: list[Row]

    @property
    def dimensions(self) -> list[Field]:
        return [self.category, *([self.colour] if self.colour else [])]

    @property
    def has_time_axis(self) -> bool:
        """Whether the categories are moments in their own order, with none that are together one."""
        asks = self.category.dimension
        in_order = all(sort.by is None and not sort.descending for sort in asks.sorts)
        return asks.kind == "date" and in_order and not (asks.limit and asks.others)

    def points(self) -> list[Spec]:
        """A point for each value: its category, its series, and the texts that tell it."""
        return [
            {
                "category": row[0] if self.has_time_axis else label(self.dimensions, row, 0),
                "category_text": label(self.dimensions, row, 0),
                "series": label(self.dimensions, row, 1) if self.colour else field.label,
                "value": row[2 * len(self.dimensions) + i],
                "value_text": format_of(field).text(row[2 * len(self.dimensions) + i]),
            }
            for row in self.rows
            for i, field in enumerate(self.values)
        ]


def series(visual: Visual, wells: str, limits: tuple[str, str]) -> Series:
    """The series of a visual with the wells Category, Values and Colors; `limits` are its two limits' names."""
    fields = visual.wells(wells, ("Category", "Values", "Colors"))
    values = fields["Values"]
    if not values or len(fields["Colors"]) > 1:
        raise NotDrawnError(f"{len(values)} Values and {len(fields['Colors'])} Colors")
    category = visual.sorted(one(fields, "Category"), values, "CategorySort", limits[0])
    colour = None
    if fields["Colors"]:
        if len(values) > 1:
            raise NotDrawnError(f"{len(values)} Values with Colors")
        # Lines have no ColorSort: QuickSight keeps those of the largest values.
        largest = (Sort(values[0].measure, True),) if limits == LINE_LIMITS else ()
        colour = visual.sorted(fields["Colors"][0], values, "ColorSort", limits[1], largest)
    rows = visual.ask([category, *([colour] if colour else [])], values)
    return Series(category, colour, values, rows)


def bar(visual: Visual) -> Drawing:
    """BarChartVisual."""
    drawn = series(visual, "BarChartAggregatedFieldWells", BAR_LIMITS)
    options = visual.configuration
    points = drawn.points()
    category = category_axis(
        drawn, points, axis_title(options.get("CategoryLabelOptions"), drawn.category.label)
    )
    value = value_axis(drawn, axis_title(options.get("ValueLabelOptions"), value_label(drawn)))
    arrangement = options.get("BarsArrangement", "CLUSTERED")
    stack = {"CLUSTERED": None, "STACKED": "zero", "STACKED_PERCENT": "normalize"}[arrangement]
    across, along, offset = ("y", "x", "yOffset")
    if options.get("Orientation", "HORIZONTAL") == "VERTICAL":
        across, along, offset = ("x", "y", "xOffset")
    encoding = {across: category, along: {**value, "stack": stack}, "tooltip": tooltip(drawn)}
    if is_split(drawn):
        encoding["color"] = colour_scale(drawn, points, visual)
        if stack is None:
            encoding[offset] = {"field": "series", "sort": None}
    return Drawing(
        table(drawn.dimensions, drawn.values, drawn.rows),
        spec(points, {"type": "bar", "cornerRadiusEnd": 2}, encoding),
    )


def line(visual: Visual) -> Drawing:
    """LineChartVisual."""
    drawn = series(visual, "LineChartAggregatedFieldWells", LINE_LIMITS)
    options = visual.configuration
    points = drawn.points()
    type_ = options.get("Type", "LINE")
    value = value_axis(drawn, axis_title(options.get("PrimaryYAxisLabelOptions"), value_label(drawn)))
    if (
        type_ == "STACKED_AREA"
    ):  # a series without a value on a day has none of the pile, not something in between
        value |= {"stack": "zero", "impute": {"value": 0}}
    title = axis_title(options.get("XAxisLabelOptions"), drawn.category.label)
    encoding = {
        "x": category_axis(drawn, points, title),
        "y": {"stack": None, **value},
        "tooltip": tooltip(drawn),
    }
    if is_split(drawn):
        encoding["color"] = colour_scale(drawn, points, visual)
    mark = {"type": "line", "strokeWidth": 1.2} if type_ == "LINE" else {"type": "area", "opacity": 0.7}
    return Drawing(table(drawn.dimensions, drawn.values, drawn.rows), spec(points, mark, encoding))


def is_split(drawn: Series) -> bool:
    return drawn.colour is not None or len(drawn.values) > 1


def category_axis(drawn: Series, points: list[Spec], title: str | None) -> Spec:
    """The axis of the categories: time where they are moments, otherwise a step for each in their order."""
    asks = drawn.category.dimension
    if drawn.has_time_axis:
        unit = {"MONTH": "utcyearmonth", "DAY": "utcyearmonthdate", "YEAR": "utcyear"}.get(
            str(asks.granularity)
        )
        return {
            "field": "category",
            "type": "temporal",
            "title": title,
            "scale": {"type": "utc"},
            "axis": {"grid": False, "labelOverlap": True},
            **({"timeUnit": unit} if unit else {}),
        }
    order = list(dict.fromkeys(point["category"] for point in points))
    axis = {"labelAngle": 0, "labelOverlap": True, "labelLimit": 170}
    return {"field": "category", "type": "nominal", "title": title, "sort": order, "axis": axis}


def value_axis(drawn: Series, title: str | None) -> Spec:
    """The axis of the values, with their prefix and suffix and in thousands or millions where they are large."""
    form = format_of(drawn.values[0])
    axis = {"labelExpr": tick_text(form), "tickCount": 6, "labelOverlap": True}
    return {"field": "value", "type": "quantitative", "title": title, "axis": axis}


def tick_text(form: Format) -> str:
    """A Vega expression that writes a tick."""
    scaled = f"datum.value * {form.factor!r}" if form.factor != 1 else "datum.value"
    number = f"replace(replace(format({scaled}, '~s'), 'G', 'B'), 'k', 'K')"
    return " + ".join(
        [f"'{form.prefix}'"] * bool(form.prefix) + [number] + [f"'{form.suffix}'"] * bool(form.suffix)
    )


def value_label(drawn: Series) -> str:
    measure = drawn.values[0].measure
    return f"{measure.column} ({measure.function.capitalize().replace('_', ' ')})"


def colour_scale(drawn: Series, points: list[Spec], visual: Visual) -> Spec:
    names = {point["series"]: place_of(drawn, i) for i, point in reversed(list(enumerate(points)))}
    title = drawn.colour.label if drawn.colour else ""
    title = axis_title(visual.configuration.get("ColorLabelOptions"), title) or title
    shown = legend(visual.configuration.get("Legend"), title)
    order = sorted(names, key=lambda name: names[name])
    return {"field": "series", "type": "nominal", "sort": order, "legend": shown}


def place_of(drawn: Series, point: int) -> int:
    """The place of a point's series among the series."""
    values = len(drawn.values)
    if drawn.colour is None:
        return point % values
    return int(drawn.rows[point // values][3] or 0)


def tooltip(drawn: Series) -> list[Spec]:
    told = [("category_text", drawn.category.label)]
    if is_split(drawn):
        told.append(("series", drawn.colour.label if drawn.colour else "series"))
    told.append(("value_text", value_label(drawn) if len(drawn.values) == 1 else "value"))
    return [{"field": field, "type": "nominal", "title": title} for field, title in told]
