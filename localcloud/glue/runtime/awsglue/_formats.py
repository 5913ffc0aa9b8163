"""Glue's formats in the options of Spark's readers and writers (AWS Glue, "Data format options")."""

from collections.abc import Mapping
from typing import Any

from awsglue._unsupported import only

Options = Mapping[str, Any]
# These change how fast a reader or writer is and not what it reads or writes.
_SPEED = ("optimizePerformance", "useGlueParquetWriter", "blockSize", "pageSize")
_CSV_READ = (
    *_SPEED,
    "separator",
    "escaper",
    "quoteChar",
    "multiLine",
    "multiline",
    "withHeader",
    "skipFirst",
)
_CSV_WRITE = (*_SPEED, "separator", "escaper", "quoteChar", "writeHeader")
_FORMATS = {"csv": "csv", "json": "json", "parquet": "parquet", "glueparquet": "parquet"}


def spark_format(name: str | None) -> str:
    """Spark's name of a format. Raises NotImplementedError for one that is not here."""
    if name is None or name.lower() not in _FORMATS:
        raise NotImplementedError(f"The format {name} is not supported by localcloud")
    return _FORMATS[name.lower()]


def csv_dialect(options: Options) -> dict[str, Any]:
    """Separator, quote and escape. A quote inside a quoted field is doubled, as in RFC 4180."""
    quote = options.get("quoteChar", '"')
    quote = "" if quote in (-1, "-1") else quote
    return {
        "sep": options.get("separator", ","),
        "quote": quote,
        "escape": options.get("escaper") or quote or "\\",
    }


def read_options(kind: str, options: Options) -> dict[str, Any]:
    """The options of Spark's reader. A malformed JSON record ends the job."""
    multiline = bool(options.get("multiLine") or options.get("multiline"))
    if kind == "csv":
        only("The csv format option", options, _CSV_READ)
        skip = bool(options.get("withHeader") or options.get("skipFirst"))
        # Columns go by their position: a file whose header differs from the first one's would be read wrong.
        checked = {"enforceSchema": False} if options.get("withHeader") else {}
        return csv_dialect(options) | {"header": skip, "multiLine": multiline} | checked
    if kind == "json":
        only("The json format option", options, (*_SPEED, "multiLine", "multiline"))
        return {"multiLine": multiline, "mode": "FAILFAST"}
    only(f"The {kind} format option", options, _SPEED)
    return {}


def write_options(kind: str, options: Options) -> dict[str, Any]:
    """The options of Spark's writer. Glue's own sinks leave no _SUCCESS."""
    unmarked = {"mapreduce.fileoutputcommitter.marksuccessfuljobs": False}
    if kind == "csv":
        only("The csv format option", options, _CSV_WRITE)
        return unmarked | csv_dialect(options) | {"header": options.get("writeHeader", True)}
    only(f"The {kind} format option", options, (*_SPEED, "compression"))
    compression = options.get("compression")
    return unmarked | ({"compression": compression} if compression else {})
