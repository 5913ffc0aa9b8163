"""Classification: which format an object is in, and its schema, from the head of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from localcloud.glue.crawl_csv import CsvClassifier, csv_schema
from localcloud.glue.crawl_json import json_schema
from localcloud.glue.crawl_parquet import MAGIC, parquet_schema
from localcloud.glue.crawl_sample import (
    Sample,
    ShortSampleError,
    Source,
    UnrecognizedFormatError,
    take_sample,
)
from localcloud.glue.crawl_types import Column

_MIB = 1024 * 1024
# Glue reads a megabyte, and more up to ten only where it holds no whole record
# (AWS re:Post: How does the AWS Glue crawler detect the schema?).
_SAMPLE_SIZES = (_MIB, 4 * _MIB, 10 * _MIB)


@dataclass(frozen=True)
class Schema:
    """The columns and the format of one object.

    `parameters` are the catalog's parameters that depend on the format; `records` and `record_size`
    (bytes, uncompressed) are estimates from the sample; `remarks` are whole sentences for the log.
    """

    classification: str
    columns: tuple[Column, ...]
    records: int
    record_size: int
    compression: str = "none"
    parameters: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def format(self) -> tuple[str | None, ...]:
        """What the objects of one table must have in common, whatever their columns."""
        reading = ("delimiter", "skip.header.line.count")
        return (self.classification, self.compression, *map(self.parameters.get, reading))


def classify(source: Source, classifiers: Sequence[CsvClassifier] = ()) -> Schema:
    """The schema of an object: custom `classifiers` first, in their order, then the built-in ones.

    Raises UnrecognizedFormatError where none knows it.
    """
    for limit in _SAMPLE_SIZES:
        sample = take_sample(source, limit)
        try:
            return _schema(source, sample, classifiers)
        except ShortSampleError:
            continue
    raise UnrecognizedFormatError(
        f"has a record longer than {limit // _MIB} MiB at its start (a quote or line never ended?)"
    )


def _schema(source: Source, sample: Sample, classifiers: Sequence[CsvClassifier]) -> Schema:
    if sample.data.startswith(MAGIC):
        return _parquet(source)
    if not sample.text().strip():
        raise UnrecognizedFormatError("is empty")
    for classifier in classifiers:
        try:
            return _csv(sample, classifier)
        except UnrecognizedFormatError:
            continue
    return _json(sample) if sample.text().lstrip()[0] in "{[" else _csv(sample, CsvClassifier())


def _csv(sample: Sample, classifier: CsvClassifier) -> Schema:
    found = csv_schema(sample, classifier)
    parameters = {
        "delimiter": found.delimiter,
        "columnsOrdered": "true",
        "areColumnsQuoted": str(found.is_quoted).lower(),
    }
    if found.has_header:
        parameters["skip.header.line.count"] = "1"
    records, size = _estimates(sample, found.records)
    return Schema("csv", found.columns, records, size, sample.compression, parameters, remarks=found.remarks)


def _json(sample: Sample) -> Schema:
    found = json_schema(sample)
    return Schema("json", found.columns, *_estimates(sample, found.records), sample.compression)


def _parquet(source: Source) -> Schema:
    found = parquet_schema(source)
    return Schema("parquet", found.columns, found.records, source.size // max(found.records, 1))


def _estimates(sample: Sample, records: int) -> tuple[int, int]:
    """How many records the whole object has, and how many bytes each, by those of the sample."""
    size = max(len(sample.data) // max(records, 1), 1)
    return records if sample.complete else sample.size // size, size
