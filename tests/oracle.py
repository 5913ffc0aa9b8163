"""The independent answer: the five results straight from the CSV files, and the jobs' output read back."""

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

Row = tuple[Any, ...]

#: The columns of each result in order, and how the value that JSON gives becomes one.
RESULTS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "order_line_counts": {"sales_order_id": int, "line_count": int},
    "top_products": {
        "days_to_manufacture": int,
        "rank": int,
        "product_id": int,
        "product_name": str,
        "order_qty": int,
    },
    "customer_orders": {"business_entity_id": int, "full_name": str, "order_count": int},
    "product_daily_quantity": {"product_id": int, "order_date": dt.date.fromisoformat, "order_qty": int},
    "large_orders": {
        "sales_order_id": int,
        "order_date": dt.date.fromisoformat,
        "total_due": lambda number: Decimal(number).quantize(Decimal("1.0000")),
    },
}

QUESTIONS = {
    "order_line_counts": """
        SELECT SalesOrderID::BIGINT, count(*)
        FROM "Sales.SalesOrderDetail" GROUP BY ALL HAVING count(*) > 2
    """,
    "top_products": """
        SELECT DaysToManufacture::BIGINT, place::INTEGER, ProductID::BIGINT, Name, sold::BIGINT
        FROM (
            SELECT *, count(*) OVER better + 1 AS place
            FROM (
                SELECT DaysToManufacture, ProductID, Name, (
                    SELECT sum(OrderQty::BIGINT) FROM "Sales.SalesOrderDetail" d
                    WHERE d.ProductID = p.ProductID
                      AND (d.SpecialOfferID, d.ProductID) IN
                          (SELECT (SpecialOfferID, ProductID) FROM "Sales.SpecialOfferProduct")
                ) AS sold
                FROM "Production.Product" p
            )
            WHERE sold IS NOT NULL
            WINDOW better AS (
                PARTITION BY DaysToManufacture ORDER BY sold DESC, Name, ProductID::BIGINT
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
        )
        WHERE place < 4
    """,
    "customer_orders": """
        SELECT BusinessEntityID::BIGINT,
               array_to_string(list_filter([FirstName, MiddleName, LastName], lambda n: n IS NOT NULL), ' '),
               orders
        FROM "Person.Person" JOIN (
            SELECT (SELECT PersonID FROM "Sales.Customer" c WHERE c.CustomerID = h.CustomerID) AS person,
                   count(*) AS orders
            FROM "Sales.SalesOrderHeader" h GROUP BY person
        ) ON person = BusinessEntityID
    """,
    "product_daily_quantity": """
        SELECT ProductID::BIGINT, ordered, sum(OrderQty::BIGINT)::BIGINT
        FROM "Sales.SalesOrderDetail"
        JOIN (SELECT SalesOrderID, OrderDate::TIMESTAMP::DATE AS ordered FROM "Sales.SalesOrderHeader")
        USING (SalesOrderID) GROUP BY ALL
    """,
    "large_orders": """
        SELECT SalesOrderID::BIGINT AS id, OrderDate::TIMESTAMP::DATE, total
        FROM (SELECT *, replace(TotalDue, ',', '.')::DECIMAL(19, 4) AS total FROM "Sales.SalesOrderHeader")
        WHERE starts_with(OrderDate, $month || '-') AND total > $bound::DECIMAL(19, 4)
        ORDER BY total DESC, id
    """,
}


def expected(
    input_dir: Path, month: str = "2011-09", min_total_due: Decimal | int = 1000
) -> dict[str, list[Row]]:
    """The rows of each result as tuples of int, str, date and Decimal; `large_orders` in its order."""
    with duckdb.connect() as connection:
        for file in input_dir.glob("*.csv"):
            connection.read_csv(
                str(file),
                sep=";",
                quotechar='"',
                escapechar='"',
                na_values="NULL",
                header=True,
                all_varchar=True,
            ).create_view(file.stem)
        parameters = {"large_orders": {"month": month, "bound": str(min_total_due)}}
        return {
            job: connection.execute(question, parameters.get(job, {})).fetchall()
            for job, question in QUESTIONS.items()
        }


def read_results(directory: Path) -> dict[str, list[Row]]:
    """The rows under `<directory>/<job>/*.json`, typed as those of `expected`, file by file in order of name.

    Raises ValueError where a line has not exactly the result's columns in their order, and FileNotFoundError
    where a job has no folder.
    """
    return {job: list(_rows(directory / job, columns)) for job, columns in RESULTS.items()}


def _rows(folder: Path, columns: dict[str, Callable[[Any], Any]]) -> list[Row]:
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such result")
    rows = []
    for file in sorted(folder.glob("*.json")):
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line, parse_float=Decimal)
            if list(record) != list(columns):
                raise ValueError(
                    f"{file}: columns {', '.join(record)}; expected {', '.join(columns)}: {line}"
                )
            rows.append(tuple(read(record[name]) for name, read in columns.items()))
    return rows
