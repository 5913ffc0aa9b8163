"""Athena's SQL: the catalog tables it reads, what Athena refuses in it, and the same query for DuckDB."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, OptimizeError, ParseError, TokenError, UnsupportedError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

from localcloud.athena.catalog import Table
from localcloud.athena.errors import QueryError
from localcloud.service import ServiceError

# What sqlglot warns of here, the query is failed for.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

DIALECT = "athena"
CATALOG = "awsdatacatalog"
# Output columns without a name, which Athena calls _col0, _col1 ... by their final position.
UNNAMED = "_col?"
Type = exp.DataType.Type

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ)
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
DATE_VALUED = (exp.Add, exp.Sub, exp.DateAdd, exp.DateSub)
TEXT, NUMBERS = exp.DataType.TEXT_TYPES, exp.DataType.NUMERIC_TYPES
INTEGERS = exp.DataType.INTEGER_TYPES
REALS = (Type.FLOAT, Type.DOUBLE)
TEMPORAL = exp.DataType.TEMPORAL_TYPES


QUERIES = 200
"""So many are remembered as trees and as DuckDB's: those of one run are those of the next."""

Schema = dict[str, Any]
Columns = tuple[tuple[str, exp.DataType], ...]
"""Names and types."""


@dataclass(frozen=True)
class TableName:
    """A table of the catalog as a query names it, and where."""

    database: str
    name: str
    position: str


@lru_cache(QUERIES)
def parse(sql: str) -> exp.Query:
    """The query as a tree, which is nobody's to change.

    InvalidRequestException (MALFORMED_QUERY) where there is none, as StartQueryExecution answers.
    """
    try:
        query = sqlglot.parse_one(sql, read=DIALECT)
        duckdb.extract_statements(query.sql("duckdb", identify=True))
    except (ParseError, TokenError) as error:
        raise malformed(error) from None
    except duckdb.ParserException as error:
        raise ServiceError("InvalidRequestException", f"line 1:1: {first_line(error)}") from None
    if not isinstance(query, exp.Query):
        raise ServiceError("InvalidRequestException", "Queries of this type are not supported")
    return query


def first_word(sql: str) -> str:
    try:
        tokens = sqlglot.tokenize(sql, read=DIALECT)
    except TokenError as error:
        raise malformed(error) from None
    return next((token.text.lower() for token in tokens if token.text), "")


def malformed(error: Exception) -> ServiceError:
    details = getattr(error, "errors", None) or [{}]
    line, end, token = (details[0].get(key) for key in ("line", "col", "highlight"))
    if not token:
        return ServiceError("InvalidRequestException", f"line 1:1: {first_line(error)}")
    position = f"line {line}:{end - len(token) + 1}"
    return ServiceError(
        "InvalidRequestException", f"{position}: mismatched input '{token}'. {first_line(error)}"
    )


def table_names(query: exp.Query, sql: str, database: str) -> list[TableName]:
    """The catalog tables the query reads, each once; names of CTEs and aliases are not among them."""
    found = {}
    for scope in traverse_scope(query):
        for source in scope.sources.values():
            if isinstance(source, exp.Table) and source.name:
                table = table_name(source, sql, database)
                found[table.database, table.name] = table
    return list(found.values())


def refuse_table_functions(query: exp.Query) -> None:
    """NOT_SUPPORTED for a function in the place of a table: DuckDB's own read whatever file they are told."""
    for source in query.find_all(exp.Table, exp.Lateral):
        if isinstance(source.this, exp.Func):
            name = source.this.name if isinstance(source.this, exp.Anonymous) else source.this.sql_name()
            raise QueryError(
                "NOT_SUPPORTED", f"Function {name.lower()} in the place of a table is not known here"
            )


def table_name(table: exp.Table, sql: str, database: str) -> TableName:
    position = position_of(table.parts[0], sql)
    if table.catalog and table.catalog.lower() != CATALOG:
        raise QueryError("CATALOG_NOT_FOUND", f"{position}: Catalog '{table.catalog}' does not exist")
    return TableName((table.db or database).lower(), table.name.lower(), position)


def to_duckdb(sql: str, tables: list[Table], database: str) -> str:
    """The query in DuckDB's SQL over views named as the tables; QueryError for what Athena would refuse."""
    known = tuple((table.database, table.name, tuple(table.all_columns.items())) for table in tables)
    return _to_duckdb(sql, known, database)


