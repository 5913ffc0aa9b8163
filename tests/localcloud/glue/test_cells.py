"""Reading CSV files whose cells were taken apart once: the same rows as from Spark's reader, whatever is in them."""

import random
import time
from pathlib import Path

import pytest

from tests.localcloud.glue.catalog import Catalog

COLUMNS = {"id": "string", "name": "string", "note": "string"}
# Lines of a file, and whether Spark has to take it apart.
FILES = {
    "plain": ("1;a;x\n2;;\n3\n;b;\n  4 ; \u00e9 ;'\\\\'\n5;c;", False),
    "byte order mark": ("\ufeff1;a;x\n", False),
    "odd marks": ("1;NULL;\\N\n2;#;\u2028\n3;\x0b;\t\n", False),
    "quotes": ('1;"a";x\n2;"c;d";"e ""f"""\n3;"";""""\n"4";;" "\n', False),
    "byte order mark before a quote": ('\ufeff"1";a;x\n', False),
    "a quote inside a cell": ('1;"a";x\n2;c"d;"e"\n', True),
    "text after a quote": ('1;"a"b;x\n', True),
    "text before a quote": ('1; "a";x\n', True),
    "a line end in quotes": ('1;"a\nb";x\n', True),
    "a quote that stays open": ('1;a;"x\n2;b;y\n', True),
    "line ends of Windows": ("1;a;x\r\n2;b;y\r\n", True),
    "too many cells": ("1;a;x\n2;b;y;z;z\n", True),
    "empty lines": ("1;a;x\n\n2;b;y\n", False),
    "blank lines": ("1;a;x\n \t\n2;b;y\n", True),
    "only separators": ("1;a;x\n;;\n ;;\n", True),
    "NUL": ("1;a\0;x\n", True),
}
FUZZED = 60
READERS = (
    "from pathlib import Path\n"
    "def cells(frame):\n"
    "    return sorted(str(tuple(row)) for row in frame.toDF().collect())\n"
    "def read(table):\n"
    "    return cells(glueContext.create_dynamic_frame.from_catalog(db, table))\n"
    "def taken():\n"
    "    return len(list(Path(spark.conf.get('fs.localcloud.cells.own')).glob('*.parquet')))\n"
    "def by_spark(table):\n"
    "    own = spark.conf.get('fs.localcloud.cells.own')\n"
    "    spark.conf.set('fs.localcloud.cells.own', '')\n"
    "    rows = read(table)\n"
    "    spark.conf.set('fs.localcloud.cells.own', own)\n"
    "    return rows\n"
)


def test_the_rows_are_those_of_sparks_reader(catalog: Catalog) -> None:
    """With a header and without; a file that cannot be taken apart simply is left to Spark."""
    for number, (text, _) in enumerate(FILES.values()):
        for headers in (0, 1):
            key = f"t{number}_{headers}"
            mark = text[: text.startswith("\ufeff")]
            catalog.put(f"{key}/x.csv", mark + headers * "id;name;note\n" + text.removeprefix(mark))
            catalog.table(key, f"{key}/", COLUMNS, parameters={"skip.header.line.count": str(headers)})
    out = catalog.run(
        READERS + f"for number in range({len(FILES)}):\n"
        "    for headers in (0, 1):\n"
        "        before, rows = taken(), read(f't{number}_{headers}')\n"
        "        print(taken() == before, rows == by_spark(f't{number}_{headers}'), len(rows) > 0)\n",
    )
    expected = [f"{spark} True True" for _, spark in FILES.values() for _ in (0, 1)]
    assert dict(enumerate(out)) == dict(enumerate(expected))


def test_whatever_is_in_a_file_the_rows_are_those_of_sparks_reader(catalog: Catalog) -> None:
    """Of random files, each of few marks so that many are quoted plainly, and some almost."""
    chance = random.Random(4180)
    cells = ("a", "", " ", "'", '"a"', '""', '"a;b"', '"a""b"', '"""a"', 'a"', '"a', '"a" ', '"\n"')
    likely = [6, 4, 2, 2, 6, 4, 4, 4, 2, 0.1, 0.1, 0.1, 0.1]
    lines = ["\n".join(";".join(chance.choices(cells, likely, k=3)) for _ in range(4)) for _ in range(FUZZED)]
    for number, text in enumerate(lines):
        catalog.put(f"f{number}/x.csv", f"id;name;note\n{text}\n")
        catalog.table(f"f{number}", f"f{number}/", COLUMNS)
    out = catalog.run(
        READERS + f"for number in range({FUZZED}):\n"
        "    before, rows = taken(), read(f'f{number}')\n"
        "    print(taken() > before, rows == by_spark(f'f{number}'))\n",
    )
    assert [number for number, line in enumerate(out) if line.endswith("False")] == []
    assert FUZZED / 4 < out.count("True True") < FUZZED


