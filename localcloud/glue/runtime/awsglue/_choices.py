"""Columns whose values are not all of one type: Glue's choice.

A catalog's type is a crawler's guess about a CSV column. Where every value parses, the column has that type;
where one does not, it is a choice of that type and string (AWS Glue PySpark reference, "resolveChoice": the
example's `provider id: choice long/string`), and toDF makes it a struct with a field for each.
"""

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from awsglue._types import glue_type, parsed, quoted, spark_type


def settle(texts: DataFrame, guesses: Mapping[str, str]) -> tuple[DataFrame, list[str]]:
    """The columns that `guesses` gives types, from text to those types; and the names of those that are choices.

    Reads the data once, unless there are no guesses.
    """
    if not guesses:
        return texts, []
    # F.max of a boolean, so that one pass tells for all columns whether any value stands out.
    odd = [F.max(_is_odd(name, kind)).alias(name) for name, kind in guesses.items()]
    found = texts.agg(*odd).collect()[0]
    choices = [name for name in guesses if found[name]]
    columns = [
        _settled(name, guesses[name], name in choices) if name in guesses else F.col(quoted(name))
        for name in texts.columns
    ]
    return texts.select(*columns), choices


def _is_odd(name: str, kind: str) -> Column:
    return F.col(quoted(name)).isNotNull() & parsed(quoted(name), spark_type(kind)).isNull()


def _settled(name: str, kind: str, choice: bool) -> Column:
    text, value = F.col(quoted(name)), parsed(quoted(name), spark_type(kind))
    if not choice:
        return value.alias(name)
    fields = F.struct(value.alias(glue_type(kind)), F.when(value.isNull(), text).alias("string"))
    return F.when(text.isNotNull(), fields).alias(name)


def resolve(frame: DataFrame, name: str, action: str) -> list[Column]:
    """The columns that replace choice `name` (a struct of the frame) under a resolve action.

    Actions: `cast:TYPE` (null where a value does not convert), `project:TYPE` (null where a value is of another
    type), `make_cols` (NAME_TYPE each), `make_struct`.
    """
    kinds = frame.schema[name].dataType.fieldNames()  # type: ignore[attr-defined]
    fields = {kind: F.col(f"{quoted(name)}.{quoted(kind)}") for kind in kinds}
    verb, _, target = action.partition(":")
    if verb == "make_struct":
        return [F.col(quoted(name))]
    if verb == "make_cols":
        return [field.alias(f"{name}_{kind}") for kind, field in fields.items()]
    if verb == "project":
        value = fields.get(glue_type(target), F.lit(None)).cast(spark_type(target))
        return [value.alias(name)]
    if verb == "cast":
        values = [
            F.expr(f"try_cast({quoted(name)}.{quoted(kind)} as {spark_type(target)})") for kind in kinds
        ]
        return [reduce(lambda first, second: F.coalesce(first, second), values).alias(name)]
    raise NotImplementedError(f"The resolve action {action} is not supported by localcloud")


def resolve_text(name: str, guess: str | None, action: str) -> Column:
    """A column that is not a choice, or text not yet settled (it has a `guess`), under a resolve action."""
    verb, _, target = action.partition(":")
    if verb == "cast":
        return F.expr(f"try_cast({quoted(name)} as {spark_type(target)})").alias(name)
    if verb == "project" and guess is not None:
        return _projected(name, spark_type(guess), spark_type(target)).alias(name)
    if verb in ("project", "make_cols", "make_struct"):
        return F.col(quoted(name))
    raise NotImplementedError(f"The resolve action {action} is not supported by localcloud")


def _projected(name: str, guess: str, target: str) -> Column:
    value = parsed(quoted(name), guess)
    if target == "string":
        return F.when(value.isNull(), F.col(quoted(name)))
    return value if target == guess else F.lit(None).cast(target)
