"""Each script's answer on frames worked out by hand, and whole scripts against the oracle on generated data."""

import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf

from localcloud.sampledata import generate
from tests.glue_scripts.conftest import PROJECT, Run, script
from tests.oracle import RESULTS, expected, read_results

Rows = list[tuple[Any, ...]]
MONTH = {"month": "2011-09", "min_total_due": "1000"}
SEPTEMBER_1, SEPTEMBER_30 = dt.date(2011, 9, 1), dt.date(2011, 9, 30)

#: job -> schema of its result, its tables by argument, and the answer.
GOLDEN: dict[str, tuple[str, dict[str, tuple[str, Rows]], Rows]] = {
    "order_line_counts": (
        "sales_order_id bigint, line_count bigint",
        {"details": ("SalesOrderID bigint", [(1,)] * 2 + [(2,)] * 3 + [(3,)] * 4 + [(4,)])},
        [(2, 3), (3, 4)],
    ),
    "top_products": (
        "days_to_manufacture bigint, rank int, product_id bigint, product_name string, order_qty bigint",
        {
            "details": (
                "ProductID bigint, SpecialOfferID bigint, OrderQty bigint",
                # Product 6 is sold under an offer that it is not in.
                [
                    (1, 1, 90),
                    (1, 2, 10),
                    (2, 1, 50),
                    (3, 1, 40),
                    (4, 1, 40),
                    (5, 2, 7),
                    (6, 2, 99),
                    (6, 1, 1),
                ],
            ),
            "offered": (
                "ProductID bigint, SpecialOfferID bigint",
                [(1, 1), (1, 2), (2, 1), (3, 1), (4, 1), (5, 1), (5, 2), (6, 1)],
            ),
            "products": (
                "ProductID bigint, Name string, DaysToManufacture bigint",
                [
                    (1, "Bike", 0),
                    (2, "Fork", 0),
                    (3, "Rim", 0),
                    (4, "Nut", 0),
                    (5, "Vélo", 4),
                    (6, "Cap", 4),
                    (7, "Never sold", 4),
                ],
            ),
        },
        [
            (0, 1, 1, "Bike", 100),
            (0, 2, 2, "Fork", 50),
            (0, 3, 4, "Nut", 40),
            (4, 1, 5, "Vélo", 7),
            (4, 2, 6, "Cap", 1),
        ],
    ),
    "customer_orders": (
        "business_entity_id bigint, full_name string, order_count bigint",
        {
            "orders": (
                "SalesOrderID bigint, CustomerID bigint",
                [(1, 11), (2, 11), (3, 12), (4, 13), (5, 14), (6, 14), (7, 15)],
            ),
            # Person 1 is two customers; customer 15 is a store without a person; customer 16 never ordered.
            "customers": (
                "CustomerID bigint, PersonID bigint",
                [(11, 1), (12, 1), (13, 2), (14, 3), (15, None), (16, 4)],
            ),
            "people": (
                "BusinessEntityID bigint, FirstName string, MiddleName string, LastName string",
                [
                    (1, "José", None, "Ward; Jr."),
                    (2, "Ann", "B.", "O'Hara"),
                    (3, "Ann", "B.", "O'Hara"),
                    (4, "Ken", None, "Null"),
                    (11, "No", None, "Customer"),
                ],
            ),
        },
        [(1, "José Ward; Jr.", 3), (2, "Ann B. O'Hara", 1), (3, "Ann B. O'Hara", 2)],
    ),
    "product_daily_quantity": (
        "product_id bigint, order_date date, order_qty bigint",
        {
            "details": (
                "SalesOrderID bigint, ProductID bigint, OrderQty bigint",
                [(1, 7, 2), (1, 7, 3), (2, 7, 4), (3, 7, 1), (2, 8, 1)],
            ),
            "orders": (
                "SalesOrderID bigint, OrderDate date",
                [(1, SEPTEMBER_1), (2, SEPTEMBER_1), (3, SEPTEMBER_30)],
            ),
        },
        [(7, SEPTEMBER_1, 9), (7, SEPTEMBER_30, 1), (8, SEPTEMBER_1, 1)],
    ),
    "large_orders": (
        "sales_order_id bigint, order_date date, total_due decimal(19,4)",
        {
            "orders": (
                "SalesOrderID bigint, OrderDate date, TotalDue decimal(19,4)",
                [
                    (1, SEPTEMBER_1, Decimal("999.9000")),
                    (2, SEPTEMBER_1, Decimal("1000.0000")),
                    (3, SEPTEMBER_30, Decimal("1000.0001")),
                    (6, SEPTEMBER_30, Decimal("9999.0000")),
                    (5, SEPTEMBER_1, Decimal("9999.0000")),
                    (4, SEPTEMBER_1, Decimal("20000.0000")),
                    (7, dt.date(2011, 8, 31), Decimal("30000.0000")),
                    (8, dt.date(2011, 10, 1), Decimal("30000.0000")),
                    (9, dt.date(2012, 9, 1), Decimal("30000.0000")),
                ],
            )
        },
        [
            (4, SEPTEMBER_1, Decimal("20000.0000")),
            (5, SEPTEMBER_1, Decimal("9999.0000")),
            (6, SEPTEMBER_30, Decimal("9999.0000")),
            (3, SEPTEMBER_30, Decimal("1000.0001")),
        ],
    ),
}

