"""Glue's names of types, in Spark's terms, and what a text must look like to be of one."""

import re

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812

# Glue's name of a type in a choice and in a resolve action (AWS Glue PySpark reference, "types").
_SPARK = {
    "tinyint": "tinyint",
    "byte": "tinyint",
    "smallint": "smallint",
    "short": "smallint",
    "int": "int",
    "integer": "int",
    "bigint": "bigint",
    "long": "bigint",
    "float": "float",
    "double": "double",
    "decimal": "decimal(10,2)",
    "string": "string",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "binary": "binary",
}
_GLUE = {"tinyint": "byte", "smallint": "short", "bigint": "long", "integer": "int"}
_INTEGER = r"^\s*[+-]?\d+\s*$"
_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_TEXT = {"float": _NUMBER, "double": _NUMBER} | dict.fromkeys(
    ("tinyint", "smallint", "int", "bigint"), _INTEGER
)


def spark_type(name: str) -> str:
    """Spark's name of a type of Glue's or of the catalog's. Raises NotImplementedError."""
    lower = name.lower().strip()
    if re.fullmatch(r"decimal\(\s*\d+\s*(,\s*\d+\s*)?\)|(char|varchar)\(\d+\)", lower):
        return lower if lower.startswith("decimal") else "string"
    if lower not in _SPARK:
        raise NotImplementedError(f"The type {name} is not supported by localcloud")
    return _SPARK[lower]


def glue_type(name: str) -> str:
    """Glue's name of a type of Spark's or of the catalog's."""
    base = name.lower().partition("(")[0]
    return _GLUE.get(base, base)


def parsed(text: str, kind: str) -> Column:
    """The column named `text` as Spark type `kind`: null where the text is not of that type.

    Stricter than a cast, which makes 12 of `12.5` and reads `1d` as a number.
    """
    value = F.expr(f"try_cast({text} as {kind})")
    pattern = _NUMBER if kind.startswith("decimal") else _TEXT.get(kind)
    return F.when(F.expr(text).rlike(pattern), value) if pattern else value


def quoted(name: str) -> str:
    """A column's name in a SQL expression."""
    return "`" + name.replace("`", "``") + "`"
