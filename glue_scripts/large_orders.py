"""Which orders of a month came to more than a bound, the largest first?"""

import datetime as dt
import re
import sys
from decimal import Decimal

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark import SparkContext
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as sf

TABLES = {
    "sales_salesorderheader_csv": {
        "SalesOrderID": "bigint not null",
        "OrderDate": "date not null",
        "TotalDue": "decimal(19,4) not null",
    },
}

SQL = """
-- One row per order of the month whose total is above the bound.
with

orders as (
    select
        salesorderid as sales_order_id,
        orderdate as order_date,
        totaldue as total_due
    from {orders}
),

large as (
    -- In one partition, that one file has them in their order.
    select /*+ repartition(1) */
        sales_order_id,
        order_date,
        total_due
    from orders
    where
        order_date >= :month
        and order_date < add_months(:month, 1)
        and total_due > :min_total_due
)

select
    sales_order_id,
    order_date,
    total_due
from large
order by
    total_due desc,
    sales_order_id
"""


def main() -> None:
    """Load, transform, save."""
    args = getResolvedOptions(sys.argv, ["JOB_NAME", "raw_database", "output_path", "month", "min_total_due"])
    glue_context = GlueContext(SparkContext.getOrCreate())
    job = Job(glue_context)
    job.init(args["JOB_NAME"], args)

    month, min_total_due = first_day(args["month"]), amount(args["min_total_due"])
    tables = load(glue_context, args["raw_database"], TABLES)
    replace(large_orders(*tables.values(), month, min_total_due), args["output_path"], tables)

    job.commit()


def large_orders(orders: DataFrame, month: dt.date, min_total_due: Decimal) -> DataFrame:
    """Orders in their order, hence in one partition: sales_order_id, order_date, total_due."""
    bounds = {"month": month, "min_total_due": min_total_due}
    return orders.sparkSession.sql(SQL, args=bounds, orders=orders)


def first_day(month: str) -> dt.date:
    """The first day of a month such as 2011-09."""
    try:
        return dt.datetime.strptime(month, "%Y-%m").date()
    except ValueError:
        raise ValueError(f"--month {month}: give a month as 2011-09") from None


def amount(text: str) -> Decimal:
    """An amount such as 1000 or 999.95."""
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,4})?", text):
        raise ValueError(f"--min_total_due {text}: give an amount as 1000 or 999.95")
    return Decimal(text)


# From here on the same in every job, for a Glue script is one file.

AGAIN = "correct the file and upload it again"
#: The last column of every table: a row that could not be taken apart as it was meant has no time there.
LAST = {"ModifiedDate": "timestamp not null"}
RAGGED = ", perhaps in a row with a field too few or too many, or with a quote that is not closed on its line"
NOT_UTF8 = ", perhaps in a file that is not UTF-8"
#: The value of a text, null where it is not of the type; a decimal has a comma and four places, and loses no digit.
#: A regular expression takes longer than reading the row: only what few tables have is looked at with one.
TYPES = {
    "string": "if(contains({0}, '\ufffd'), null, {0})",
    "bigint": "if(octet_length({0}) = octet_length(trim({0})), try_cast({0} as bigint), null)",
    "date": r"if({0} rlike r'\A\d{{4}}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d+)?)?\z', "
    "cast(try_cast({0} as timestamp_ntz) as date), null)",
    # Stays text: none is used yet, and a cast takes its time.
    "timestamp": "if(octet_length({0}) >= 10 and try_cast({0} as date) is not null, {0}, null)",
    "decimal(19,4)": r"if({0} rlike r'\A[+-]?\d{{1,15}}(,\d{{1,4}}0*)?\z', "
    "try_cast(replace({0}, ',', '.') as decimal(19,4)), null)",
}


def load(glue_context: GlueContext, database: str, tables: dict[str, dict[str, str]]) -> dict[str, DataFrame]:
    """The columns of catalog tables in their types, and `problem`, which `replace` looks at.

    Raises ValueError if a table is missing or lacks a column.
    """
    loaded = {}
    for name, columns in tables.items():
        checked = columns | LAST | columns
        rows = convert(read(glue_context, database, name, checked), checked)
        loaded[name] = rows.select(*columns, "problem").observe(name, *observed())
    return loaded


