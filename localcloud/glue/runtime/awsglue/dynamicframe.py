"""Glue's DynamicFrame over Spark's DataFrame (awsglue.dynamicframe)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import StructType

from awsglue._choices import resolve, resolve_text, settle
from awsglue._mapping import is_typed, mapped
from awsglue._records import record, rows_of_records
from awsglue._sources import CsvRows
from awsglue._types import glue_type, quoted
from awsglue._unsupported import Partial, missing_from, only

Spec = tuple[str, str]


class DynamicFrame(Partial):
    """Rows whose types are settled when they are asked for.

    Columns read from CSV are text with the catalog's type as a guess; what needs no types (select, rename, a
    resolveChoice that casts) leaves them so, and the rest settles all guesses in one pass over the data.
    """

    def __init__(
        self,
        rows: DataFrame | CsvRows,
        glue_ctx: Any,
        name: str = "",
        guesses: Mapping[str, str] | None = None,
        choices: Iterable[str] = (),
    ) -> None:
        self.glue_ctx = glue_ctx
        self.name = name
        self._rows = rows
        self._guesses = dict(guesses or {})
        self._choices = set(choices)

    @property
    def _frame(self) -> DataFrame:
        """The rows, read when they are first asked for: of a CSV table, the columns that were selected until then."""
        if isinstance(self._rows, CsvRows):
            self._rows = self._rows.read()
        return self._rows

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: Any, name: str) -> "DynamicFrame":  # noqa: N802
        """A DynamicFrame of a DataFrame's rows."""
        return cls(dataframe, glue_ctx, name)

    def toDF(self, options: Any = None) -> DataFrame:  # noqa: N802
        """The rows as a DataFrame; a choice is a struct with a field for each of its types."""
        only("DynamicFrame.toDF", {"options": options}, ())
        self._settle()
        return self._frame

    def _settle(self) -> None:
        self._rows, choices = settle(self._frame, self._guesses)
        self._guesses = {}
        self._choices.update(choices)

    def _with(
        self, columns: Mapping[str, Column], renamed: Mapping[str, str] | None = None
    ) -> "DynamicFrame":
        """The frame of some columns, by their new names; `renamed` gives the old names of those that differ."""
        old = {name: (renamed or {}).get(name, name) for name in columns}
        return DynamicFrame(
            self._frame.select(*(column.alias(name) for name, column in columns.items())),
            self.glue_ctx,
            self.name,
            {name: self._guesses[old[name]] for name in columns if old[name] in self._guesses},
            {name for name in columns if old[name] in self._choices},
        )

    def _columns(self) -> dict[str, Column]:
        return {name: F.col(quoted(name)) for name in self._frame.columns}

    def _find(self, path: str) -> str | None:
        """The column that a path names, if there is one: by its name in any case, with or without backticks."""
        wanted = path[1:-1] if path.startswith("`") and path.endswith("`") else path
        for name in self._rows.columns:
            if name.lower() == wanted.lower():
                return name
        top = wanted.partition(".")[0].lower()
        if top != wanted.lower() and top in (name.lower() for name in self._rows.columns):
            raise NotImplementedError(f"{path}: paths into a column are not supported here by localcloud")
        return None

    # The columns

    def select_fields(
        self, paths: str | list[str], transformation_ctx: str = "", **errors: Any
    ) -> "DynamicFrame":
        """Some columns, in the order of `paths`; a path that names none is left out."""
        _no_thresholds(errors)
        found = [name for path in _listed(paths) if (name := self._find(path)) is not None]
        if isinstance(self._rows, CsvRows) and found:
            guesses = {name: kind for name, kind in self._guesses.items() if name in found}
            return DynamicFrame(self._rows.only(found), self.glue_ctx, self.name, guesses)
        return self._with({name: F.col(quoted(name)) for name in found})

    def drop_fields(
        self, paths: str | list[str], transformation_ctx: str = "", **errors: Any
    ) -> "DynamicFrame":
        """All columns but some."""
        _no_thresholds(errors)
        gone = {self._find(path) for path in _listed(paths)}
        return self._with({name: column for name, column in self._columns().items() if name not in gone})

    # Names of parameters as in the AWS Glue PySpark reference, DynamicFrame class.
    def rename_field(
        self,
        oldName: str,  # noqa: N803
        newName: str,  # noqa: N803
        transformation_ctx: str = "",
        **errors: Any,
    ) -> "DynamicFrame":
        """The same rows with a column renamed."""
        _no_thresholds(errors)
        old, new = self._find(oldName), newName.strip("`")
        names = {new if name == old else name: name for name in self._frame.columns}
        return self._with({name: F.col(quoted(before)) for name, before in names.items()}, names)

    def apply_mapping(
        self,
        mappings: tuple[str, ...] | list[tuple[str, ...]],
        case_sensitive: bool = False,
        transformation_ctx: str = "",
        **errors: Any,
    ) -> "DynamicFrame":
        """New columns from old: (source, source type, target, target type) each, or without the types.

        A source that is not there gives no column.
        """
        _no_thresholds(errors)
        only("DynamicFrame.apply_mapping", {"case_sensitive": case_sensitive or None}, ())
        listed = [mappings] if isinstance(mappings, tuple) else mappings
        if not is_typed(listed):
            self._settle()
        columns = mapped(self._frame, listed, self._guesses, self._choices)
        return DynamicFrame(self._frame.select(*columns), self.glue_ctx, self.name)

    applyMapping = apply_mapping  # noqa: N815

    def resolveChoice(  # noqa: N802
        self,
        specs: Spec | list[Spec] | None = None,
        choice: str = "",
        database: str | None = None,
        table_name: str | None = None,
        transformation_ctx: str = "",
        **errors: Any,
    ) -> "DynamicFrame":
        """Columns of one type instead of choices: `specs` are (path, action) pairs, `choice` an action for all.

        Actions: `cast:TYPE`, `project:TYPE`, `make_cols`, `make_struct`.
        """
        _no_thresholds(errors)
        only("DynamicFrame.resolveChoice", {"database": database, "table_name": table_name}, ())
        if bool(specs) == bool(choice):
            raise Exception("resolveChoice takes specs or choice: one of the two")
        if choice:
            self._settle()
            return self._resolved(dict.fromkeys(self._choices, choice))
        listed = [specs] if isinstance(specs, tuple) else specs or []
        actions = {name: action for path, action in listed if (name := self._find(path)) is not None}
        if any(action.startswith("make_") for action in actions.values()):
            self._settle()
        return self._resolved(actions)

    def _resolved(self, actions: Mapping[str, str]) -> "DynamicFrame":
        columns: list[Column] = []
        for name in self._frame.columns:
            if name not in actions:
                columns.append(F.col(quoted(name)))
            elif name in self._choices:
                columns += resolve(self._frame, name, actions[name])
            else:
                columns.append(resolve_text(name, self._guesses.get(name), actions[name]))
        left = {name: kind for name, kind in self._guesses.items() if name not in actions}
        kept = {name for name in self._choices if actions.get(name, "make_struct") == "make_struct"}
        return DynamicFrame(self._frame.select(*columns), self.glue_ctx, self.name, left, kept)

    # The rows

    def filter(self, f: Callable[[Any], bool], transformation_ctx: str = "", **errors: Any) -> "DynamicFrame":
        """The rows for which `f` of the record is true; as in Glue not those where it raises KeyError, ValueError or
        TypeError."""
        _no_thresholds(errors)
        self._settle()
        choices = frozenset(self._choices)

        def keeps(row: Any) -> bool:
            try:
                return bool(f(record(row, choices)))
            except (KeyError, ValueError, TypeError):
                return False

        kept = self._frame.rdd.filter(keeps)
        frame = self.glue_ctx.spark_session.createDataFrame(kept, self._frame.schema)
        return DynamicFrame(frame, self.glue_ctx, self.name, choices=choices)

    def map(self, f: Callable[[Any], Any], transformation_ctx: str = "", **errors: Any) -> "DynamicFrame":
        """The records that `f` makes of the records, with the columns it gives them.

        An exception of `f` ends the job; Glue would drop the record and count it as an error.
        """
        _no_thresholds(errors)
        self._settle()
        choices = frozenset(self._choices)
        records = self._frame.rdd.map(lambda row: f(record(row, choices)))
        frame = rows_of_records(self.glue_ctx.spark_session, records, self._frame.schema)
        return DynamicFrame(frame, self.glue_ctx, self.name)

    def repartition(self, num_partitions: int, transformation_ctx: str = "", **errors: Any) -> "DynamicFrame":
        """The same rows in as many partitions."""
        _no_thresholds(errors)
        return self._of(self._frame.repartition(num_partitions))

    def coalesce(
        self, num_partitions: int, shuffle: bool = False, transformation_ctx: str = "", **errors: Any
    ) -> "DynamicFrame":
        """The same rows in at most as many partitions."""
        _no_thresholds(errors)
        frame = self._frame.repartition(num_partitions) if shuffle else self._frame.coalesce(num_partitions)
        return self._of(frame)

    def _of(self, frame: DataFrame) -> "DynamicFrame":
        return DynamicFrame(frame, self.glue_ctx, self.name, self._guesses, self._choices)

    # Looking at it

    def count(self) -> int:
        """How many rows there are."""
        return self._frame.count()

    def schema(self) -> StructType:
        """The settled types, in Spark's terms; a choice is a struct."""
        return self.toDF().schema

    def printSchema(self) -> None:  # noqa: N802
        """Print the columns and their types; a choice with those it is of."""
        self._settle()
        print("root")
        for field in self._frame.schema:
            if field.name in self._choices:
                print(f"|-- {field.name}: choice")
                for kind in field.dataType.fieldNames():  # type: ignore[attr-defined]
                    print(f"|    |-- {kind}")
            else:
                print(f"|-- {field.name}: {glue_type(field.dataType.simpleString())}")

    def show(self, num_rows: int = 20) -> None:
        """Print rows as JSON."""
        rows = self.toDF().select(
            "*"
        )  # a Dataset of longs, as spark.range has, would name its column `value`
        for line in rows.limit(num_rows).toJSON().collect():
            print(line)

    def write(
        self,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: str | None = None,
        format_options: Mapping[str, Any] | None = None,
        accumulator_size: int = 0,
    ) -> "DynamicFrame":
        """As GlueContext.write_dynamic_frame.from_options."""
        self.glue_ctx.write_from_options(self, connection_type, connection_options, format, format_options)
        return self


class DynamicFrameReader(Partial):
    """`create_dynamic_frame` of a GlueContext."""

    def __init__(self, glue_context: Any) -> None:
        self.from_catalog = glue_context.create_dynamic_frame_from_catalog
        self.from_options = glue_context.create_dynamic_frame_from_options
        self.from_rdd = glue_context.create_dynamic_frame_from_rdd


class DynamicFrameWriter(Partial):
    """`write_dynamic_frame` of a GlueContext."""

    def __init__(self, glue_context: Any) -> None:
        self.from_catalog = glue_context.write_dynamic_frame_from_catalog
        self.from_options = glue_context.write_dynamic_frame_from_options


def _listed(paths: str | list[str]) -> list[str]:
    return [paths] if isinstance(paths, str) else list(paths)


def _no_thresholds(errors: Mapping[str, Any]) -> None:
    """Errors end the job here, so that a threshold of them has no meaning."""
    unknown = set(errors) - {"info", "stageThreshold", "totalThreshold"}
    if unknown:
        raise TypeError(f"unexpected argument {unknown.pop()}")
    only(
        "DynamicFrame", {name: errors.get(name) or None for name in ("stageThreshold", "totalThreshold")}, ()
    )


__getattr__ = missing_from(__name__)
