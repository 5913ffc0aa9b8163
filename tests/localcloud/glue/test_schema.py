"""What the crawler takes an object for, by its bytes."""

import codecs
import gzip
import json
import tracemalloc
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from localcloud.glue.crawl_csv import CsvClassifier
from localcloud.glue.crawl_json import type_of
from localcloud.glue.crawl_sample import UnrecognizedFormatError
from localcloud.glue.crawl_types import hive_type, merge_columns, similarity
from localcloud.glue.schema import Schema, classify

MIB = 1024 * 1024


@dataclass
class Bytes:
    """An object in memory that counts what is read of it."""

    data: bytes
    reads: list[int] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, start: int, length: int) -> bytes:
        self.reads.append(length)
        return self.data[start : start + length]


def schema(data: str | bytes, *classifiers: CsvClassifier) -> Schema:
    return classify(Bytes(data.encode() if isinstance(data, str) else data), classifiers)


def types(data: str | bytes, *classifiers: CsvClassifier) -> dict[str, str]:
    return {c.catalog_name: hive_type(c.type) for c in schema(data, *classifiers).columns}


def refusal(data: str | bytes) -> str:
    with pytest.raises(UnrecognizedFormatError) as error:
        schema(data)
    return str(error.value)


def csv_of(column: list[str]) -> str:
    return "Id;Value\n" + "".join(f"{i};{value}\n" for i, value in enumerate(column))


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (["1", "-2", "+3"], "bigint"),
        (["1", "NULL", "", "7"], "bigint"),
        (["9223372036854775807"], "bigint"),
        (["9223372036854775808"], "string"),
        (["-9223372036854775808"], "bigint"),
        (["-9223372036854775809"], "string"),
        (["2024.994000", "1", "NULL"], "double"),
        (["1e5", ".5"], "double"),
        (["2024,994", "0,00"], "string"),
        (["2011-05-31 00:00:00.000"], "string"),
        (["2011-05-31"], "string"),
        (["true", "FALSE", ""], "boolean"),
        (["true", "1"], "string"),
        (["NULL", ""], "string"),
        (["1", "abc"], "string"),
        (["9" * 5000], "string"),
        (["\u0661"], "string"),  # a digit, but no ASCII one
    ],
)
def test_type_of_a_csv_column(values: list[str], type_: str) -> None:
    assert types(csv_of(values))["value"] == type_


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_csv_of_each_delimiter_with_bom_quotes_and_line_ends(delimiter: str) -> None:
    rows = ["Id,Text,Amount", '1,"a , ; | \t b",1.5', '2,"said ""no""\r\ntwice",2.5', "3,plain,NULL"]
    text = "\ufeff" + "\r\n".join(row.replace(",", delimiter, 1) for row in rows)
    for before, after in (
        ('",', f'"{delimiter}'),
        ("Text,", f"Text{delimiter}"),
        ("plain,", f"plain{delimiter}"),
    ):
        text = text.replace(before, after)
    found = schema(text)
    assert types(text) == {"id": "bigint", "text": "string", "amount": "double"}
    assert found.classification == "csv"
    assert found.records == 3
    assert found.parameters == {
        "delimiter": delimiter,
        "columnsOrdered": "true",
        "areColumnsQuoted": "true",
        "skip.header.line.count": "1",
    }


def test_decimal_commas_do_not_make_the_comma_the_delimiter() -> None:
    assert schema("1;2,50;3\n2;3,50;4\n").parameters["delimiter"] == ";"


def test_without_a_header_columns_are_numbered_and_the_first_row_counts() -> None:
    found = schema("1,a\n2.5,b\n")
    assert [(c.name, c.type) for c in found.columns] == [("col0", "double"), ("col1", "string")]
    assert found.records == 2
    assert "skip.header.line.count" not in found.parameters


@pytest.mark.parametrize(
    "text",
    [
        "name,city\nAnn,Oslo\nBob,Rome\n",  # nothing tells the first row from the others
        "id,2\n1,2\n",
        "id,\n1,2\n",
        f"id,{'x' * 150},n\n1,2,3\n",
    ],
)
def test_first_rows_that_are_no_header(text: str) -> None:
    assert next(iter(types(text))) == "col0"


def test_a_trailing_delimiter_is_allowed_in_a_header() -> None:
    assert types("id;name;\n1;a;\n2;b;\n") == {"id": "bigint", "name": "string", "col2": "string"}


