"""A catalog table as a DuckDB relation: the objects under its location, read as its SerDe reads them."""

from collections.abc import Callable

import duckdb
from sqlglot import exp

from localcloud.athena.catalog import Table
from localcloud.athena.errors import QueryError
from localcloud.athena.json_keys import json_keys

# Four control characters no text file holds side by side, for readers that insist on a delimiter or a null.
NOWHERE = "\x1e\x1f\x1e\x1f"
# A line of JSON or text may be as long as an object of Glue's own readers.
LONGEST_LINE = 100_000_000
# Hive's own field delimiter, which a table names as serialization.format 1.
CTRL_A = "\x01"
INTEGER = r"[+-]?[0-9]+"
NUMBER = r"-?[0-9][0-9.eE+-]*"

Reader = Callable[[duckdb.DuckDBPyConnection, Table], str]


def create_view(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Make `table` known to the connection under its own database and name."""
    reader = READERS.get(table.serde)
    if reader is None or table.definition.get("TableType") == "VIRTUAL_VIEW":
        what = table.serde or table.definition.get("TableType") or "no SerDe"
        raise QueryError("NOT_SUPPORTED", f"Table {table.database}.{table.name} ({what}) cannot be read here")
    relation = reader(connection, table) if table.objects else empty(table)
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name(table.database)}")
    connection.execute(f"CREATE VIEW {name(table.database)}.{name(table.name)} AS {relation}")


def empty(table: Table) -> str:
    nulls = ", ".join(
        f"CAST(NULL AS {sql_type(type_)}) AS {name(column)}" for column, type_ in table.all_columns.items()
    )
    return f"SELECT {nulls} WHERE FALSE"


def json_lines(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Newline-delimited JSON: keys in any case; a missing key is NULL; a malformed line HIVE_BAD_DATA."""
    keys = json_keys(connection, table.objects, json_reader("$files"))
    lines = json_reader(files(table))
    spellings = {column: sorted(key for key in keys if key.lower() == column) for column in table.columns}
    paths = [f'$."{key}"' for found in spellings.values() for key in found]
    position = {path: f"v[{i}]" for i, path in enumerate(paths, 1)}
    texts, columns = [], []
    for i, (column, type_) in enumerate(table.columns.items()):
        values = [(key, position[f'$."{key}"']) for key in spellings[column]]
        texts.append(f"{json_text(type_, values)} AS t{i}")
        columns.append(f"{json_value(column, type_, f't{i}')} AS {name(column)}")
    not_an_object = error("'Row is not a valid JSON Object'")
    parsed = (
        f"SELECT json AS line, filename, json_extract(json, {literals(paths)}) AS v FROM {lines} "
        f"WHERE CASE WHEN json_type(json) = 'OBJECT' THEN TRUE ELSE {not_an_object} END"
    )
    source = f"SELECT filename, {', '.join(texts)} FROM ({parsed})"
    return f"SELECT {', '.join(columns + partitions(table))} FROM ({source})"


def json_text(type_: exp.DataType, values: list[tuple[str, str]]) -> str:
    """The text of a column's value, from the first of its key's spellings that is there."""
    nested = type_.is_type(*exp.DataType.NESTED_TYPES)
    exact = type_.is_type(exp.DataType.Type.DECIMAL)
    texts = [
        value if nested else decimal_text(key, value) if exact else f"({value} ->> '$')"
        for key, value in values
    ]
    return f"COALESCE({', '.join(texts)})" if texts else "NULL"


def json_value(column: str, type_: exp.DataType, text: str) -> str:
    if type_.is_type(*exp.DataType.NESTED_TYPES):
        return f"from_json_strict({text}, {literal(structure(type_))})"
    return converted(column, type_, text)


def decimal_text(key: str, value: str) -> str:
    """A number's own digits: DuckDB parses JSON numbers as doubles, which hold fewer than a decimal(38).

    The digits are those of the token after the key, provided that it is the number the parser found.
    """
    pattern = literal(rf'"{regexp_quote(key)}"\s*:\s*({NUMBER})')
    token = f"regexp_extract(line, {pattern}, 1)"
    parsed = f"({value} ->> '$')"
    same = f"TRY_CAST({token} AS DOUBLE) = TRY_CAST({parsed} AS DOUBLE)"
    return f"CASE WHEN json_type({value}) <> 'VARCHAR' AND {same} THEN {token} ELSE {parsed} END"


def structure(type_: exp.DataType) -> str:
    """A nested type as from_json's structure."""
    if type_.is_type(exp.DataType.Type.ARRAY):
        return f"[{structure(type_.expressions[0])}]"
    if type_.is_type(exp.DataType.Type.STRUCT):
        fields = (f'"{field.name}": {structure(field.args["kind"])}' for field in type_.expressions)
        return f"{{{', '.join(fields)}}}"
    return f'"{sql_type(type_)}"'


def delimited_text(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """LazySimpleSerDe: lines split at field.delim, no quotes, `\\N` and what does not convert are NULL."""
    parameters = table.serde_parameters
    delimiter = parameters.get("field.delim") or parameters.get("serialization.format", CTRL_A)
    if "escape.delim" in parameters:
        raise QueryError(
            "NOT_SUPPORTED", f"escape.delim of table {table.database}.{table.name} is not supported"
        )
    null = literal(parameters.get("serialization.null.format", "\\N"))
    columns = []
    for i, (column, type_) in enumerate(table.columns.items(), 1):
        columns.append(f"{lenient(type_, f'NULLIF(v[{i}], {null})')} AS {name(column)}")
    fields = f"string_split(line, {literal(CTRL_A if delimiter == '1' else delimiter)})"
    source = f"SELECT {fields} AS v, filename FROM {text_reader(table, ['line'], NOWHERE, '', '')}"
    return f"SELECT {', '.join(columns + partitions(table))} FROM ({source})"


def quoted_csv(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """OpenCSVSerde: quoted fields; dates are days, timestamps milliseconds since 1970 (its page)."""
    parameters = table.serde_parameters
    separator, quote = parameters.get("separatorChar", ","), parameters.get("quoteChar", '"')
    escape = parameters.get("escapeChar", "\\")
    raw = [f"c{i}" for i in range(len(table.columns))]
    reader = text_reader(table, raw, separator, quote, quote if escape == "\\" else escape)
    columns = [
        f"{opencsv_value(column, type_, field)} AS {name(column)}"
        for field, (column, type_) in zip(raw, table.columns.items(), strict=True)
    ]
    return f"SELECT {', '.join(columns + partitions(table))} FROM {reader}"


def opencsv_value(column: str, type_: exp.DataType, field: str) -> str:
    bigint = exp.DataType.build("bigint")
    if type_.is_type(exp.DataType.Type.DATE):
        return f"DATE '1970-01-01' + CAST({converted(column, bigint, field)} AS INTEGER)"
    if type_.is_type(exp.DataType.Type.TIMESTAMP):
        return f"epoch_ms({converted(column, bigint, field)})"
    return converted(column, type_, field)


def parquet(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Parquet: columns by name, those a file lacks are NULL."""
    reader = f"read_parquet({files(table)}, filename=true, union_by_name=true, hive_partitioning=false)"
    stored = {column.lower(): column for column in connection.sql(f"SELECT * FROM {reader}").columns}
    columns = [
        f"CAST({name(stored[column]) if column in stored else 'NULL'} AS {sql_type(type_)}) AS {name(column)}"
        for column, type_ in table.columns.items()
    ]
    return f"SELECT {', '.join(columns + partitions(table))} FROM {reader}"


READERS: dict[str, Reader] = {
    "JsonSerDe": json_lines,
    "LazySimpleSerDe": delimited_text,
    "OpenCSVSerde": quoted_csv,
    "ParquetHiveSerDe": parquet,
}


def json_reader(files: str) -> str:
    return f"read_ndjson_objects({files}, filename=true, maximum_object_size={LONGEST_LINE})"


def text_reader(table: Table, columns: list[str], delimiter: str, quote: str, escape: str) -> str:
    types = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    dialect = f"delim={literal(delimiter)}, quote={literal(quote)}, escape={literal(escape)}"
    leniency = f"null_padding=true, strict_mode=false, nullstr={literal(NOWHERE[::-1])}, max_line_size={LONGEST_LINE}"
    return (
        f"read_csv({files(table)}, columns={{{types}}}, {dialect}, {leniency}, skip={table.header_lines()}, "
        "header=false, auto_detect=false, filename=true, hive_partitioning=false)"
    )


def converted(column: str, type_: exp.DataType, text: str) -> str:
    """`text` as the column's type, or HIVE_BAD_DATA with the value, the column and the object."""
    value = lenient(type_, text)
    if value == text:
        return text
    reason = literal(f"' for field {column}: it is not {sql_type(type_).lower()}")
    message = f"'Error parsing field value ''' || {text} || {reason}"
    return f"CASE WHEN {text} IS NOT NULL AND {value} IS NULL THEN {error(message)} ELSE {value} END"


def lenient(type_: exp.DataType, text: str) -> str:
    """`text` as the type, NULL where it is not one. DuckDB would round '1.6' to an integer."""
    if type_.is_type(*exp.DataType.TEXT_TYPES):
        return text
    if type_.is_type(*exp.DataType.INTEGER_TYPES):
        text = f"CASE WHEN regexp_full_match({text}, '{INTEGER}') THEN {text} END"
    return f"TRY_CAST({text} AS {sql_type(type_)})"


def partitions(table: Table) -> list[str]:
    """Partition columns, from the `key=value` folders of each object's address."""
    columns = []
    for key, type_ in table.partition_keys.items():
        values = ", ".join(f"{literal(o.path)}: {literal(o.partition(key))}" for o in table.objects)
        columns.append(f"CAST(MAP {{{values}}}[filename] AS {sql_type(type_)}) AS {name(key)}")
    return columns


def error(message: str) -> str:
    return f"error('HIVE_BAD_DATA: ' || {message} || ' in ' || filename)"


def files(table: Table) -> str:
    return literals([data.path for data in table.objects])


def sql_type(type_: exp.DataType) -> str:
    return type_.sql("duckdb")


def name(identifier: str) -> str:
    return exp.to_identifier(identifier, quoted=True).sql("duckdb")


def literals(texts: list[str]) -> str:
    return f"[{', '.join(map(literal, texts))}]::VARCHAR[]"


def literal(text: str | None) -> str:
    return "NULL" if text is None else exp.Literal.string(text).sql("duckdb")


def regexp_quote(text: str) -> str:
    return "".join(character if character.isalnum() else f"\\{character}" for character in text)
