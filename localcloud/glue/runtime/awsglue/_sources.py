"""Where a GlueContext reads rows: tables of the catalog, and files by their path."""

from collections.abc import Mapping
from functools import reduce
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import StringType, StructField, StructType

from awsglue._catalog import Partition, Table
from awsglue._cells import Layout, read_cells
from awsglue._files import readable
from awsglue._formats import csv_dialect, read_options
from awsglue._types import quoted, spark_type


def read_table(spark: SparkSession, table: Table, predicate: str) -> tuple[DataFrame, dict[str, str]]:
    """The rows of a table, and which of its columns are text with a guess of their type.

    `predicate` is a condition on the partition columns. Columns of JSON and Parquet are those of the data.
    """
    if not table.partition_columns:
        if predicate:
            raise ValueError(f"push_down_predicate {predicate!r}: {table.name} has no partition columns")
        frame = _read(spark, table, table.location)
    else:
        parts = [_read_partition(spark, table, part) for part in _selected(spark, table, predicate)]
        frame = reduce(DataFrame.unionByName, parts) if parts else _empty(spark, table)
    guesses = table.columns if table.classification == "csv" else {}
    return frame, {name: kind for name, kind in guesses.items() if spark_type(kind) != "string"}


def _read_partition(spark: SparkSession, table: Table, partition: Partition) -> DataFrame:
    frame = _read(spark, table, partition.location)
    kinds = table.partition_columns.items()
    for (name, kind), value in zip(kinds, partition.values, strict=True):
        frame = frame.withColumn(name, F.lit(value).cast(spark_type(kind)))
    return frame


def _read(spark: SparkSession, table: Table, location: str) -> DataFrame:
    readers = {"csv": _read_csv, "json": _read_json, "parquet": _read_parquet}
    if table.classification not in readers:
        raise NotImplementedError(f"The classification {table.classification} is not supported by localcloud")
    try:
        return readers[table.classification](spark, table, location)
    except AnalysisException as error:
        if error.getErrorClass() != "PATH_NOT_FOUND":
            raise
        return _empty(
            spark, table, partitioned=False
        )  # as in Glue, where a prefix without objects has no rows


def _read_csv(spark: SparkSession, table: Table, location: str) -> DataFrame:
    """Every column as text: '' for an empty cell of a string column, null for one of another type."""
    parameters = table.parameters
    headers = int(parameters.get("skip.header.line.count", 0))
    if headers > 1:
        raise NotImplementedError(f"skip.header.line.count {headers} is not supported by localcloud")
    files = readable(spark, location, parameters.get("compressionType", "none"))
    separator = (
        parameters.get("separatorChar") or parameters.get("field.delim") or parameters.get("delimiter", ",")
    )
    dialect = csv_dialect({"separator": separator, "quoteChar": parameters.get("quoteChar", '"')})
    layout = Layout(len(table.columns), separator, dialect["quote"], headers)
    frame = read_cells(spark, files, layout)
    if frame is None:
        schema = StructType([StructField(name, StringType()) for name in table.columns])
        options = {"header": headers == 1, "recursiveFileLookup": True, **dialect}
        frame = spark.read.schema(schema).options(**options).csv(location)
    columns = zip(frame.columns, table.columns.items(), strict=True)
    return frame.selectExpr(*(_cell(cells, name, kind) for cells, (name, kind) in columns))


def _cell(cells: str, name: str, kind: str) -> str:
    # In SQL, for a Column takes some calls of the JVM to make, and a table may have many.
    text = quoted(cells)
    cell = f"coalesce({text}, '')" if spark_type(kind) == "string" else f"if({text} != '', {text}, null)"
    return f"{cell} as {quoted(name)}"


def _read_json(spark: SparkSession, table: Table, location: str) -> DataFrame:
    frame = spark.read.options(recursiveFileLookup=True, **read_options("json", {})).json(location)
    return frame if frame.columns else _empty(spark, table, partitioned=False)


def _read_parquet(spark: SparkSession, table: Table, location: str) -> DataFrame:
    return spark.read.option("recursiveFileLookup", True).parquet(location)


def _empty(spark: SparkSession, table: Table, partitioned: bool = True) -> DataFrame:
    """No rows, of the types in the catalog; text in a CSV table, whose types are settled later."""
    csv = table.classification == "csv"
    columns = [f"{quoted(name)} {'string' if csv else kind}" for name, kind in table.columns.items()]
    keys = table.partition_columns if partitioned else {}
    return spark.createDataFrame([], ", ".join([*columns, *(f"{quoted(n)} {k}" for n, k in keys.items())]))


def _selected(spark: SparkSession, table: Table, predicate: str) -> list[Partition]:
    """The partitions that a condition on the partition columns selects."""
    partitions = table.partitions()
    if not predicate or not partitions:
        return partitions
    keys = table.partition_columns.items()
    schema = StructType([StructField(name, StringType()) for name in (*table.partition_columns, "")])
    rows = [(*partition.values, str(number)) for number, partition in enumerate(partitions)]
    values = spark.createDataFrame(rows, schema).select(
        *(F.col(quoted(name)).cast(spark_type(kind)).alias(name) for name, kind in keys),
        F.col("``").alias("number"),
    )
    return [partitions[int(row["number"])] for row in values.where(predicate).collect()]


def read_files(
    spark: SparkSession, kind: str, options: Mapping[str, Any], format_options: Mapping[str, Any]
) -> DataFrame:
    """The rows of the files under `paths`; CSV columns are text, named `col0`, `col1` ... without a header."""
    reader = spark.read.options(**read_options(kind, format_options))
    if options.get("recurse"):
        reader = reader.option("recursiveFileLookup", True)
    if options.get("exclusions"):
        raise NotImplementedError("The connection option exclusions is not supported by localcloud")
    frame = reader.format(kind).load(list(options["paths"]))
    if kind == "csv" and not format_options.get("withHeader"):
        frame = frame.toDF(*(f"col{number}" for number in range(len(frame.columns))))
    return frame.fillna("") if kind == "csv" else frame
