"""Where a GlueContext reads rows: tables of the catalog, and files by their path."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from typing import Any

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import StringType, StructField, StructType

from awsglue._catalog import Partition, Table
from awsglue._cells import Layout, read_cells
from awsglue._files import check_listing, readable
from awsglue._formats import csv_dialect, read_options
from awsglue._types import quoted, spark_type


class CsvRows:
    """The rows of a CSV table, of which no file has been read yet; every column is text.

    What is read are the columns that are left when it is.
    """

    def __init__(
        self, spark: SparkSession, table: Table, places: Sequence[Partition], columns: Sequence[str] = ()
    ) -> None:
        self._spark = spark
        self._table = table
        self._places = places
        self.columns = list(columns) or [*table.columns, *table.partition_columns]

    def only(self, columns: Sequence[str]) -> "CsvRows":
        """The same rows with some of the columns, one at least."""
        return CsvRows(self._spark, self._table, self._places, columns)

    def read(self) -> DataFrame:
        """The rows. Raises what `readable` does."""
        names = [name for name in self._table.columns if name in self.columns]

        def read(location: str) -> DataFrame:
            rows = _read(self._spark, self._table, location, partial(_read_csv, names=names))
            return rows.select(*map(quoted, names))

        frame = _read_places(self._spark, self._table, self._places, read)
        return frame.select(*map(quoted, self.columns))


def read_table(
    spark: SparkSession, table: Table, predicate: str
) -> tuple[DataFrame | CsvRows, dict[str, str]]:
    """The rows of a table, and which of its columns are text with a guess of their type.

    `predicate` is a condition on the partition columns. Columns of JSON and Parquet are those of the data.
    """
    readers = {"json": _read_json, "parquet": _read_parquet}
    if table.classification not in ("csv", *readers):
        raise NotImplementedError(f"The classification {table.classification} is not supported by localcloud")
    places = _places(spark, table, predicate)
    if table.classification == "csv":
        guesses = {name: kind for name, kind in table.columns.items() if spark_type(kind) != "string"}
        return CsvRows(spark, table, places), guesses
    reader = readers[table.classification]
    return _read_places(spark, table, places, lambda location: _read(spark, table, location, reader)), {}


def _places(spark: SparkSession, table: Table, predicate: str) -> list[Partition]:
    """Where the rows are that are wanted: a table without partition columns is all in one place."""
    if table.partition_columns:
        return _selected(spark, table, predicate)
    if predicate:
        raise ValueError(f"push_down_predicate {predicate!r}: {table.name} has no partition columns")
    return [Partition((), table.location)]


def _read_places(
    spark: SparkSession, table: Table, places: Sequence[Partition], read: Callable[[str], DataFrame]
) -> DataFrame:
    """What `read` finds at the places, with the values of the partition columns."""
    kinds = table.partition_columns.items()
    parts = []
    for place in places:
        frame = read(place.location)
        for (name, kind), value in zip(kinds, place.values, strict=True):
            frame = frame.withColumn(name, F.lit(value).cast(spark_type(kind)))
        parts.append(frame)
    return reduce(DataFrame.unionByName, parts) if parts else _empty(spark, table)


def _read(
    spark: SparkSession,
    table: Table,
    location: str,
    reader: Callable[[SparkSession, Table, str], DataFrame],
) -> DataFrame:
    try:
        return reader(spark, table, location)
    except AnalysisException as error:
        if error.getErrorClass() != "PATH_NOT_FOUND":
            raise
        check_listing(location)  # for there is nothing in the place of a folder that the role may not list
        # As in Glue, where a prefix without objects has no rows.
        return _empty(spark, table, partitioned=False)


def _read_csv(spark: SparkSession, table: Table, location: str, names: list[str]) -> DataFrame:
    """Some of the columns as text: '' for an empty cell of a string column, null for one of another type."""
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
    every = list(table.columns)
    frame = read_cells(spark, files, layout, [every.index(name) for name in names])
    if frame is None:
        schema = StructType([StructField(name, StringType()) for name in every])
        options = {"header": headers == 1, "recursiveFileLookup": True, **dialect}
        frame = spark.read.schema(schema).options(**options).csv(location).select(*map(quoted, names))
    columns = zip(frame.columns, names, strict=True)
    return frame.selectExpr(*(_cell(cells, name, table.columns[name]) for cells, name in columns))


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
