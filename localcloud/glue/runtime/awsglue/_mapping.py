"""The columns of ApplyMapping."""

from collections.abc import Mapping, Sequence, Set

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from awsglue._choices import resolve, resolve_text
from awsglue._types import quoted, spark_type

Mappings = Sequence[tuple[str, ...]]


def is_typed(mappings: Mappings) -> bool:
    """Whether each mapping gives the type of its target. Raises ValueError for one of another form."""
    for mapping in mappings:
        if len(mapping) not in (2, 4):
            raise ValueError(
                "A mapping is (source, source type, target, target type) or (source, target), "
                f"not {mapping!r}"
            )
    return all(len(mapping) == 4 for mapping in mappings)


def mapped(
    frame: DataFrame, mappings: Mappings, guesses: Mapping[str, str], choices: Set[str]
) -> list[Column]:
    """The columns that mappings make. One without a source in the frame makes none, as in Glue.

    The source's type is a comment: what the value is counts.
    """
    names = {name.lower(): name for name in frame.columns}
    columns = []
    for mapping in mappings:
        source, target = mapping[0], mapping[2] if len(mapping) == 4 else mapping[1]
        kind = spark_type(mapping[3]) if len(mapping) == 4 else None
        name = names.get(_plain(source).lower())
        if name is not None:
            columns.append(_column(frame, name, kind, guesses, choices).alias(_target(target)))
        elif source.partition(".")[0].lower() in names:
            inner = F.col(source)
            columns.append((inner.cast(kind) if kind else inner).alias(_target(target)))
    return columns


def _column(
    frame: DataFrame, name: str, kind: str | None, guesses: Mapping[str, str], choices: Set[str]
) -> Column:
    if kind is None:
        return F.col(quoted(name))
    if name in choices:
        return resolve(frame, name, f"cast:{kind}")[0]
    return resolve_text(name, guesses.get(name), f"cast:{kind}")


def _plain(path: str) -> str:
    return path[1:-1] if path.startswith("`") and path.endswith("`") else path


def _target(path: str) -> str:
    if "." in path and _plain(path) == path:
        raise NotImplementedError(f"{path}: a target inside a struct is not supported by localcloud")
    return _plain(path)
