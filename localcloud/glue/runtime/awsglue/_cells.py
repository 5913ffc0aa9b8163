"""CSV files taken apart into cells once, for whichever run reads them next.

Spark takes a file apart each time a query reads it, and all of it however few columns are wanted: five jobs that read
one table do so five times. DuckDB, which is faster at it, writes the cells of a file down as Parquet, as the text they
are. Only plain files are taken apart this way, which there is but one way to read; the rest is left to Spark.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

import duckdb
from gluejob.launch import CELLS_OWN, CELLS_SHARED
from pyspark.sql import DataFrame, SparkSession

# What Hadoop unpacks, by the name of a file.
_PACKED = (".bz2", ".deflate", ".gz", ".lz4", ".snappy", ".zst")
_WILD = "*?[{"
"""What DuckDB takes for a pattern in the name of a file."""
_BOM = b"\xef\xbb\xbf"
_MEMORY = "512MB"
_CHUNK = 256 * 1024
"""Bytes of a file that are looked at together: no more than a core keeps at hand."""
_FIRST, _LAST = itemgetter(0), itemgetter(-1)


@dataclass(frozen=True)
class Layout:
    """How the lines of a table's files are made up."""

    columns: int
    separator: str
    quote: str
    headers: int
    """Lines before the first row: 0 or 1."""

    @property
    def is_plain(self) -> bool:
        """Whether a line without quotes is its cells with separators between them, and nothing else."""
        marks = self.separator + self.quote
        return self.columns > 0 and len(marks) == 2 and marks.isascii() and not set(marks) & set("\r\n\0\\")


def read_cells(
    spark: SparkSession, files: Sequence[tuple[Path, str]], layout: Layout, columns: Sequence[int]
) -> DataFrame | None:
    """Cells of `files`, which have `s3://` addresses, as text: those of some columns, by their places, in a column
    `_0`, `_1` ... each; null or '' for none.

    None where Spark has to take the files apart, or where the session is of no job run.
    """
    shared, own = (str(spark.conf.get(name, "")) for name in (CELLS_SHARED, CELLS_OWN))
    if not (shared and own and files and columns and layout.is_plain):
        return None
    if not all(_is_named_plainly(file, address) for file, address in files):
        return None
    store = _Store(Path(shared), Path(own), layout)
    try:
        taken = [store.cells(file, address, columns) for file, address in files]
    except _NotPlainError:
        return None
    schema = ", ".join(f"{_name(column)} string" for column in columns)
    return spark.read.schema(schema).parquet(*(f"file://{cells}" for cells in taken))


class _NotPlainError(Exception):
    """A file is not read by the simple rules that are followed here."""


class _Store:
    """The cells of files, for all runs, and links to them that stay as long as one run does."""

    def __init__(self, shared: Path, own: Path, layout: Layout) -> None:
        self._shared = shared
        self._own = own
        self._layout = layout
        for folder in (shared, own):
            folder.mkdir(parents=True, exist_ok=True)

    def cells(self, file: Path, address: str, columns: Sequence[int]) -> Path:
        """A file with the cells of `file`, those of `columns` among them. Raises _NotPlainError."""
        name = hashlib.sha256(json.dumps([address, *astuple(self._layout)]).encode()).hexdigest()
        status = file.stat()
        version = f"{name}-{status.st_ino}-{status.st_size}-{status.st_mtime_ns}-"
        with _locked(self._shared / f"{name}.lock"):
            there = {path: _columns_of(path) for path in self._shared.glob(f"{name}-*")}
            for path, held in there.items():
                if path.name.startswith(version) and held.issuperset(columns):
                    return self._take(path)
            # Who reads a file wants of it what was wanted of the former one.
            wanted = sorted(set(columns).union(*there.values()))
            taken = self._own / f"{version}{'_'.join(map(str, wanted))}.parquet"
            _take_apart(file, taken, self._layout, wanted)
            for former in there:
                former.unlink()
            os.link(taken, self._shared / taken.name)
        return taken

    def _take(self, common: Path) -> Path:
        """A link of the run's own, which stays when the common one goes."""
        taken = self._own / common.name
        if not taken.exists():
            os.link(common, taken)
        return taken


def _columns_of(cells: Path) -> set[int]:
    """The places of the columns that are in a file."""
    return set(map(int, cells.stem.rpartition("-")[2].split("_")))


def _is_named_plainly(file: Path, address: str) -> bool:
    """Whether the name says nothing about how to read the file: that it is hidden, packed, or more than one."""
    hidden = any(part.startswith(("_", ".")) for part in address.split("/"))
    return not hidden and file.suffix not in _PACKED and not set(_WILD) & set(str(file))


def _is_plain(file: Path, layout: Layout) -> bool:
    """Whether a file has text in its first line, and nothing but plain lines."""
    with file.open("rb") as opened:
        first = opened.readline().removeprefix(_BOM)
        if not first.strip() or first.startswith(_BOM):
            return False
        return all(_are_plain(lines, layout) for lines in chain([first], _lines(opened)))


def _lines(opened: BinaryIO) -> Iterator[bytes]:
    """The rest of a file, some whole lines at a time."""
    while lines := opened.read(_CHUNK):
        yield lines + opened.readline()


def _are_plain(lines: bytes, layout: Layout) -> bool:
    """Whether whole lines have no ends but \\n, and each cell with a quote one at its beginning, one at its end, and
    pairs of them between."""
    if b"\r" in lines or b"\0" in lines:
        return False
    quote = layout.quote.encode()
    if quote not in lines:  # found out much faster than by splitting
        return True
    parts = lines.split(quote)
    # Outside of quotes: there is nothing where two stand side by side and the cell goes on.
    outside = parts[::2]
    if len(parts) % 2 == 0 or b"\n" in b"".join(parts[1::2]):
        return False
    ends = set(f"{layout.separator}\n".encode())
    before, after = filter(None, outside[:-1]), filter(None, outside[1:])
    return ends.issuperset(map(_LAST, before)) and ends.issuperset(map(_FIRST, after))


def _take_apart(file: Path, cells: Path, layout: Layout, columns: Sequence[int]) -> None:
    """Write the cells of some columns down. Raises _NotPlainError, and then leaves no file."""
    if not _is_plain(file, layout):
        raise _NotPlainError(file)

    names = [_name(column) for column in range(layout.columns)]
    options: dict[str, Any] = {
        "auto_detect": False,
        "columns": dict.fromkeys(names, "VARCHAR"),
        "delim": layout.separator,
        "quote": layout.quote,
        "escape": layout.quote,
        "skip": layout.headers,
        "header": False,
        "null_padding": True,
        "compression": "none",
    }
    rows = f"read_csv($file, {', '.join(f'{name} = ${name}' for name in options)})"
    wanted = [_name(column) for column in columns]
    # Spark leaves out lines of nothing but white space, among which there are some of nothing but separators. Only the
    # cells that are wanted are looked at, for the others need not be read then.
    blank = " and ".join(f"coalesce({name}, '') < '!'" for name in wanted)
    kept = f"where case when {blank} then error('perhaps a line without text') else true end"
    copy = f"copy (select {', '.join(wanted)} from {rows} {kept}) to '{cells}' (format parquet)"
    with duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": str(cells.parent)}) as database:
        try:
            database.execute(copy, {"file": str(file)} | options)
        except duckdb.Error as error:  # a line of more cells than columns, bytes that are no text
            cells.unlink(missing_ok=True)
            raise _NotPlainError(file) from error


def _name(column: int) -> str:
    return f"_{column}"


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Alone among all processes."""
    with file.open("w") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