def read(glue_context: GlueContext, database: str, table: str, columns: dict[str, str]) -> DataFrame:
    """The columns of a catalog table as text, for Glue guesses types record by record."""
    names = [name.lower() for name in columns]
    frame = find(glue_context, database, table)
    used = frame.select_fields(names).resolveChoice(specs=[(name, "cast:string") for name in names])
    texts: DataFrame = used.toDF()
    if missing := [name for name in columns if name.lower() not in texts.columns]:
        found = ", ".join(frame.toDF().columns)
        what = f"has no column {', '.join(missing)}; it has {found}" if found else "has no rows"
        raise ValueError(f"{table} {what}; {AGAIN}")
    return texts


def find(glue_context: GlueContext, database: str, table: str) -> DynamicFrame:
    """The catalog's table of a file, or of that file with .gz at the end of its name."""
    found, from_catalog = [], glue_context.create_dynamic_frame.from_catalog
    for name in (table, f"{table}_gz"):
        try:
            found.append(from_catalog(database=database, table_name=name))
        except Exception as error:  # on AWS of a type of its own, with Java's exception in the text
            if "EntityNotFoundException" not in f"{error!r} {error}":
                raise
    if len(found) == 2:
        raise ValueError(
            f"Database {database} has tables {table} and {table}_gz; delete the file of one of them"
        )
    if not found:
        todo = f"upload {table.replace('_', '.')} under read/, or see in the crawler's log what became of it"
        raise ValueError(f"There is no table {table} in database {database}; {todo}")
    return found[0]


def convert(texts: DataFrame, columns: dict[str, str]) -> DataFrame:
    """The columns in their types and `problem`: the last that does not convert, its text, the row's key."""
    given, typed, problems, key = [], [], [], next(iter(columns))
    for name, declared in columns.items():
        kind, required, _ = declared.partition(" not null")
        given.append(f"if({name} in ('', 'NULL'), null, {name}) as {name}_text")
        typed.append(f"{TYPES[kind].format(f'{name}_text')} as {name}")
        wrong = f"{name} is null" + ("" if required else f" and {name}_text is not null")
        problems.insert(0, f"if({wrong}, array('{name}', left({name}_text, 60), left({key}_text, 60)), null)")
    # One after the other, and not in one expression, in which Spark would convert each value twice.
    values = texts.selectExpr(*given).selectExpr("*", *typed)
    return values.selectExpr(*columns, f"coalesce({', '.join(problems)}) as problem")


def replace(result: DataFrame, output_path: str, tables: dict[str, DataFrame]) -> None:
    """Write the result in place of the former one, which stays until all of the result has been computed.

    Raises ValueError, and writes nothing, if a table has no rows or holds a value that does not convert. The tables
    are checked by the same pass over the files that the result is computed in: they are the larger part of the work.
    """
    rows = result.localCheckpoint()
    metrics = result._jdf.queryExecution().observedMetrics()
    for name, table in tables.items():
        # Adaptive execution leaves a table out where another has nothing to be joined with it.
        seen = metrics.apply(name) if metrics.contains(name) else table.agg(*observed())._jdf.first()
        if not seen.getLong(0):
            raise ValueError(f"{name} has no rows; {AGAIN}")
        if not seen.isNullAt(1):
            raise ValueError(f"{name}.{describe(name, table, *seen.getList(1))}; {AGAIN}")
    rows.write.mode("overwrite").option("ignoreNullFields", False).json(output_path)


def observed() -> tuple[Column, Column]:
    """What is asked of a table: how many rows it has, and one of its problems."""
    return sf.count("*"), sf.min("problem")


def describe(table: str, rows: DataFrame, name: str, text: str | None, key: str) -> str:
    """What is wrong with a column, by one example."""
    wrong = rows.where(sf.col("problem")[0] == name).count()
    what = f"{wrong} values are not" if wrong > 1 else "1 value is not"
    kind = (TABLES[table] | LAST | TABLES[table])[name].removesuffix(" not null")
    example = "NULL" if text is None else f"'{text}'"
    hint = RAGGED if name in LAST else NOT_UTF8 if "\ufffd" in example else ""
    return f"{name}: {what} a {kind}, for example {example} ({next(iter(TABLES[table]))} {key}){hint}"


if __name__ == "__main__":
    main()