def test_headers_are_stripped_and_lower_case_and_keep_other_letters() -> None:
    assert list(types("Order ID, Größe\n1,2\n")) == ["order id", "größe"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "is empty"),
        ("\ufeff\n \n", "is empty"),
        ("A;B;C\n", "has a single line, a header without rows; a CSV table needs at least two"),
        ("one\ntwo\n", "is not separated text of at least two columns, nor JSON or Parquet"),
        ("a, b\nc\nd\ne, f, g\n", "is not separated text of at least two columns, nor JSON or Parquet"),
        ("A;a;B\n1;2;3\n", "has a header that names columns twice: a"),
        ('A;B\n1;x\n2;"y\n3;z\n', "has a quote that is never closed, in the record of line 3"),
        ('"A;B\n1;x\n', "has a quote that is never closed, in the record of line 1"),
        ("A;B\n1;é\n".encode("latin-1"), "is not UTF-8 text (byte 0xe9 at offset 6; Latin-1?): convert it"),
        ("A;B\n1;2\n".encode("utf-16"), "is UTF-16 text; crawlers read UTF-8: convert it"),
        (
            codecs.BOM_UTF8 + b"A;B\n1;\0\n",
            "holds NUL bytes: it is binary data, or UTF-16 text, and not UTF-8 text",
        ),
        ('{"a": 1}\n{"a": }\n', "is damaged JSON: line 2: Expecting value"),
        ('{"a": 1}\n5\n', "is JSON whose record 2 is no object"),
        ('{"a": ' + "9" * 5000 + "}", "is JSON that cannot be read: Exceeds the limit (4300 digits)"),
        ('{"a": ' + "[" * 100_000, "is JSON that cannot be read: maximum recursion depth exceeded"),
        ("{}\n{}\n", "is JSON without a single field"),
        (gzip.compress(b"A;B\n1;2\n" * 99)[:-12], "is gzip data that ends too soon"),
        (b"PAR1" + b"x" * 100, "is damaged Parquet: it has no footer"),
    ],
)
def test_what_makes_no_table_says_why(data: str | bytes, reason: str) -> None:
    assert refusal(data).startswith(reason)


def test_ragged_rows_are_remarked_with_their_line() -> None:
    text = 'A;B\n1;"two\nlines"\n' + "2;x\n" * 8 + "3;y;z\n"
    (remark,) = schema(text).remarks
    assert remark == "1 of the 11 records sampled are ragged; the first, on line 12, has 3 fields and not 2"
    assert schema("A;B\n1;2\n").remarks == ()


def test_only_a_megabyte_is_read_and_the_rest_estimated() -> None:
    row = "12345;a text of a row\n"
    source = Bytes(b"Id;Text\n" + row.encode() * 500_000)
    found = classify(source)
    assert source.reads == [MIB]
    assert found.record_size == len(row)
    assert found.records == pytest.approx(500_000, rel=0.01)
    assert [c.type for c in found.columns] == ["bigint", "string"]