#: What the SQL must not be: job, the right words, the trap in their place.
TRAPS = [
    ("order_line_counts", "line_count >= 3", "line_count > 3"),
    ("order_line_counts", "line_count >= 3", "line_count >= 2"),
    ("top_products", "and details.product_id = offered.product_id", ""),
    ("top_products", "on details.special_offer_id = offered.special_offer_id\n        and", "on"),
    ("top_products", "partition by products.days_to_manufacture", ""),
    (
        "top_products",
        "products.product_name,\n                products.product_id\n",
        "products.product_id\n",
    ),
    ("top_products", "sales.order_qty desc", "sales.order_qty"),
    ("top_products", "sum(details.order_qty)", "count(details.order_qty)"),
    (
        "customer_orders",
        "businessentityid as business_entity_id",
        "min(businessentityid) over (partition by firstname, middlename, lastname) as business_entity_id",
    ),
    (
        "customer_orders",
        "concat_ws(' ', firstname, middlename, lastname)",
        "concat(firstname, ' ', middlename, ' ', lastname)",
    ),
    ("customer_orders", "inner join people", "left join people"),
    (
        "customer_orders",
        "group by customers.person_id",
        "group by customers.person_id, customers.customer_id",
    ),
    (
        "customer_orders",
        "on orders.customer_id = customers.customer_id",
        "on orders.customer_id = customers.person_id",
    ),
    ("product_daily_quantity", "sum(details.order_qty)", "count(*)"),
    ("product_daily_quantity", "orderdate as order_date", "trunc(orderdate, 'month') as order_date"),
    ("large_orders", "and total_due > :min_total_due", "and string(total_due) > string(:min_total_due)"),
    ("large_orders", "total_due > :min_total_due", "total_due >= :min_total_due"),
    ("large_orders", "total_due desc", "string(total_due) desc"),
    ("large_orders", "total_due desc,\n    sales_order_id", "total_due desc, sales_order_id desc"),
    ("large_orders", "order_date >= :month", "true"),
    ("large_orders", "and order_date < add_months(:month, 1)", ""),
    ("large_orders", "order_date >= :month", "month(order_date) = month(:month)"),
]


def answer(spark: SparkSession, job: str) -> DataFrame:
    """The result of a job's transform on its golden tables."""
    frames: dict[str, Any] = {
        name: spark.createDataFrame(rows, schema) for name, (schema, rows) in GOLDEN[job][1].items()
    }
    if job == "large_orders":
        frames |= {"month": SEPTEMBER_1, "min_total_due": Decimal("1000.0000")}
    result: DataFrame = getattr(script(job), job)(**frames)
    return result


