"""The SQL of a visual's question, run on DuckDB: grouping, order, limits and what is beyond them."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from charts.query import Dimension, Measure, Query, Sort

SOLD = Measure("sold", "SUM")
MOST = (Sort(SOLD, True),)


@pytest.fixture
def shop() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            """create table shop as select * from (values
                ('pear', timestamp '2011-05-30 09:00', 1, 1.5), ('fig', timestamp '2011-05-31', 7, 2.5),
                ('fig', timestamp '2011-06-01', 2, null), ('plum', timestamp '2011-06-02', 4, 0.5),
                (null, timestamp '2011-06-02', 3, 1.0)
            ) rows (fruit, day, sold, price)"""
        )
        yield connection


def answer(shop: duckdb.DuckDBPyConnection, *dimensions: Dimension, **more: Any) -> list[tuple[Any, ...]]:
    query = Query(dimensions, more.pop("measures", (SOLD,)), **more)
    return shop.execute(query.sql("shop")).fetchall()


def test_values_are_in_their_own_order_and_none_is_last(shop: duckdb.DuckDBPyConnection) -> None:
    rows = answer(shop, Dimension("fruit", "text"))

    assert rows == [("fig", 1, 9), ("pear", 2, 1), ("plum", 3, 4), (None, 4, 3)]


def test_values_are_in_the_order_of_a_measure(shop: duckdb.DuckDBPyConnection) -> None:
    rows = answer(shop, Dimension("fruit", "text", sorts=MOST))

    assert [row[0] for row in rows] == ["fig", "plum", None, "pear"]


def test_values_beyond_a_limit_are_left_out(shop: duckdb.DuckDBPyConnection) -> None:
    assert answer(shop, Dimension("fruit", "text", sorts=MOST, limit=2)) == [("fig", 1, 9), ("plum", 2, 4)]


def test_values_beyond_a_limit_are_together_one(shop: duckdb.DuckDBPyConnection) -> None:
    rows = answer(shop, Dimension("fruit", "text", sorts=MOST, limit=2, others=True))

    assert rows == [("fig", 1, 9), ("plum", 2, 4), (None, 3, 4)]


def test_what_is_beyond_a_limit_is_aggregated_from_its_rows(shop: duckdb.DuckDBPyConnection) -> None:
    mean = Measure("sold", "AVERAGE")
    (_, others) = answer(shop, Dimension("fruit", "text", sorts=MOST, limit=1, others=True), measures=(mean,))

    assert others[-1] == pytest.approx((1 + 4 + 3) / 3)  # and not the mean of the fruits' means


def test_dates_are_cut_to_their_granularity(shop: duckdb.DuckDBPyConnection) -> None:
    rows = answer(shop, Dimension("day", "date", "MONTH"))

    assert [(row[0].isoformat()[:10], row[-1]) for row in rows] == [("2011-05-01", 8), ("2011-06-01", 9)]


def test_every_aggregation(shop: duckdb.DuckDBPyConnection) -> None:
    functions = ("SUM", "COUNT", "AVERAGE", "MIN", "MAX", "DISTINCT_COUNT")
    measures = tuple(Measure("price", function) for function in functions)
    ((total, count, mean, least, most, distinct),) = answer(shop, measures=measures)

    assert [float(value) for value in (total, count, mean, least, most, distinct)] == [
        5.5,
        4,
        1.375,
        0.5,
        2.5,
        4,
    ]


def test_rows_that_do_not_meet_a_condition_are_in_no_place(shop: duckdb.DuckDBPyConnection) -> None:
    rows = answer(shop, Dimension("fruit", "text", sorts=MOST), conditions=("sold < 3",))

    assert rows == [("fig", 1, 2), ("pear", 2, 1)]


def test_rows_are_sorted_and_limited(shop: duckdb.DuckDBPyConnection) -> None:
    assert answer(shop, Dimension("fruit", "text"), sorts=((2, True),), limit=1) == [("fig", 1, 9)]
