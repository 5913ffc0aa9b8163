"""The fields of a visual's field wells: what each asks for, what it is called and how its values are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from charts.errors import NotDrawnError
from charts.query import FUNCTIONS, GRANULARITIES, Dimension, Kind, Measure

JSON = Mapping[str, Any]
KINDS: dict[str, Kind] = {"Categorical": "text", "Numerical": "number", "Date": "date"}


@dataclass(frozen=True)
class Field:
    """A dimension or a measure, as a field well holds it."""

    field_id: str
    data_set: str
    asks: Dimension | Measure
    format: JSON
    """Its FormatConfiguration, empty where it has none."""

    @property
    def label(self) -> str:
        """What QuickSight calls it where nothing else is said."""
        return self.asks.column

    @property
    def dimension(self) -> Dimension:
        assert isinstance(self.asks, Dimension)
        return self.asks

    @property
    def measure(self) -> Measure:
        assert isinstance(self.asks, Measure)
        return self.asks


def dimension_field(field: JSON) -> Field:
    """A DimensionField. Dates are cut to days unless another granularity is said."""
    ((name, body),) = field.items()
    kind = KINDS[name.removesuffix("DimensionField")]
    granularity = body.get("DateGranularity", "DAY") if kind == "date" else None
    if granularity and granularity not in GRANULARITIES:
        raise NotDrawnError(f"DateGranularity {granularity}")
    return field_of(body, Dimension(body["Column"]["ColumnName"], kind, granularity))


def measure_field(field: JSON) -> Field:
    """A MeasureField. Numbers are added up and everything else is counted unless another aggregation is said."""
    ((name, body),) = field.items()
    if name == "CalculatedMeasureField":
        raise NotDrawnError(f"CalculatedMeasureField {body['FieldId']}")
    kind = KINDS[name.removesuffix("MeasureField")]
    return field_of(body, measure(body["Column"]["ColumnName"], kind, body.get("AggregationFunction")))


def measure(column: str, kind: Kind, aggregation: Any) -> Measure:
    """The measure of a column; `aggregation` is the AggregationFunction of a field or a sort of its kind."""
    default = "SUM" if kind == "number" else "COUNT"
    name = aggregation or default
    if isinstance(aggregation, Mapping):
        name = aggregation.get("SimpleNumericalAggregation") or ", ".join(aggregation)
    if name not in FUNCTIONS:
        raise NotDrawnError(f"the aggregation {name}")
    counts = name in ("COUNT", "DISTINCT_COUNT")
    return Measure(column, name, "number" if counts else kind)


def field_of(body: JSON, asks: Dimension | Measure) -> Field:
    identifier = body["Column"].get("DataSetIdentifier", "")
    return Field(body["FieldId"], identifier, asks, body.get("FormatConfiguration") or {})