def rows_of(result: DataFrame, job: str) -> Rows:
    rows = [tuple(row) for row in result.collect()]
    return rows if job == "large_orders" else sorted(rows, key=repr)


@pytest.mark.parametrize("job", GOLDEN)
def test_answer(spark: SparkSession, job: str) -> None:
    schema, _, rows = GOLDEN[job]
    result = answer(spark, job)
    assert ", ".join(f"{name} {kind}" for name, kind in result.dtypes) == schema
    assert [field.name for field in result.schema] == list(RESULTS[job])
    assert rows_of(result, job) == rows


@pytest.mark.parametrize(("job", "right", "trap"), TRAPS)
def test_answer_would_tell_the_trap(
    driver: SparkSession, monkeypatch: pytest.MonkeyPatch, job: str, right: str, trap: str
) -> None:
    module = script(job)
    assert right in module.SQL
    monkeypatch.setattr(module, "SQL", module.SQL.replace(right, trap, 1))
    if trap.startswith("month("):
        monkeypatch.setattr(module, "SQL", module.SQL.replace("and order_date < add_months(:month, 1)", ""))
    assert rows_of(answer(driver, job), job) != GOLDEN[job][2]


def test_large_orders_are_one_partition_so_that_one_file_keeps_their_order(spark: SparkSession) -> None:
    assert answer(spark, "large_orders").rdd.getNumPartitions() == 1


def the_same_in_every_job(job: str) -> str:
    source = (PROJECT / "glue_scripts" / f"{job}.py").read_text()
    return source[source.index("# From here on the same in every job") :]


def test_scripts_share_their_last_part() -> None:
    assert len({the_same_in_every_job(job) for job in GOLDEN}) == 1
    assert {path.stem for path in (PROJECT / "glue_scripts").glob("*.py")} == set(GOLDEN)


@pytest.mark.parametrize("job", GOLDEN)
def test_sql_is_lower_case_and_narrow(job: str) -> None:
    sql = script(job).SQL
    code = re.sub(r"--.*", "", sql)
    assert code == code.lower()
    assert max(len(line) for line in sql.splitlines()) < 80


# Whole scripts, from tables of text.


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sample")
    generate(directory, 0.05)
    return directory


@pytest.fixture(scope="module")
def tables(spark: SparkSession, sample: Path) -> dict[str, DataFrame]:
    """The sample's tables by their names in the catalog."""
    return {
        f"{path.stem.lower().replace('.', '_')}_csv": spark.read.csv(
            str(path), sep=";", header=True, escape='"', encoding="UTF-8"
        )
        for path in sample.iterdir()
    }


@pytest.mark.parametrize("job", GOLDEN)
def test_script_gives_what_the_oracle_gives(
    run: Run, tables: dict[str, DataFrame], sample: Path, job: str
) -> None:
    output = run(job, tables, **(MONTH if job == "large_orders" else {}))
    once = _result(output)
    run(job, tables, **(MONTH if job == "large_orders" else {}))
    again, right = _result(output), expected(sample)[job]
    assert Counter(again) == Counter(once) == Counter(right)
    if job == "large_orders":
        assert once == right
        assert len(list(output.glob("*.json"))) == 1


def _result(output: Path) -> Rows:
    others = [output.parent / job for job in RESULTS]
    for folder in others:
        folder.mkdir(exist_ok=True)
    return read_results(output.parent)[output.name]


def test_large_orders_takes_month_and_bound(run: Run, tables: dict[str, DataFrame], sample: Path) -> None:
    output = run("large_orders", tables, month="2013-12", min_total_due="2500.5")
    rows = _result(output)
    assert rows == expected(sample, "2013-12", Decimal("2500.5"))["large_orders"]
    assert len(rows) > 3


