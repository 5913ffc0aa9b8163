"""The CSV classifier: delimiter, header and column types of separated text."""

import csv
import io
import itertools
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import NamedTuple

from localcloud.glue.crawl_sample import Sample, ShortSampleError, UnrecognizedFormatError
from localcloud.glue.crawl_types import STRING, VOID, Column

_NULLS = {"", "NULL", "null", "\\N"}
_BOOLEANS = {"true", "false"}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LONGEST_INTEGER = 100  # Python refuses to read thousands of digits
_LONGEST_HEADER = 150
_PROBED_RECORDS = 100
_REGULAR = 0.8  # the share of records as wide as the first, below which text is not CSV
_LINE_END = re.compile(r"[\r\n]")
_END = "\0"  # a line no text holds

# Columns of documents are longer than the csv module's default limit of 128 KiB.
csv.field_size_limit(16 * 1024 * 1024)


@dataclass(frozen=True)
class CsvClassifier:
    """What to take for CSV. As it stands, the built-in one (AWS Glue: Built-in classifiers).

    `contains_header` is PRESENT, ABSENT or UNKNOWN, `header` names the columns, whatever the file says.
    """

    delimiters: str = ",|\t;\x01"
    contains_header: str = "UNKNOWN"
    header: tuple[str, ...] = ()
    min_columns: int = 2


class CsvSchema(NamedTuple):
    """What a sample of CSV shows."""

    columns: tuple[Column, ...]
    delimiter: str
    has_header: bool
    is_quoted: bool
    records: int
    remarks: tuple[str, ...]


def csv_schema(sample: Sample, classifier: CsvClassifier) -> CsvSchema:
    """The schema of a CSV sample. Raises UnrecognizedFormatError or ShortSampleError."""
    text = sample.text()
    if not sample.complete and not _LINE_END.search(text):
        raise ShortSampleError
    delimiter = _delimiter(text, sample.complete, classifier)
    records = _whole_records(text, delimiter, sample.complete)
    if len(records) < 2:
        raise _too_few(sample.complete)
    first, *others = records
    values = [set(map(str.strip, column)) for column in itertools.zip_longest(*others, fillvalue="")]
    header = _has_header(first, values, classifier)
    if not header:
        values = [column | {value.strip()} for column, value in zip(values, first, strict=False)]
    names = classifier.header or (first if header else [""] * len(first))
    columns = tuple(
        Column(name.strip() or f"col{i}", column_type(values[i]) if i < len(values) else VOID)
        for i, name in enumerate(names)
    )
    _refuse_duplicates(columns)
    remarks = _ragged(text, delimiter, records, len(names))
    return CsvSchema(
        columns, delimiter, header, _is_quoted(text, delimiter), len(records) - header, tuple(remarks)
    )


def column_type(values: Set[str]) -> str:
    """The type of a column by its values, without spaces around them; NULL tokens say nothing.

    Numbers with a decimal comma and timestamps are strings, as are integers beyond 64 bits.
    """
    present = values - _NULLS
    if not present:
        return VOID
    if all(value.lower() in _BOOLEANS for value in present):
        return "boolean"
    if all(map(_INTEGER.fullmatch, present)):
        fits = all(len(value) < _LONGEST_INTEGER and -(2**63) <= int(value) < 2**63 for value in present)
        return "bigint" if fits else STRING
    return "double" if all(map(_NUMBER.fullmatch, present)) else STRING


def _delimiter(text: str, complete: bool, classifier: CsvClassifier) -> str:
    """The delimiter that splits the first records most evenly, then into most columns."""

    def evenness(delimiter: str) -> tuple[float, int]:
        probe = itertools.islice(_records(text, delimiter), _PROBED_RECORDS)
        widths = [len(fields) for fields in probe if fields != [_END]]
        if not complete and 1 < len(widths) < _PROBED_RECORDS:
            widths.pop()  # the sample's end cuts it
        if not widths or widths[0] < classifier.min_columns:
            return 0, 0
        return widths.count(widths[0]) / len(widths), widths[0]

    best = max(classifier.delimiters, key=evenness)
    if evenness(best)[0] >= _REGULAR:
        return best
    if len(_whole_records(text, best, complete)) < 2 and not complete:
        raise ShortSampleError
    raise UnrecognizedFormatError("is not separated text of at least two columns, nor JSON or Parquet")


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """The records of `text` without blank lines, then [_END]; a quote that stays open takes that in too."""
    lines = itertools.chain(io.StringIO(text, newline=""), [_END])
    return filter(None, csv.reader(lines, delimiter=delimiter))


def _whole_records(text: str, delimiter: str, complete: bool) -> list[list[str]]:
    """The records that end within the sample."""
    records = list(_records(text, delimiter))
    is_open = records.pop() != [_END]
    if is_open and complete:
        line = _line(text, delimiter, len(records))
        raise UnrecognizedFormatError(f"has a quote that is never closed, in the record of line {line}")
    return records if complete or is_open else records[:-1]


def _line(text: str, delimiter: str, index: int) -> int:
    """The line, from 1, on which a record begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    for fields in reader:
        if fields and index == 0:
            break
        index -= bool(fields)
        line = reader.line_num + 1
    return line


def _too_few(complete: bool) -> Exception:
    if not complete:
        return ShortSampleError()
    return UnrecognizedFormatError("has a single line, a header without rows; a CSV table needs at least two")


def _has_header(first: list[str], values: list[set[str]], classifier: CsvClassifier) -> bool:
    """Whether the first record names the columns, by the rules of AWS Glue's built-in CSV classifier."""
    if classifier.contains_header != "UNKNOWN":
        return classifier.contains_header == "PRESENT"
    *names, last = (name.strip() for name in first)
    if not last and not any(column - {""} for column in values[len(names) :]):
        last = STRING  # every line ends with a delimiter
    return (
        all(column_type({name}) == STRING and "\n" not in name for name in (*names, last))
        and all(len(name) < _LONGEST_HEADER for name in names)
        and any(map(_holds_other_than_strings, values))
    )


def _holds_other_than_strings(values: Set[str]) -> bool:
    return any(map(_NUMBER.fullmatch, values)) or any(value.lower() in _BOOLEANS for value in values)


def _refuse_duplicates(columns: tuple[Column, ...]) -> None:
    names = [column.catalog_name for column in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnrecognizedFormatError(f"has a header that names columns twice: {', '.join(twice)}")


def _is_quoted(text: str, delimiter: str) -> bool:
    return text.startswith('"') or f'{delimiter}"' in text or '\n"' in text


def _ragged(text: str, delimiter: str, records: list[list[str]], width: int) -> Iterator[str]:
    ragged = [index for index, fields in enumerate(records) if len(fields) != width]
    if ragged:
        line, fields = _line(text, delimiter, ragged[0]), len(records[ragged[0]])
        first = f"the first, on line {line}, has {fields} fields and not {width}"
        yield f"{len(ragged)} of the {len(records)} records sampled are ragged; {first}"
