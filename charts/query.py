"""What a visual asks of its data set, as one SQL query that Athena and DuckDB both take."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "date"]

FUNCTIONS = {
    "SUM": "sum({})",
    "COUNT": "count({})",
    "AVERAGE": "avg(cast({} as double))",
    "MIN": "min({})",
    "MAX": "max({})",
    "DISTINCT_COUNT": "count(distinct {})",
}
"""The aggregations that are known, by their names in a definition."""

GRANULARITIES = ("YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
"""What dates are cut to. Not WEEK, whose first day is QuickSight's setting and SQL's Monday."""


@dataclass(frozen=True)
class Measure:
    """A column's values made one: `function` is one of FUNCTIONS."""

    column: str
    function: str
    kind: Kind = "number"

    @property
    def sql(self) -> str:
        return FUNCTIONS[self.function].format(quoted(self.column))


@dataclass(frozen=True)
class Sort:
    """An order: by a measure, or by a dimension's own values where `by` is None."""

    by: Measure | None
    descending: bool


@dataclass(frozen=True)
class Dimension:
    """A column that rows are grouped by.

    With a `limit`, only the first values in the order of `sorts` are kept; the rest are left out, or are
    together one more value where `others` is set.
    """

    column: str
    kind: Kind
    granularity: str | None = None
    sorts: tuple[Sort, ...] = ()
    limit: int | None = None
    others: bool = False

    @property
    def sql(self) -> str:
        column = quoted(self.column)
        return f"date_trunc('{self.granularity.lower()}', {column})" if self.granularity else column


@dataclass(frozen=True)
class Query:
    """Measures by dimensions, of the rows that meet all `conditions` (SQL).

    Its rows have a value for each dimension, its place among the dimension's values (from 1) for each, and a
    value for each measure. They come in the order of the places, or where `sorts` are given in theirs: pairs
    of the position of a column and whether it is descending.
    """

    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    conditions: tuple[str, ...] = ()
    sorts: tuple[tuple[int, bool], ...] = ()
    limit: int | None = None

    def sql(self, relation: str) -> str:
        """The query's text; `relation` is what may stand after FROM: a table's name, or a query in brackets."""
        numbers = range(len(self.dimensions))
        tables = [f"kept as (\n{self._kept(relation)}\n)"]
        tables += [f"ranked_{i} as (\n{ranked(i, self.dimensions[i])}\n)" for i in numbers]
        joins = [
            f"join ranked_{i} on kept.dimension_{i} is not distinct from ranked_{i}.dimension_{i}"
            for i in numbers
        ]
        head = [f"with {', '.join(tables)}", f"select {', '.join(self._selected())}", "from kept"]
        return "\n".join([*head, *joins, *self._tail()])

    def _kept(self, relation: str) -> str:
        columns = ["data.*", *(f"{d.sql} as dimension_{i}" for i, d in enumerate(self.dimensions))]
        where = f"\nwhere {' and '.join(f'({c})' for c in self.conditions)}" if self.conditions else ""
        return f"select {', '.join(columns)}\nfrom {relation} as data{where}"

    def _selected(self) -> list[str]:
        values = [value(i, d) for i, d in enumerate(self.dimensions)]
        places = [place(i, d) for i, d in enumerate(self.dimensions)]
        return [*values, *places, *(f"{m.sql} as measure_{i}" for i, m in enumerate(self.measures))]

    def _tail(self) -> list[str]:
        count = len(self.dimensions)
        left_out = [
            f"ranked_{i}.place <= {d.limit}"
            for i, d in enumerate(self.dimensions)
            if d.limit and not d.others
        ]
        sorts = self.sorts or [(count + i, False) for i in range(count)]
        order = [f"{i + 1} {'desc' if descending else 'asc'} nulls last" for i, descending in sorts]
        clauses = {
            "where": " and ".join(left_out),
            "group by": ", ".join(str(i + 1) for i in range(2 * count)),
            "order by": ", ".join(order),
            "limit": str(self.limit or ""),
        }
        return [f"{clause} {text}" for clause, text in clauses.items() if text]


def ranked(number: int, dimension: Dimension) -> str:
    """Each value of a dimension with its place in the dimension's order."""
    own = f"dimension_{number}"
    order = [
        f"{s.by.sql if s.by else own} {'desc' if s.descending else 'asc'} nulls last" for s in dimension.sorts
    ]
    by = ", ".join([*order, f"{own} nulls last"])
    return f"select {own}, row_number() over (order by {by}) as place\nfrom kept group by {own}"


def value(number: int, dimension: Dimension) -> str:
    """A dimension's value; none for those that are together one."""
    own = f"kept.dimension_{number}"
    shown = f"case when ranked_{number}.place <= {dimension.limit} then {own} end" if dimension.limit else own
    return f"{shown} as dimension_{number}"


def place(number: int, dimension: Dimension) -> str:
    own = f"ranked_{number}.place"
    shown = f"least({own}, {dimension.limit + 1})" if dimension.limit else own
    return f"{shown} as place_{number}"


def shown(names: Iterable[str], types: Mapping[str, str]) -> str:
    """The columns of a data set as people see them, for a select; a boolean is the number 1 or 0."""
    return ", ".join(
        f"cast({quoted(name)} as integer) as {quoted(name)}"
        if types[name] in ("BIT", "BOOLEAN")
        else quoted(name)
        for name in names
    )


def quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
