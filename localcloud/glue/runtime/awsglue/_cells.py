"""CSV files taken apart into cells once, for whichever run reads them next.

Spark takes a file apart each time a query reads it, and all of it however few columns are wanted: five jobs that read
one table do so five times. DuckDB, which is faster at it, writes the cells of a file down as Parquet, as the text they
are. Only plain files are taken apart this way, which there is but one way to read; the rest is left to Spark.
"""

import fcntl
import hashlib
import json
import mmap
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from gluejob.launch import CELLS_OWN, CELLS_SHARED
from pyspark.sql import DataFrame, SparkSession

# What Hadoop unpacks, by the name of a file.
_PACKED = (".bz2", ".deflate", ".gz", ".lz4", ".snappy", ".zst")
_WILD = "*?[{"
"""What DuckDB takes for a pattern in the name of a file."""
_BOM = b"\xef\xbb\xbf"
_MEMORY = "512MB"


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


def read_cells(spark: SparkSession, files: Sequence[tuple[Path, str]], layout: Layout) -> DataFrame | None:
    """The cells of `files` and their `s3://` addresses, as text in the columns `_0`, `_1` ...; null or '' for none.

    None where Spark has to take the files apart, or where the session is of no job run.
    """
    shared, own = (str(spark.conf.get(name, "")) for name in (CELLS_SHARED, CELLS_OWN))
    if not (shared and own and files and layout.is_plain):
        return None
    if not all(_is_named_plainly(file, address) for file, address in files):
        return None
    store = _Store(Path(shared), Path(own), layout)
    try:
        taken = [store.cells(file, address) for file, address in files]
    except _NotPlainError:
        return None
    schema = ", ".join(f"{name} string" for name in _names(layout))
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

    def cells(self, file: Path, address: str) -> Path:
        """The file with the cells of `file`. Raises _NotPlainError."""
        name = hashlib.sha256(json.dumps([address, *astuple(self._layout)]).encode()).hexdigest()
        status = file.stat()
        version = f"{name}-{status.st_ino}-{status.st_size}-{status.st_mtime_ns}.parquet"
        common, taken = self._shared / version, self._own / version
        with _locked(self._shared / f"{name}.lock"):
            if common.exists():
                if not taken.exists():
                    os.link(common, taken)
            else:
                _take_apart(file, taken, self._layout)
                for former in self._shared.glob(f"{name}-*"):
                    former.unlink()
                os.link(taken, common)
        return taken


def _is_named_plainly(file: Path, address: str) -> bool:
    """Whether the name says nothing about how to read the file: that it is hidden, packed, or more than one."""
    hidden = any(part.startswith(("_", ".")) for part in address.split("/"))
    return not hidden and file.suffix not in _PACKED and not set(_WILD) & set(str(file))


def _is_plain(file: Path, layout: Layout) -> bool:
    """Whether a file has text in its first line, and no quote and no other line ends than \\n anywhere."""
    with file.open("rb") as opened:
        first = opened.readline().removeprefix(_BOM)
        if not first.strip() or first.startswith(_BOM):
            return False
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as text:
            return all(text.find(mark) < 0 for mark in (layout.quote.encode(), b"\r", b"\0"))


def _take_apart(file: Path, cells: Path, layout: Layout) -> None:
    """Write the cells down. Raises _NotPlainError, and then leaves no file."""
    if not _is_plain(file, layout):
        raise _NotPlainError(file)
    import duckdb  # here, for a run that finds all cells does without

    options: dict[str, Any] = {
        "auto_detect": False,
        "columns": dict.fromkeys(_names(layout), "VARCHAR"),
        "delim": layout.separator,
        "quote": "",
        "escape": "",
        "skip": layout.headers,
        "header": False,
        "null_padding": True,
        "compression": "none",
    }
    # Spark leaves out lines of nothing but white space, among which there are some of nothing but separators.
    blank = " and ".join(f"coalesce({name}, '') < '!'" for name in _names(layout))
    rows = f"from read_csv($file, {', '.join(f'{name} = ${name}' for name in options)})"
    kept = f"where case when {blank} then error('a line without text') else true end"
    copy = f"copy ({rows} {kept}) to '{cells}' (format parquet)"
    with duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": str(cells.parent)}) as database:
        try:
            database.execute(copy, {"file": str(file)} | options)
        except duckdb.Error as error:  # a line of more cells than columns, bytes that are no text
            cells.unlink(missing_ok=True)
            raise _NotPlainError(file) from error


def _names(layout: Layout) -> list[str]:
    return [f"_{number}" for number in range(layout.columns)]


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Alone among all processes."""
    with file.open("w") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