def test_an_answer_without_rows_is_a_folder_without_rows(run: Run, tables: dict[str, DataFrame]) -> None:
    output = run("large_orders", tables, month="1999-01", min_total_due="1000")
    assert output.is_dir()
    assert _result(output) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"month": "September"}, "--month September: give a month as 2011-09"),
        ({"month": "2011-13"}, "--month 2011-13: give a month as 2011-09"),
        ({"min_total_due": "1000,00"}, "--min_total_due 1000,00: give an amount as 1000 or 999.95"),
        ({"min_total_due": "0.00001"}, "--min_total_due 0.00001: give an amount as 1000 or 999.95"),
        ({"min_total_due": "NaN"}, "--min_total_due NaN: give an amount as 1000 or 999.95"),
    ],
)
def test_wrong_arguments(run: Run, arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        run("large_orders", {}, **MONTH | arguments)


HEADER = "sales_salesorderheader_csv"


def orders(spark: SparkSession, *rows: tuple[str | None, ...]) -> dict[str, DataFrame]:
    """The table of orders, with the columns that large_orders uses and the last."""
    frame = spark.createDataFrame(rows, "SalesOrderID string, OrderDate string, TotalDue string")
    return {HEADER: frame.withColumn("ModifiedDate", sf.lit("2011-09-08"))}


GOOD = ("43659", "2011-09-01 00:00:00.000", "23153,2339")


CONVERSIONS: dict[str, dict[str | None, Any]] = {
    "bigint": {"43659": 43659, "-7": -7, "9223372036854775807": 2**63 - 1},
    "date": dict.fromkeys(
        ["2011-09-01 00:00:00.000", "2011-09-01 23:59:59.999", "2011-09-01 02:30:00", "2011-09-01"],
        SEPTEMBER_1,
    ),
    "decimal(19,4)": {
        "23153,2339": Decimal("23153.2339"),
        "23153": Decimal(23153),
        "1000,5": Decimal("1000.5"),
        "1000,12340": Decimal("1000.1234"),
        "999999999999999,9999": Decimal("999999999999999.9999"),
    },
    "timestamp": {"2011-09-01 00:00:00.000": "2011-09-01 00:00:00.000", "2011-09-01": "2011-09-01"},
    "string": {"Null": "Null", "null": "null", " L ": " L ", "two\nlines": "two\nlines"},
}
PROBLEMS = {
    "bigint": ["43659.0", "0x1F", "43 659", " 1", "9223372036854775808", "4,5", "abc"],
    "date": [
        "2011-02-30 00:00:00.000",
        "01.09.2011",
        "2011-09",
        "2011-09-01 25:00:00",
        "2011-09-01T00:00:00Z",
    ],
    "decimal(19,4)": [
        "abc",
        "1.234,50",
        "1234.50",
        "1,23456",
        "1e3",
        " 1,00",
        "-",
        "1,",
        "1234567890123456,00",
    ],
    "timestamp": ["23153,2339", "{9E07A404}", "4911-403C", "in 2011-09-01"],
    "string": ["Jos\ufffd", "two\n\ufffd"],
}
NULLS = [None, "NULL", ""]


@pytest.mark.parametrize("kind", CONVERSIONS)
def test_conversion(spark: SparkSession, kind: str) -> None:
    texts = [*CONVERSIONS[kind], *PROBLEMS[kind], *NULLS]
    frame = spark.createDataFrame([(text,) for text in texts], "Name string").coalesce(1)
    converted = script("large_orders").convert(frame, {"Name": kind})
    assert converted.dtypes[0] == ("Name", kind if kind != "timestamp" else "string")
    assert [row.Name for row in converted.collect()] == [CONVERSIONS[kind].get(text) for text in texts]
    assert [row.problem for row in converted.collect() if row.problem] == [
        ["Name", t, t] for t in PROBLEMS[kind]
    ]


@pytest.mark.parametrize("kind", CONVERSIONS)
def test_conversion_of_what_must_not_be_null(spark: SparkSession, kind: str) -> None:
    frame = spark.createDataFrame([("7", text) for text in NULLS], "Key string, Name string")
    converted = script("large_orders").convert(frame, {"Key": "bigint", "Name": f"{kind} not null"})
    assert [row.problem for row in converted.collect()] == [["Name", None, "7"]] * 3


def test_a_value_that_does_not_convert_fails_the_job(run: Run, spark: SparkSession) -> None:
    message = (
        f"{HEADER}.TotalDue: 1 value is not a decimal(19,4), for example 'abc' (SalesOrderID 44893); "
        "correct the file and upload it again"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        run("large_orders", orders(spark, GOOD, ("44893", GOOD[1], "abc"), GOOD), **MONTH)


def test_null_where_there_must_be_a_value_fails_the_job(run: Run, spark: SparkSession) -> None:
    message = f"{HEADER}.OrderDate: 2 values are not a date, for example NULL (SalesOrderID 43659);"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        run("large_orders", orders(spark, (GOOD[0], "NULL", GOOD[2]), ("5", None, GOOD[2]), GOOD), **MONTH)


@pytest.mark.parametrize(("last", "example"), [(None, "NULL"), ("23153,2339", "'23153,2339'")])
def test_a_row_that_ends_in_something_else_fails_the_job(
    run: Run, spark: SparkSession, last: str | None, example: str
) -> None:
    table = orders(spark, GOOD, (GOOD[0], "of another column", None))[HEADER]
    ragged = sf.when(sf.col("TotalDue").isNull(), sf.lit(last)).otherwise(sf.col("ModifiedDate"))
    message = (
        f"{HEADER}.ModifiedDate: 1 value is not a timestamp, for example {example} (SalesOrderID 43659), perhaps in a "
        "row with a field too few or too many, or with a quote that is not closed on its line; correct the file"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        run("large_orders", {HEADER: table.withColumn("ModifiedDate", ragged)}, **MONTH)


def test_a_letter_that_was_lost_fails_the_job(run: Run, spark: SparkSession) -> None:
    columns = (
        "BusinessEntityID string, FirstName string, MiddleName string, LastName string, ModifiedDate string"
    )
    people = spark.createDataFrame([("1", "Jos\ufffd", None, "Ward", "2011-09-08")], columns)
    customers = spark.createDataFrame(
        [("1", "1", "2011-09-08")], "CustomerID string, PersonID string, ModifiedDate string"
    )
    tables = {
        "person_person_csv": people,
        "sales_customer_csv": customers,
        HEADER: customers.withColumnRenamed("PersonID", "SalesOrderID"),
    }
    message = (
        "person_person_csv.FirstName: 1 value is not a string, for example 'Jos\ufffd' (BusinessEntityID 1), "
        "perhaps in a file that is not UTF-8; correct the file and upload it again"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        run("customer_orders", tables)


def test_a_table_with_nothing_to_be_joined_with_is_looked_at_too(
    run: Run, spark: SparkSession, tmp_path: Path
) -> None:
    lines = {
        HEADER: "SalesOrderID;CustomerID;ModifiedDate\n43659;7;2011-09-08\n",
        "sales_customer_csv": "CustomerID;PersonID;ModifiedDate\n7;NULL;2011-09-08\n",
        "person_person_csv": (
            "BusinessEntityID;FirstName;MiddleName;LastName;ModifiedDate\nseven;Ken;J;Ward;2011-09-08\n"
        ),
    }
    tables = {}
    for name, text in lines.items():
        (tmp_path / name).write_text(text)
        tables[name] = spark.read.csv(str(tmp_path / name), sep=";", header=True)
    with pytest.raises(ValueError, match=r"^person_person_csv.BusinessEntityID: 1 value is not a bigint"):
        run("customer_orders", tables)


def test_what_an_error_quotes_is_short(run: Run, spark: SparkSession) -> None:
    with pytest.raises(ValueError, match=r"for example 'x{60}' \(SalesOrderID 43659\)"):
        run("large_orders", orders(spark, (*GOOD[:2], "x" * 10_000)), **MONTH)


def test_a_value_outside_the_month_fails_the_job_too(run: Run, spark: SparkSession) -> None:
    with pytest.raises(ValueError, match=r"TotalDue: 1 value is not a decimal\(19,4\)"):
        run("large_orders", orders(spark, GOOD, ("43660", "2013-01-01 00:00:00.000", "abc")), **MONTH)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            lambda frame: frame.drop("TotalDue", "OrderDate"),
            f"{HEADER} has no column OrderDate, TotalDue; it has salesorderid, modifieddate; "
            "correct the file and upload it again",
        ),
        (lambda frame: frame.limit(0), f"{HEADER} has no rows; correct the file and upload it again"),
        (
            lambda frame: frame.limit(0).select(),
            f"{HEADER} has no rows; correct the file and upload it again",
        ),
    ],
    ids=["columns are gone", "a header alone", "an empty file"],
)
def test_a_table_that_is_not_there(run: Run, spark: SparkSession, table: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        run("large_orders", {HEADER: table(orders(spark, GOOD)[HEADER])}, **MONTH)


def test_a_table_may_be_of_a_compressed_file(run: Run, spark: SparkSession) -> None:
    assert _result(run("large_orders", {f"{HEADER}_gz": orders(spark, GOOD)[HEADER]}, **MONTH)) == [
        (43659, SEPTEMBER_1, Decimal("23153.2339"))
    ]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            [],
            f"There is no table {HEADER} in database raw; upload sales.salesorderheader.csv under read/, or see in "
            "the crawler's log what became of it",
        ),
        (
            [HEADER, f"{HEADER}_gz"],
            f"Database raw has tables {HEADER} and {HEADER}_gz; delete the file of one of them",
        ),
    ],
    ids=["neither", "both"],
)
def test_no_table_and_one_too_many(run: Run, spark: SparkSession, names: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        run("large_orders", dict.fromkeys(names, orders(spark, GOOD)[HEADER]), **MONTH)


def test_a_table_that_may_not_be_read_is_not_taken_for_missing(run: Run, spark: SparkSession) -> None:
    class Tables(dict[str, DataFrame]):
        def __getitem__(self, name: str) -> DataFrame:
            raise PermissionError("AccessDeniedException")

    with pytest.raises(PermissionError, match="AccessDeniedException"):
        run("large_orders", Tables({HEADER: orders(spark, GOOD)[HEADER]}), **MONTH)


def test_numbers_that_glue_has_typed_already_are_read(run: Run, spark: SparkSession) -> None:
    details = spark.createDataFrame([(1,), (1,), (1,), (2,)], "SalesOrderID bigint")
    details = details.withColumn("ModifiedDate", sf.lit("2011-09-08"))
    assert _result(run("order_line_counts", {"sales_salesorderdetail_csv": details})) == [(1, 3)]


def test_a_failure_leaves_the_former_result(run: Run, spark: SparkSession) -> None:
    output = run("large_orders", orders(spark, GOOD), **MONTH)
    files = {path.name: path.read_bytes() for path in output.iterdir()}
    with pytest.raises(ValueError, match="TotalDue"):
        run("large_orders", orders(spark, (*GOOD[:2], "abc")), **MONTH)
    assert {path.name: path.read_bytes() for path in output.iterdir()} == files


def test_the_result_is_computed_before_the_former_one_goes(spark: SparkSession, tmp_path: Path) -> None:
    module, output = script("order_line_counts"), tmp_path / "result"
    module.replace(spark.range(1), str(output), {})
    with pytest.raises(Exception, match="too late"):
        module.replace(spark.sql("select raise_error('too late') as id"), str(output), {})
    assert "".join(path.read_text() for path in output.glob("*.json")) == '{"id":0}\n'


def test_nulls_of_a_result_are_written(spark: SparkSession, tmp_path: Path) -> None:
    script("order_line_counts").replace(
        spark.sql("select 1 as id, string(null) as name"), str(tmp_path / "result"), {}
    )
    assert [path.read_text() for path in (tmp_path / "result").glob("*.json")] == ['{"id":1,"name":null}\n']
