"""Glue's transforms (awsglue.transforms): classes whose `apply` does what a method of DynamicFrame does."""

from collections.abc import Callable
from typing import Any

from pyspark.sql import functions as F  # noqa: N812

from awsglue._unsupported import missing_from
from awsglue.dynamicframe import DynamicFrame


class GlueTransform:
    """A transform: `Transform.apply(frame, ...)`, or `Transform()(frame, ...)`."""

    @classmethod
    def apply(cls, *args: Any, **options: Any) -> DynamicFrame:
        """Transform a frame."""
        return cls()(*args, **options)

    def __call__(self, *args: Any, **options: Any) -> DynamicFrame:
        """Transform a frame."""
        raise NotImplementedError(f"The transform {type(self).__name__} is not supported by localcloud")


class ApplyMapping(GlueTransform):
    """Columns from others, under new names and types."""

    def __call__(self, frame: DynamicFrame, mappings: Any, *args: Any, **options: Any) -> DynamicFrame:
        """As DynamicFrame.apply_mapping."""
        return frame.apply_mapping(mappings, *args, **options)


class SelectFields(GlueTransform):
    """Some columns."""

    def __call__(self, frame: DynamicFrame, paths: Any, *args: Any, **options: Any) -> DynamicFrame:
        """As DynamicFrame.select_fields."""
        return frame.select_fields(paths, *args, **options)


class DropFields(GlueTransform):
    """All columns but some."""

    def __call__(self, frame: DynamicFrame, paths: Any, *args: Any, **options: Any) -> DynamicFrame:
        """As DynamicFrame.drop_fields."""
        return frame.drop_fields(paths, *args, **options)


class RenameField(GlueTransform):
    """A column under another name."""

    def __call__(
        self, frame: DynamicFrame, old_name: str, new_name: str, *args: Any, **options: Any
    ) -> DynamicFrame:
        """As DynamicFrame.rename_field."""
        return frame.rename_field(old_name, new_name, *args, **options)


class Filter(GlueTransform):
    """The rows for which a function holds."""

    def __call__(
        self, frame: DynamicFrame, f: Callable[[Any], bool], *args: Any, **options: Any
    ) -> DynamicFrame:
        """As DynamicFrame.filter."""
        return frame.filter(f, *args, **options)


class Map(GlueTransform):
    """The records that a function makes of the records."""

    def __call__(
        self, frame: DynamicFrame, f: Callable[[Any], Any], *args: Any, **options: Any
    ) -> DynamicFrame:
        """As DynamicFrame.map."""
        return frame.map(f, *args, **options)


class ResolveChoice(GlueTransform):
    """Columns of one type instead of choices."""

    def __call__(self, frame: DynamicFrame, *args: Any, **options: Any) -> DynamicFrame:
        """As DynamicFrame.resolveChoice."""
        return frame.resolveChoice(*args, **options)


class Repartition(GlueTransform):
    """The same rows in as many partitions."""

    def __call__(self, frame: DynamicFrame, num_partitions: int, *args: Any, **options: Any) -> DynamicFrame:
        """As DynamicFrame.repartition."""
        return frame.repartition(num_partitions, *args, **options)


class DropNullFields(GlueTransform):
    """All columns but those without any value, found in one pass over the data."""

    def __call__(self, frame: DynamicFrame, transformation_ctx: str = "", **options: Any) -> DynamicFrame:
        """The frame without them."""
        rows = frame.toDF()
        counts = rows.agg(*(F.count(rows[f"`{name}`"]).alias(name) for name in rows.columns)).collect()[0]
        return frame.drop_fields([f"`{name}`" for name in rows.columns if not counts[name]], **options)


class Join(GlueTransform):
    """Not here yet."""


class Relationalize(GlueTransform):
    """Not here yet."""


class Unbox(GlueTransform):
    """Not here yet."""


class UnnestFrame(GlueTransform):
    """Not here yet."""


class SplitFields(GlueTransform):
    """Not here yet."""


class SplitRows(GlueTransform):
    """Not here yet."""


class Spigot(GlueTransform):
    """Not here yet."""


class SelectFromCollection(GlueTransform):
    """Not here yet."""


class MapToCollection(GlueTransform):
    """Not here yet."""


class FlatMap(GlueTransform):
    """Not here yet."""


class ErrorsAsDynamicFrame(GlueTransform):
    """Not here yet."""


# `from awsglue.transforms import *` stands at the top of most Glue scripts.
__all__ = [
    name for name, value in globals().items() if isinstance(value, type) and issubclass(value, GlueTransform)
]
__getattr__ = missing_from(__name__)
