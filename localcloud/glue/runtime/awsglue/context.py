"""The GlueContext of a job (awsglue.context)."""

import sys
import warnings
from collections.abc import Mapping
from typing import Any, NoReturn

from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession, SQLContext

from awsglue import _purge
from awsglue._catalog import get_table
from awsglue._formats import spark_format, write_options
from awsglue._sources import read_files, read_table
from awsglue._unsupported import missing_from, only
from awsglue.dynamicframe import DynamicFrame, DynamicFrameReader, DynamicFrameWriter

Options = Mapping[str, Any] | None
# How files are listed and grouped into tasks: not what they hold.
_READ_SPEED = ("groupFiles", "groupSize", "maxBand", "maxFilesInBand", "useS3ListImplementation")


class GlueContext(SQLContext):
    """Reads and writes DynamicFrames with Spark; `spark_session` is the session."""

    def __init__(self, sparkContext: SparkContext, **options: Any) -> None:  # noqa: N803
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", FutureWarning
            )  # of SQLContext, which is a base of this class on AWS too
            super().__init__(sparkContext)
        self.spark_session: SparkSession = self.sparkSession
        self.create_dynamic_frame = DynamicFrameReader(self)
        self.write_dynamic_frame = DynamicFrameWriter(self)

    def __getattr__(self, name: str) -> NoReturn:
        missing_from("GlueContext")(name)

    def create_dynamic_frame_from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        additional_options: Options = None,
        catalog_id: str | None = None,
        **more: Any,
    ) -> DynamicFrame:
        """The rows of a catalog table; CSV columns are of the catalog's types where all their values are.

        Raises EntityNotFoundException for a table that is not there.
        """
        database = _database(database, more)
        only("from_catalog's", {"catalog_id": catalog_id, **more}, ())
        only("from_catalog's additional option", additional_options or {}, _READ_SPEED)
        table = get_table(database, _required("table_name", table_name))
        rows, guesses = read_table(self.spark_session, table, push_down_predicate)
        return DynamicFrame(rows, self, table.name, guesses)

    def create_dynamic_frame_from_options(
        self,
        connection_type: str,
        connection_options: Options = None,
        format: str | None = None,
        format_options: Options = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **more: Any,
    ) -> DynamicFrame:
        """The rows of files in S3."""
        _only_s3(connection_type)
        options = connection_options or {}
        only("from_options'", {"push_down_predicate": push_down_predicate, **more}, ())
        only("The connection option", options, ("paths", "recurse", *_READ_SPEED))
        frame = read_files(self.spark_session, spark_format(format), options, format_options or {})
        return DynamicFrame(frame, self)

    def create_dynamic_frame_from_rdd(
        self,
        data: Any,
        name: str,
        schema: Any = None,
        sample_ratio: float | None = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """The rows of an RDD."""
        return DynamicFrame(self.spark_session.createDataFrame(data, schema, sample_ratio), self, name)

    def create_data_frame_from_catalog(self, database: str, table_name: str, **options: Any) -> DataFrame:
        """As create_dynamic_frame_from_catalog, as a DataFrame."""
        return self.create_dynamic_frame_from_catalog(database, table_name, **options).toDF()

    def write_dynamic_frame_from_options(
        self,
        frame: DynamicFrame,
        connection_type: str,
        connection_options: Options = None,
        format: str | None = None,
        format_options: Options = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        """Add files with the frame's rows to those under `path` in S3: what is there stays, as in Glue."""
        _only_s3(connection_type)
        options = connection_options or {}
        only("The connection option", options, ("path", "partitionKeys", "compression"))
        kind = spark_format(format)
        settings = write_options(kind, format_options or {})
        if options.get("compression"):
            settings["compression"] = options["compression"]
        keys = options.get("partitionKeys") or []
        frame.toDF().write.options(**settings).partitionBy(*keys).mode("append").format(kind).save(
            options["path"]
        )
        return frame

    write_from_options = write_dynamic_frame_from_options

    def write_dynamic_frame_from_catalog(
        self,
        frame: DynamicFrame,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        additional_options: Options = None,
        catalog_id: str | None = None,
        **more: Any,
    ) -> DynamicFrame:
        """Add the frame's rows to those of a catalog table, in its format and its order of columns."""
        options = additional_options or {}
        database = _database(database, more)
        only("from_catalog's", {"catalog_id": catalog_id, **more}, ())
        only("from_catalog's additional option", options, ("partitionKeys",))
        table = get_table(database, _required("table_name", table_name))
        keys = list(options.get("partitionKeys") or table.partition_columns)
        csv = {"separator": table.parameters.get("delimiter", ",")} if table.classification == "csv" else {}
        return self.write_dynamic_frame_from_options(
            frame.select_fields([*table.columns, *keys]),
            "s3",
            {"path": table.location, "partitionKeys": keys},
            table.classification,
            csv,
        )

    def purge_s3_path(self, s3_path: str, options: Options = None, transformation_ctx: str = "") -> None:
        """Delete the objects below a path that are older than the option `retentionPeriod`: hours, 168 unless given."""
        only("purge_s3_path's option", options or {}, ("retentionPeriod",))
        _purge.delete_below(self.spark_session, s3_path, float((options or {}).get("retentionPeriod", 168)))

    def get_logger(self) -> "GlueLogger":
        """A logger into the run's error log."""
        return GlueLogger()


class GlueLogger:
    """Logs messages with their level."""

    def info(self, message: str) -> None:
        """Log a message."""
        print(f"INFO {message}", file=sys.stderr)

    def warn(self, message: str) -> None:
        """Log a warning."""
        print(f"WARN {message}", file=sys.stderr)

    def error(self, message: str) -> None:
        """Log an error."""
        print(f"ERROR {message}", file=sys.stderr)


def _database(database: str | None, more: dict[str, Any]) -> str:
    """The database, under its name or under the one it had before."""
    former = more.pop("name_space", None)
    if database is not None and former is not None:
        raise Exception("Parameter name_space and database are both specified, choose one.")
    return _required("database", database or former)


def _required(name: str, value: str | None) -> str:
    if value is None:
        raise Exception(f"Parameter {name} is missing.")
    return value


def _only_s3(connection_type: str) -> None:
    if connection_type != "s3":
        raise NotImplementedError(f"The connection type {connection_type} is not supported by localcloud")


__getattr__ = missing_from(__name__)
