"""Columns as the crawler finds them: their types, and how the types of alike objects come together."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple, TypeAlias

VOID = "void"  # no value was seen
STRING = "string"
_WIDENING = ("tinyint", "smallint", "int", "bigint", "double")


@dataclass(frozen=True)
class Array:
    """A list whose elements are of one type."""

    element: "Type"


@dataclass(frozen=True)
class Struct:
    """A record inside a record: its fields by name, in the order they were seen."""

    fields: "tuple[Column, ...]"


Type: TypeAlias = str | Array | Struct


class Column(NamedTuple):
    """A column under the name that the data gives it; the catalog holds it in lower case."""

    name: str
    type: Type

    @property
    def catalog_name(self) -> str:
        return self.name.lower()


def widest(one: Type, other: Type) -> Type:
    """The narrowest type that holds the values of both; `string` where nothing narrower does."""
    if one == other or other == VOID:
        return one
    if one == VOID:
        return other
    if one in _WIDENING and other in _WIDENING:
        return max(one, other, key=_WIDENING.index)
    if isinstance(one, Array) and isinstance(other, Array):
        return Array(widest(one.element, other.element))
    if isinstance(one, Struct) and isinstance(other, Struct):
        return Struct(merge_columns([one.fields, other.fields]))
    return STRING


def merge_columns(schemas: Iterable[Iterable[Column]]) -> tuple[Column, ...]:
    """All columns of `schemas` in the order of first appearance, each of the widest type."""
    merged: dict[str, Column] = {}
    for column in (column for columns in schemas for column in columns):
        former = merged.setdefault(column.catalog_name, column)
        merged[column.catalog_name] = former._replace(type=widest(former.type, column.type))
    return tuple(merged.values())


def similarity(one: Iterable[Column], other: Iterable[Column]) -> float:
    """The share of the columns of both that have the same name and types that go together, 0 to 1."""
    ours, theirs = ({column.catalog_name: column.type for column in columns} for columns in (one, other))
    alike = sum(name in theirs and _go_together(type_, theirs[name]) for name, type_ in ours.items())
    return alike / len(ours.keys() | theirs.keys())


def _go_together(one: Type, other: Type) -> bool:
    return one == other or widest(one, other) != STRING


def hive_type(type_: Type) -> str:
    """A type as the catalog writes it, `struct<id:int,tags:array<string>>`; `string` for no values."""
    match type_:
        case Array(element):
            return f"array<{hive_type(element)}>"
        case Struct(fields):
            return f"struct<{','.join(f'{field.name}:{hive_type(field.type)}' for field in fields)}>"
        case str(name):
            return STRING if name == VOID else name


def widest_of(types: Iterable[Type]) -> Type:
    """The narrowest type that holds the values of all `types`."""
    widened: Type = VOID
    return reduce(widest, types, widened)
