"""The JSON classifier: columns of JSON objects one after another (newline-delimited), or of one array."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from localcloud.glue.crawl_sample import Sample, ShortSampleError, UnrecognizedFormatError
from localcloud.glue.crawl_types import (
    STRING,
    VOID,
    Array,
    Column,
    Struct,
    Type,
    merge_columns,
    widest,
    widest_of,
)

_GAP = re.compile(r"[\s,]*")


class JsonSchema(NamedTuple):
    """What a sample of JSON shows."""

    columns: tuple[Column, ...]
    records: int


def json_schema(sample: Sample) -> JsonSchema:
    """The schema of a JSON sample.

    A document that is one array has one column, `array`, as Glue's built-in classifier has it.
    Raises UnrecognizedFormatError or ShortSampleError.
    """
    text = sample.text().lstrip()
    is_array = text.startswith("[")
    values = list(_values(text[1:].rstrip().removesuffix("]") if is_array else text, sample.complete))
    if not values and not sample.complete:
        raise ShortSampleError
    if is_array:
        return JsonSchema((Column("array", Array(widest_of(map(type_of, values)))),), len(values))
    columns = _columns(values)
    if not columns:
        raise UnrecognizedFormatError("is JSON without a single field")
    return JsonSchema(columns, len(values))


def type_of(value: Any) -> Type:
    """The type of a JSON value: int up to 32 bits, bigint up to 64, string beyond."""
    match value:
        case None:
            return VOID
        case bool():
            return "boolean"
        case int():
            return "int" if -(2**31) <= value < 2**31 else "bigint" if -(2**63) <= value < 2**63 else STRING
        case float():
            return "double"
        case list():
            return Array(widest_of(map(type_of, value)))
        case dict():
            return Struct(tuple(Column(key, type_of(item)) for key, item in value.items())) if value else VOID
    return STRING


def _values(text: str, complete: bool) -> Iterator[Any]:
    """The JSON values that stand one after another in `text`; one that the sample's end cuts is left out."""
    decoder = json.JSONDecoder()
    position = _skip_gap(text, 0)
    while position < len(text):
        try:
            value, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            if complete:
                raise UnrecognizedFormatError(f"is damaged JSON: line {error.lineno}: {error.msg}") from error
            return
        except (ValueError, RecursionError) as error:  # thousands of digits, or of brackets
            raise UnrecognizedFormatError(f"is JSON that cannot be read: {error}") from error
        yield value
        position = _skip_gap(text, end)


def _skip_gap(text: str, position: int) -> int:
    gap = _GAP.match(text, position)
    return gap.end() if gap else position


def _columns(values: list[Any]) -> tuple[Column, ...]:
    columns: dict[str, Type] = {}
    for number, value in enumerate(values, 1):
        if not isinstance(value, dict):
            raise UnrecognizedFormatError(f"is JSON whose record {number} is no object")
        for name, item in value.items():
            columns[name] = widest(columns.get(name, VOID), type_of(item))
    return merge_columns([[Column(name, type_) for name, type_ in columns.items()]])
