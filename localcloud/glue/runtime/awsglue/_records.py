"""The records that a script's functions get and give, in DynamicFrame.filter and map."""

from collections.abc import Set
from typing import Any

from pyspark import RDD
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql.types import NullType, StringType, StructField, StructType


class DynamicRecord(dict[str, Any]):
    """One row: its values by column, also as attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def record(row: Row, choices: Set[str] = frozenset()) -> DynamicRecord:
    """A row's values; a choice has the one it is."""
    values = DynamicRecord((name, _plain(value)) for name, value in zip(row.__fields__, row, strict=True))
    for name in choices:
        if values[name] is not None:
            values[name] = next((value for value in values[name].values() if value is not None), None)
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, Row):
        return record(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


def rows_of_records(spark: SparkSession, records: "RDD[Any]", before: StructType) -> DataFrame:
    """The rows of records, with the columns and types found in all of them.

    A column without any value has the type it had `before`, or string.
    """
    found = records.filter(lambda each: each is not None).map(lambda each: Row(**each)).cache()
    if found.isEmpty():
        return spark.createDataFrame([], before)
    schema = spark.createDataFrame(found, samplingRatio=1.0).schema
    known = {field.name: field.dataType for field in before}
    fields = [
        StructField(field.name, known.get(field.name, StringType()))
        if isinstance(field.dataType, NullType)
        else field
        for field in schema
    ]
    names = [field.name for field in fields]
    values = found.map(lambda row: tuple(row.asDict().get(name) for name in names))
    return spark.createDataFrame(values, StructType(fields))
