"""One visual of a sheet: its parts, read with what is not known in them named."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from charts.errors import NotDrawnError
from charts.fields import JSON, KINDS, Field, dimension_field, measure, measure_field
from charts.query import Query, Sort
from charts.values import Value, read

Row = tuple[Value, ...]

LOOKS = {
    "AxisOffset", "BarsArrangement", "CategoryAxis", "CategoryLabelOptions", "ColorLabelOptions", "ColorScale",
    "ColumnAxisDisplayOptions", "ColumnLabelOptions", "ContributionAnalysisDefaults",
    "DashboardCustomizationVisualOptions", "DataLabels", "DefaultSeriesSettings", "FieldOptions", "Interactions",
    "Legend", "Orientation", "PaginatedReportOptions", "PrimaryYAxisDisplayOptions", "PrimaryYAxisLabelOptions",
    "RowAxisDisplayOptions", "RowLabelOptions", "Series", "SingleAxisOptions", "TableInlineVisualizations",
    "TableOptions", "Tooltip", "Type", "ValueAxis", "ValueLabelOptions", "VisualPalette", "XAxisDisplayOptions",
    "XAxisLabelOptions",
}  # fmt: skip
"""Options of a configuration that leave the numbers as they are; the rest has to be known to be drawn."""


@dataclass(frozen=True)
class Visual:
    """A visual, and how to get the rows that it asks for."""

    kind: str
    body: JSON
    calculated: frozenset[tuple[str, str]]
    """Data set and name of the definition's calculated fields."""
    rows: Callable[[str, Query], Iterable[Any]]
    """The rows of a data set that meet the visual's filters."""

    @property
    def configuration(self) -> JSON:
        return self.body.get("ChartConfiguration") or {}

    @property
    def sort(self) -> JSON:
        return self.configuration.get("SortConfiguration") or {}

    def text(self, name: str) -> str:
        """Its Title or Subtitle, empty where it has none or hides it."""
        options = self.body.get(name) or {}
        shown = options.get("Visibility", "VISIBLE") == "VISIBLE"
        texts = options.get("FormatText") or {}
        text = texts.get("PlainText") or re.sub(r"<[^>]*>", "", texts.get("RichText") or "")
        return str(text) if shown else ""

    def wells(self, name: str, known: tuple[str, ...], also: tuple[str, ...] = ()) -> dict[str, list[Field]]:
        """The fields in each of the `known` wells. `name` is that of the wells together, empty where they have none."""
        only(self.configuration, {"FieldWells", "SortConfiguration", *also} | LOOKS)
        wells = self.configuration.get("FieldWells") or {}
        if name:
            only(wells, {name})
            wells = wells.get(name) or {}
        only(wells, set(known))
        return {well: [self.field(field) for field in wells.get(well) or []] for well in known}

    def field(self, field: JSON) -> Field:
        ((name, _),) = field.items()
        found = measure_field(field) if name.endswith("MeasureField") else dimension_field(field)
        self.check_column(found.data_set, found.asks.column)
        return found

    def check_column(self, data_set: str, column: str) -> None:
        if (data_set, column) in self.calculated:
            raise NotDrawnError(f"the calculated field {column}")

    def sorted(
        self, field: Field, measures: list[Field], sorts: str, limit: str, default: tuple[Sort, ...] = ()
    ) -> Field:
        """The dimension in the order, and with the limit, that the sort configuration has for it."""
        options = self.sort.get(sorts) or []
        order = tuple(self.sort_of(option, field, measures) for option in options) or default
        limits = self.sort.get(limit) or {}
        items = limits.get("ItemsLimit")
        if items and not order:
            raise NotDrawnError(f"{limit} without {sorts}")
        others = limits.get("OtherCategories", "INCLUDE") == "INCLUDE"
        return replace(field, asks=replace(field.dimension, sorts=order, limit=items, others=others))

    def sort_of(self, option: JSON, field: Field, measures: list[Field]) -> Sort:
        ((kind, body),) = option.items()
        descending = body["Direction"] == "DESC"
        if kind == "ColumnSort":
            return Sort(self.column_measure(body), descending)
        if body["FieldId"] == field.field_id:
            return Sort(None, descending)
        for other in measures:
            if body["FieldId"] == other.field_id:
                return Sort(other.measure, descending)
        raise NotDrawnError(f"a sort by the field {body['FieldId']}")

    def column_measure(self, sort: JSON) -> Any:
        column = sort["SortBy"]
        self.check_column(column.get("DataSetIdentifier", ""), column["ColumnName"])
        if not sort.get("AggregationFunction"):
            raise NotDrawnError(f"a sort by {column['ColumnName']} without AggregationFunction")
        ((name, function),) = sort["AggregationFunction"].items()
        kind = KINDS.get(name.removesuffix("AggregationFunction"))
        if kind is None:
            raise NotDrawnError(f"{name} of a sort")
        return measure(column["ColumnName"], kind, function)

    def ask(self, dimensions: list[Field], measures: list[Field], **more: Any) -> list[Row]:
        """The rows of the fields: the dimensions' values, their places, the measures' values."""
        fields = [*dimensions, *measures]
        (data_set,) = {field.data_set for field in fields}
        query = Query(tuple(d.dimension for d in dimensions), tuple(m.measure for m in measures), **more)
        places = ["number"] * len(dimensions)
        kinds: Any = [*(d.asks.kind for d in dimensions), *places, *(m.asks.kind for m in measures)]
        return [tuple(map(read, row, kinds)) for row in self.rows(data_set, query)]


def one(wells: dict[str, list[Field]], well: str) -> Field:
    """The one field of a well."""
    if len(wells[well]) != 1:
        raise NotDrawnError(f"{len(wells[well])} fields in {well}")
    return wells[well][0]


def only(options: JSON, known: set[str]) -> None:
    """NotDrawnError for an option that is set and not known."""
    if unknown := sorted(name for name in options.keys() - known if options[name]):
        raise NotDrawnError(", ".join(unknown))
