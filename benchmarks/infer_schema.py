"""Spark's inferSchema: `python -m benchmarks.infer_schema FILE ...` prints the seconds, once Spark is there."""

import sys
import time

from pyspark.sql import SparkSession


def main() -> None:
    """Infer the schema of each CSV file, as they come out of a database in Europe."""
    spark = SparkSession.builder.getOrCreate()
    spark.range(1).count()
    began = time.perf_counter()
    for file in sys.argv[1:]:
        spark.read.options(sep=";", header=True, inferSchema=True).csv(file)
    print("seconds", time.perf_counter() - began)


if __name__ == "__main__":
    main()