def test_a_record_cut_by_the_sample_does_not_count() -> None:
    rows = b"1.5;a\n" * (MIB // 6 - 10) + b"123456789;" + b"x" * MIB
    assert classify(Bytes(b"N;Text\n" + rows)).columns[0].type == "double"
    letters = b"A;B\n" + "1;é\n".encode() * MIB  # five bytes a row: the sample ends inside a letter
    assert classify(Bytes(letters + b";")).columns[1].type == "string"


def test_long_records_make_the_sample_longer_up_to_a_limit() -> None:
    source = Bytes(b'Id;Doc\n1;"' + b"x" * 2 * MIB + b'"\n2;"y"\n')
    assert [c.name for c in classify(source).columns] == ["Id", "Doc"]
    assert source.reads == [MIB, 4 * MIB]
    endless = Bytes(b'Id;Doc\n1;"' + b"x" * 20 * MIB)
    with pytest.raises(UnrecognizedFormatError, match="longer than 10 MiB"):
        classify(endless)
    assert max(endless.reads) == 10 * MIB


def test_a_line_without_end_is_refused_before_it_is_taken_apart() -> None:
    endless = Bytes(b"4;" * 20 * MIB)
    tracemalloc.start()
    with pytest.raises(UnrecognizedFormatError, match="longer than 10 MiB"):
        classify(endless)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert max(endless.reads) == 10 * MIB
    assert most < 60 * MIB


def test_one_long_json_document_is_refused_by_size() -> None:
    with pytest.raises(UnrecognizedFormatError, match="longer than 10 MiB"):
        schema(b'{"a": "' + b"x" * 11 * MIB)


def test_gzip_is_read_like_what_it_holds_even_in_several_members() -> None:
    rows = [f"{i};{i * 0.5}\n" for i in range(100)]
    members = [gzip.compress("".join(part).encode()) for part in (["Id;Half\n"], rows[:50], rows[50:])]
    found = schema(b"".join(members))
    assert found.compression == "gzip"
    assert found.records == 100
    assert types(b"".join(members)) == {"id": "bigint", "half": "double"}


def test_a_large_gzip_is_neither_read_nor_unpacked_whole() -> None:
    row = "12345;a text of a row\n"
    source = Bytes(gzip.compress(("Id;Text\n" + row * 500_000).encode()))
    found = classify(source)
    assert found.record_size == len(row)
    assert found.records == pytest.approx(500_000, rel=0.2)  # estimated from the compressed size


def test_json_types() -> None:
    rows = [
        {"Id": 1, "big": 2**31, "mix": 1, "d": 1.5, "s": "2011-05-31", "b": True, "n": None},
        {"Id": 2, "big": 1, "mix": 2.5, "o": {"Name": "x", "n": 1}, "l": [1, 2**40], "e": []},
        {"Id": 3, "mix": None, "o": {"k": {"v": False}}, "huge": 2**63, "bad": "a"},
        {"Id": 4, "bad": 1, "empty": {}},
    ]
    assert types("\n".join(map(json.dumps, rows))) == {
        "id": "int",
        "big": "bigint",
        "mix": "double",
        "d": "double",
        "s": "string",
        "b": "boolean",
        "n": "string",
        "o": "struct<Name:string,n:int,k:struct<v:boolean>>",
        "l": "array<bigint>",
        "e": "array<string>",
        "huge": "string",
        "bad": "string",
        "empty": "string",
    }


@pytest.mark.parametrize(("bits", "type_", "wider"), [(31, "int", "bigint"), (63, "bigint", "string")])
def test_json_integers_at_their_bounds(bits: int, type_: str, wider: str) -> None:
    assert [type_of(number) for number in (-(2**bits), 2**bits - 1)] == [type_, type_]
    assert [type_of(number) for number in (-(2**bits) - 1, 2**bits)] == [wider, wider]


def test_json_documents_may_span_lines_and_an_array_is_one_column() -> None:
    assert types('{"a":\n 1}\n{"a":\n 2}') == {"a": "int"}
    assert types(' [{"a": 1}, {"b": "x"}]\n') == {"array": "array<struct<a:int,b:string>>"}
    assert schema('{"a": 1}\n{"a": 2}\n').records == 2


def test_json_is_sampled_and_its_cut_record_left_out() -> None:
    line = b'{"a": 1}\n'
    source = Bytes(line * 400_000)
    assert classify(source).records == pytest.approx(400_000, rel=0.01)
    assert source.reads == [MIB]


def test_parquet_is_read_by_its_footer(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    duckdb.sql(
        "select i::int as Id, i::bigint as big, i::decimal(19,4) as due, date '2011-05-31' as day, "
        "now()::timestamp as t, [i] as l, {'k': i, 'v': 'x'} as s, repeat('x', 100) || hash(i) as text "
        "from range(100000) t(i)"
    ).write_parquet(str(path))
    source = Bytes(path.read_bytes())
    found = classify(source)
    assert (found.classification, found.records) == ("parquet", 100_000)
    assert {c.catalog_name: hive_type(c.type) for c in found.columns} == {
        "id": "int",
        "big": "bigint",
        "due": "decimal(19,4)",
        "day": "date",
        "t": "timestamp",
        "l": "array<bigint>",
        "s": "struct<k:bigint,v:string>",
        "text": "string",
    }
    assert sum(source.reads[1:]) < 20_000 < source.size


def test_parquet_of_a_type_the_catalog_lacks_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    duckdb.sql("select interval 1 day as gap").write_parquet(str(path))
    assert (
        refusal(path.read_bytes())
        == "is Parquet whose column gap is of type INTERVAL, unknown to the catalog"
    )


def test_custom_classifiers_come_first_in_their_order() -> None:
    text = "name#city\nAnn#Oslo\n"
    hashes = CsvClassifier(delimiters="#", contains_header="PRESENT")
    assert types(text, CsvClassifier(delimiters="~"), hashes) == {"name": "string", "city": "string"}
    named = CsvClassifier(delimiters="#", contains_header="ABSENT", header=("who", "where"))
    assert schema(text, named).records == 2
    assert types(text, named) == {"who": "string", "where": "string"}
    assert types("1\n2\n", CsvClassifier(min_columns=1)) == {"col0": "bigint"}
    assert types('{"a": 1}', hashes) == {"a": "int"}


def test_alike_schemas_come_together() -> None:
    one, other = schema("a,b,c,d\n1,x,1,\n").columns, schema("a,b,c,d\n1.5,x,z,5\n").columns
    assert similarity(one, one) == 1
    assert similarity(one, other) == 0.75  # c is a number here and a text there
    assert [hive_type(c.type) for c in merge_columns([one, other])] == [
        "double",
        "string",
        "string",
        "bigint",
    ]
