"""The oracle itself, on answers worked out by hand."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from tests.oracle import expected, read_results

TABLES = {
    "Person.Person": 'BusinessEntityID;FirstName;MiddleName;LastName\n7;Zoë;NULL;O\'Brien\n8;Ken;J;"Ward; Jr."\n',
    "Production.Product": "ProductID;Name;DaysToManufacture\n1;B;0\n2;A;0\n3;C;0\n4;D;0\n5;E;4\n6;unsold;4\n",
    "Sales.Customer": "CustomerID;PersonID\n1;7\n2;7\n3;NULL\n4;8\n",
    "Sales.SpecialOfferProduct": "SpecialOfferID;ProductID\n1;1\n1;2\n1;3\n1;4\n1;5\n2;1\n",
    "Sales.SalesOrderHeader": (
        "SalesOrderID;OrderDate;CustomerID;TotalDue\n"
        "10;2011-09-01 00:00:00.000;1;999,90\n"
        "11;2011-09-30 00:00:00.000;2;1000,0001\n"
        "12;2011-09-30 00:00:00.000;3;20000,00\n"
        "13;2011-10-01 00:00:00.000;4;20000,00\n"
    ),
    "Sales.SalesOrderDetail": (
        "SalesOrderID;ProductID;SpecialOfferID;OrderQty\n"
        "10;1;1;5\n10;1;2;4\n10;2;1;8\n11;3;1;8\n12;4;1;1\n12;5;1;1\n12;1;1;1\n"
    ),
}
SEPTEMBER_1, SEPTEMBER_30 = dt.date(2011, 9, 1), dt.date(2011, 9, 30)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    for name, content in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8-sig")
    return tmp_path


def test_expected(tables: Path) -> None:
    answers = expected(tables)
    assert sorted(answers["order_line_counts"]) == [(10, 3), (12, 3)]
    assert sorted(answers["top_products"]) == [
        (0, 1, 1, "B", 10),
        (0, 2, 2, "A", 8),
        (0, 3, 3, "C", 8),
        (4, 1, 5, "E", 1),
    ]
    assert sorted(answers["customer_orders"]) == [(7, "Zoë O'Brien", 2), (8, "Ken J Ward; Jr.", 1)]
    assert sorted(answers["product_daily_quantity"]) == [
        (1, SEPTEMBER_1, 9),
        (1, SEPTEMBER_30, 1),
        (2, SEPTEMBER_1, 8),
        (3, SEPTEMBER_30, 8),
        (4, SEPTEMBER_30, 1),
        (5, SEPTEMBER_30, 1),
    ]
    assert answers["large_orders"] == [
        (12, SEPTEMBER_30, Decimal("20000.0000")),
        (11, SEPTEMBER_30, Decimal("1000.0001")),
    ]


def test_expected_takes_month_and_bound(tables: Path) -> None:
    answers = expected(tables, month="2011-10", min_total_due=Decimal("19999.9999"))
    assert answers["large_orders"] == [(13, dt.date(2011, 10, 1), Decimal("20000.0000"))]


RESULTS = {
    "order_line_counts": '{"sales_order_id":10,"line_count":3}\n{"sales_order_id":12,"line_count":3}\n',
    "top_products": (
        '{"days_to_manufacture":0,"rank":1,"product_id":1,"product_name":"Vélo, 2","order_qty":10}\n'
    ),
    "customer_orders": "",
    "product_daily_quantity": '{"product_id":1,"order_date":"2011-09-01","order_qty":9}\n',
    "large_orders": '{"sales_order_id":12,"order_date":"2011-09-30","total_due":20000.0000}\n',
}


def write(directory: Path, results: dict[str, str]) -> Path:
    for job, content in results.items():
        (directory / job).mkdir()
        (directory / job / "part-00000.json").write_text(content, encoding="utf-8")
    return directory


def test_read_results(tmp_path: Path) -> None:
    results = read_results(write(tmp_path, RESULTS))
    assert results["order_line_counts"] == [(10, 3), (12, 3)]
    assert results["top_products"] == [(0, 1, 1, "Vélo, 2", 10)]
    assert results["customer_orders"] == []
    assert results["product_daily_quantity"] == [(1, SEPTEMBER_1, 9)]
    assert results["large_orders"] == [(12, SEPTEMBER_30, Decimal("20000.0000"))]


@pytest.mark.parametrize(
    "line",
    [
        '{"sales_order_id":12}',
        '{"line_count":3,"sales_order_id":12}',
        '{"sales_order_id":12,"line_count":3,"job":1}',
    ],
    ids=["missing", "out of order", "extra"],
)
def test_read_results_wants_the_columns(tmp_path: Path, line: str) -> None:
    directory = write(
        tmp_path, RESULTS | {"order_line_counts": f'{{"sales_order_id":1,"line_count":3}}\n{line}\n'}
    )
    with pytest.raises(ValueError, match="expected sales_order_id, line_count"):
        read_results(directory)


def test_read_results_wants_every_job(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="order_line_counts"):
        read_results(tmp_path)
