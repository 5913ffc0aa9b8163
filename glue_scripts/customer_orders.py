"""Who ordered, and how many times?"""

import sys
from functools import reduce

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark import SparkContext
from pyspark.sql import DataFrame
from pyspark.sql import functions as sf

TABLES = {
    "sales_salesorderheader_csv": {"SalesOrderID": "bigint not null", "CustomerID": "bigint not null"},
    "sales_customer_csv": {"CustomerID": "bigint not null", "PersonID": "bigint"},
    "person_person_csv": {
        "BusinessEntityID": "bigint not null",
        "FirstName": "string",
        "MiddleName": "string",
        "LastName": "string",
    },
}

SQL = """
-- One row per person who ordered; names are shared, ids are not.
with

orders as (
    select customerid as customer_id from {orders}
),

customers as (
    select
        customerid as customer_id,
        personid as person_id
    from {customers}
),

people as (
    select
        businessentityid as business_entity_id,
        concat_ws(' ', firstname, middlename, lastname) as full_name
    from {people}
),

ordered as (
    -- A person may have several customer ids; a store without a person, none.
    select
        customers.person_id,
        count(*) as order_count
    from orders
    inner join customers
        on orders.customer_id = customers.customer_id
    group by customers.person_id
)

select
    people.business_entity_id,
    people.full_name,
    ordered.order_count
from ordered
inner join people
    on ordered.person_id = people.business_entity_id
"""


def main() -> None:
    """Load, transform, save."""
    args = getResolvedOptions(sys.argv, ["JOB_NAME", "raw_database", "output_path"])
    glue_context = GlueContext(SparkContext.getOrCreate())
    job = Job(glue_context)
    job.init(args["JOB_NAME"], args)

    orders, customers, people = load(glue_context, args["raw_database"], TABLES)
    replace(customer_orders(orders, customers, people), args["output_path"])

    job.commit()


def customer_orders(orders: DataFrame, customers: DataFrame, people: DataFrame) -> DataFrame:
    """Persons who ordered: business_entity_id, full_name, order_count."""
    return orders.sparkSession.sql(SQL, orders=orders, customers=customers, people=people)


# From here on the same in every job, for a Glue script is one file.

AGAIN = "correct the file and upload it again"
#: The last column of every table: a row that could not be taken apart as it was meant has no time there.
LAST = {"ModifiedDate": "timestamp not null"}
RAGGED = ", perhaps in a row with a field too few or too many, or with a quote that is not closed on its line"
NOT_UTF8 = ", perhaps in a file that is not UTF-8"
#: How the text of a type looks and converts, without losing a digit: a decimal has a comma and four places.
TYPES = {
    "string": (r"[^\uFFFD]*", "{}"),
    "bigint": (r"[+-]?\d+", "try_cast({} as bigint)"),
    "date": (r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d+)?)?", "cast(try_cast({} as timestamp_ntz) as date)"),
    "timestamp": (r"\d{4}-\d\d-\d\d.*", "{}"),  # stays text: none is used yet, and a cast takes its time
    "decimal(19,4)": (r"[+-]?\d{1,15}(,\d{1,4}0*)?", "try_cast(replace({}, ',', '.') as decimal(19,4))"),
}


def load(glue_context: GlueContext, database: str, tables: dict[str, dict[str, str]]) -> list[DataFrame]:
    """The columns of catalog tables in their types: each table is read once, and checked before it is used.

    Raises ValueError if a table is missing, has no rows, lacks a column, or holds a value that does not convert.
    """
    checked = {name: columns | LAST | columns for name, columns in tables.items()}
    rows = {
        name: convert(read(glue_context, database, name, checked[name]), checked[name]) for name in tables
    }
    cached = {name: frame.select(*tables[name], "problem").cache() for name, frame in rows.items()}
    counts = [frame.agg(sf.lit(name), sf.count("*"), sf.min("problem")) for name, frame in cached.items()]
    for name, count, problem in reduce(DataFrame.union, counts).collect():
        if count == 0:
            raise ValueError(f"{name} has no rows; {AGAIN}")
        if problem:
            raise ValueError(f"{name}.{describe(cached[name], checked[name], *problem)}; {AGAIN}")
    return [frame.drop("problem") for frame in cached.values()]


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
    values, problems, key = [], [], next(iter(columns))
    for name, declared in columns.items():
        kind, required, _ = declared.partition(" not null")
        pattern, conversion = TYPES[kind]
        text = sf.when(~sf.col(name).isin("", "NULL"), sf.col(name))
        value = sf.when(text.rlike(rf"\A({pattern})\z"), sf.expr(conversion.format(name)))
        wrong = value.isNull() & (sf.lit(bool(required)) | text.isNotNull())
        values.append(value.alias(name))
        problems.append(sf.when(wrong, sf.array(sf.lit(name), text.substr(1, 60), sf.col(key).substr(1, 60))))
    return texts.select(*values, sf.coalesce(*reversed(problems)).alias("problem"))


def describe(rows: DataFrame, columns: dict[str, str], name: str, text: str | None, key: str) -> str:
    """What is wrong with a column, by one example."""
    wrong = rows.where(sf.col("problem")[0] == name).count()
    what = f"{wrong} values are not" if wrong > 1 else "1 value is not"
    kind, example = columns[name].removesuffix(" not null"), "NULL" if text is None else f"'{text}'"
    hint = RAGGED if name in LAST else NOT_UTF8 if "\ufffd" in example else ""
    return f"{name}: {what} a {kind}, for example {example} ({next(iter(columns))} {key}){hint}"


def replace(result: DataFrame, output_path: str) -> None:
    """Write the result in place of the former one, which stays until all of the result has been computed."""
    result.localCheckpoint().write.mode("overwrite").option("ignoreNullFields", False).json(output_path)


if __name__ == "__main__":
    main()
