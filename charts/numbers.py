"""Rows of a query as the numbers of a chart: values that are together one by their name."""

from charts.drawing import Column, Table
from charts.fields import Field
from charts.values import OTHER, Value, format_of
from charts.visual import Row


def table(dimensions: list[Field], values: list[Field], rows: list[Row]) -> Table:
    """The rows without the places of their dimensions' values."""
    count = len(dimensions)
    columns = tuple(Column(field.label, format_of(field)) for field in [*dimensions, *values])
    shown = tuple((*(named(dimensions, row, i) for i in range(count)), *row[2 * count :]) for row in rows)
    return Table(columns, shown)


def label(dimensions: list[Field], row: Row, position: int) -> str:
    """A dimension's value in a row, as people read it."""
    return format_of(dimensions[position]).text(named(dimensions, row, position))


def named(dimensions: list[Field], row: Row, position: int) -> Value:
    asks, place = dimensions[position].dimension, row[len(dimensions) + position]
    beyond = asks.limit and asks.others and int(place or 0) > asks.limit
    return OTHER if beyond else row[position]