@lru_cache(QUERIES)
def _to_duckdb(sql: str, tables: tuple[tuple[str, str, Columns], ...], database: str) -> str:
    schema: Schema = {}
    for where, name, columns in tables:
        schema.setdefault(where, {})[name] = dict(columns)
    typed = annotated(without_catalog(named_outputs(parse(sql).copy())), schema, database)
    for node in list(typed.walk(bfs=False)):
        check_types(node, sql)
    translated = typed.transform(with_athena_semantics)
    try:
        return translated.sql("duckdb", identify=True, unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise QueryError("NOT_SUPPORTED", first_line(error)) from None


def annotated(query: exp.Expr, columns: Schema, database: str) -> exp.Expr:
    """The query with every column's table and every expression's type."""
    schema = MappingSchema(columns or None, dialect=DIALECT)
    try:
        qualified = qualify(
            query.transform(exact_literal),
            schema=schema,
            dialect=DIALECT,
            db=database,
            expand_alias_refs=False,
        )
    except OptimizeError as error:
        raise unresolved(error) from None
    return annotate_types(qualified, schema=schema, dialect=DIALECT)


def unresolved(error: OptimizeError) -> QueryError:
    found = re.search(r"Column '\"?([^']*?)\"?' could not be resolved.*?Line: (\d+), Col: (\d+)", str(error))
    if found:
        column, line, end = found[1].rpartition(".")[2].strip('"'), found[2], int(found[3])
        position = f"line {line}:{max(end - len(column) + 1, 1)}"
        return QueryError("COLUMN_NOT_FOUND", f"{position}: Column '{column}' cannot be resolved")
    return QueryError("SYNTAX_ERROR", first_line(error))


def named_outputs(query: exp.Expr) -> exp.Expr:
    """Mark the outputs without a name, before the optimizer names them its own way."""
    select = query
    while isinstance(select, exp.SetOperation | exp.Subquery):
        select = select.this
    for i, output in enumerate(list(select.expressions)):
        if not isinstance(output, exp.Column | exp.Alias | exp.Star | exp.Dot):
            output.replace(exp.alias_(output.copy(), f"{UNNAMED}{i}", quoted=True))
    return query


def without_catalog(query: exp.Expr) -> exp.Expr:
    for node in query.find_all(exp.Table, exp.Column):
        if node.args.get("catalog"):
            node.set("catalog", None)
    return query


def exact_literal(node: exp.Expr) -> exp.Expr:
    """1.50 is a decimal in Athena (a double only with an exponent); sqlglot takes it for a double."""
    if isinstance(node, exp.Literal) and not node.is_string and re.fullmatch(r"\d*\.\d*", node.name):
        digits, _, scale = node.name.partition(".")
        precision = max(len(digits.lstrip("0")) + len(scale), 1)
        return exp.cast(node.copy(), f"DECIMAL({precision}, {len(scale)})")
    return node


def check_types(node: exp.Expr, sql: str) -> None:
    """Refuse what DuckDB would convert silently and Athena does not: text against numbers and dates."""
    if isinstance(node, (*COMPARISONS, *ARITHMETIC)):
        sides = [node.left, node.right]
    elif isinstance(node, exp.Between):
        sides = [node.this, node.args["low"], node.args["high"]]
    elif isinstance(node, exp.In):
        sides = [node.this, *node.expressions]
    elif isinstance(node, exp.DPipe):
        if any(side.is_type(*NUMBERS) for side in (node.left, node.right)):
            raise mismatch(node, [node.left, node.right], sql)
        return
    else:
        return
    if any(s.is_type(*TEXT) for s in sides) and any(s.is_type(*NUMBERS, *TEMPORAL) for s in sides):
        raise mismatch(node, sides, sql)


def mismatch(node: exp.Expr, sides: list[exp.Expr], sql: str) -> QueryError:
    types = ", ".join(side.type.sql(DIALECT).lower() for side in sides if side.type)
    text = node.sql(DIALECT).replace('"', "")
    first = next(node.find_all(exp.Identifier), node)
    return QueryError("TYPE_MISMATCH", f"{position_of(first, sql)}: Cannot apply operator to {types}: {text}")


def with_athena_semantics(node: exp.Expr) -> exp.Expr:
    """The node as DuckDB must be asked for what Athena means."""
    if isinstance(node, exp.Div):
        return division(node)
    if isinstance(node, exp.Avg) and node.this.is_type(Type.DECIMAL):
        return exp.cast(node, node.this.type)
    if isinstance(node, DATE_VALUED) and node.is_type(Type.DATE):
        return exp.cast(node, Type.DATE)
    if isinstance(node, exp.DateTrunc | exp.TimestampTrunc) and node.this.is_type(Type.DATE):
        return exp.cast(node, Type.DATE)
    if isinstance(node, exp.DateDiff):
        # Whole units passed, where DuckDB's date_diff counts the boundaries crossed.
        unit = exp.Literal.string(node.text("unit").lower() or "day")
        return exp.Anonymous(this="date_sub", expressions=[unit, node.expression, node.this])
    if isinstance(node, exp.Format):
        return exp.Anonymous(this="printf", expressions=[node.this, *node.expressions])
    if type(node) is exp.Cast and node.is_type(*TEXT) and node.this.is_type(Type.TIMESTAMP):
        return exp.Anonymous(
            this="strftime", expressions=[node.this, exp.Literal.string("%Y-%m-%d %H:%M:%S.%g")]
        )
    return node


def division(node: exp.Div) -> exp.Expr:
    """Of integers an integer, of doubles a double, of decimals a decimal of the larger scale, as Athena's."""
    sides = [node.left, node.right]
    if any(side.is_type(*REALS) for side in sides):
        return exp.Div(this=node.this, expression=node.expression, typed=False, safe=False)
    if all(side.is_type(*INTEGERS) for side in sides):
        return exp.IntDiv(this=node.this, expression=node.expression)
    if all(side.is_type(*INTEGERS, Type.DECIMAL) for side in sides):
        scale = max(map(decimal_scale, sides))
        quotient = exp.Div(this=node.this, expression=node.expression, typed=False, safe=False)
        return exp.cast(exp.func("ROUND", quotient, exp.Literal.number(scale)), f"DECIMAL(38, {scale})")
    text = node.sql(DIALECT).replace('"', "")
    raise QueryError("NOT_SUPPORTED", f"The types in {text} are not known here; cast both sides")


def decimal_scale(node: exp.Expr) -> int:
    parameters = [parameter.name for parameter in node.type.expressions] if node.type else []
    return int(parameters[1]) if len(parameters) > 1 else 0


def position_of(node: exp.Expr, sql: str) -> str:
    """`line 1:15`, of the first token of `node`."""
    start = node.meta.get("start", 0)
    return f"line {sql.count(chr(10), 0, start) + 1}:{start - sql.rfind(chr(10), 0, start)}"


def first_line(error: Exception) -> str:
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    return next(iter(lines(text)), type(error).__name__).rstrip(".")


def lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