def test_columns_that_were_wanted_before_are_taken_apart_again(catalog: Catalog) -> None:
    """What one run reads of a table, and another of its own, is taken apart for both when the file changes."""
    catalog.put("t/x.csv", "id;name;note\n1;a;x\n")
    catalog.table("t", "t/", COLUMNS)
    script = READERS + (
        "def held():\n"
        "    own = spark.conf.get('fs.localcloud.cells.own')\n"
        "    return [spark.read.parquet(f'file://{file}').columns for file in sorted(Path(own).glob('*.parquet'))]\n"
        "def some(*names):\n"
        "    return cells(catalog(db, 't').select_fields(list(names)))\n"
    )
    only = catalog.run(script + "print(some('note', 'id')); print(held())")
    both = catalog.run(script + "print(some('note'), some('NAME', 'id')); print(held())")
    catalog.put("t/x.csv", "id;name;note\n2;b;y\n")
    changed = catalog.run(script + "print(some('id')); print(held())")
    assert only == ["[\"('x', '1')\"]", "[['_0', '_2']]"]
    assert both[0] == "[\"('x',)\"] [\"('a', '1')\"]"
    assert both[1] == "[['_0', '_1', '_2'], ['_0', '_2']]"
    assert changed == ["[\"('2',)\"]", "[['_0', '_1', '_2']]"]


def test_names_that_say_how_a_file_is_read(catalog: Catalog) -> None:
    """A packed file, one whose name hides it, one that is a pattern, and an empty line before the header."""
    catalog.put("packed/x.csv.gz", "id;name;note\n1;a;x\n")
    catalog.put("hidden/x.csv", "id;name;note\n1;a;x\n")
    catalog.put("hidden/_x.csv", "id;name;note\n2;a;x\n")
    catalog.put("wild/x[1].csv", "id;name;note\n4;a;x\n")
    catalog.put("wild/x1.csv", "id;name;note\n5;a;x\n")
    catalog.put("late/x.csv", "\nid;name;note\n3;a;x\n")
    for name in ("packed", "hidden", "wild", "late"):
        catalog.table(name, f"{name}/", COLUMNS)
    out = catalog.run(
        READERS + "refused(read, 'packed')\n"
        "for table in ('hidden', 'late', 'wild'): print(*read(table))\n"
        "print(taken())\n"
    )
    assert out[0].startswith("Py4JJavaError")
    assert out[1:] == ["('1', 'a', 'x')", "('3', 'a', 'x')", "('4', 'a', 'x') ('5', 'a', 'x')", "0"]


def test_a_file_is_taken_apart_once_until_it_changes(catalog: Catalog) -> None:
    catalog.put("t/x.csv", "id;name;note\n1;a;x\n")
    catalog.table("t", "t/", COLUMNS)
    script = (
        "rows = read('t'); [own] = Path(spark.conf.get('fs.localcloud.cells.own')).glob('*.parquet')\n"
        "print(rows); print(own.name); print(own.stat().st_ino)\n"
        "print(len(list(Path(spark.conf.get('fs.localcloud.cells.shared')).glob(own.name[:64] + '-*'))))\n"
    )
    first, again = catalog.run(READERS + script), catalog.run(READERS + script)
    assert again == first
    assert first[0] == "[\"('1', 'a', 'x')\"]"
    catalog.put("t/x.csv", "id;name;note\n2;a;x\n")
    changed = catalog.run(READERS + script)
    assert changed[0] == "[\"('2', 'a', 'x')\"]"
    assert changed[1][:64] == first[1][:64]
    assert changed[3] == "1", "the cells of the former file are gone"


def test_a_run_keeps_its_cells_when_the_file_changes(catalog: Catalog, tmp_path: Path) -> None:
    """A query that runs after another run has taken the new file apart reads the old one, as the run began with."""
    catalog.put("t/x.csv", "id;name;note\n1;a;x\n")
    catalog.table("t", "t/", COLUMNS)
    catalog.run(READERS + "read('t')")
    account, go = catalog.account, tmp_path / "go"
    waiting = (
        "import time\nframe = catalog(db, 't').toDF()\n"
        f"go = Path({str(go)!r}); go.with_suffix('.read').touch()\n"
        "while not go.exists(): time.sleep(0.02)\n"
        "print(frame.collect())\n"
    )
    job = account.job(catalog.script(READERS + waiting))
    run_id = account.start(job)
    deadline = time.monotonic() + 60
    while not go.with_suffix(".read").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    catalog.put("t/x.csv", "id;name;note\n2;a;x\n")
    assert catalog.run(READERS + "print(read('t'))") == ["[\"('2', 'a', 'x')\"]"]
    go.touch()
    assert account.log(account.wait(job, run_id)) == ["[Row(id='1', name='a', note='x')]"]


@pytest.mark.parametrize(("quote", "files"), [("'", "1"), ("", "0")])
def test_the_quote_of_the_table_counts(catalog: Catalog, quote: str, files: str) -> None:
    catalog.put("t/x.csv", "id;name;note\n'1';\"a;x\n")
    catalog.table("t", "t/", COLUMNS, parameters={"quoteChar": quote or "-1"})
    out = catalog.run(READERS + "print(read('t') == by_spark('t')); print(taken())\n")
    assert out == ["True", files]
