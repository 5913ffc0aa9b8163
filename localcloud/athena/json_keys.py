"""The keys of JSON files: looked up once for a version of a file, for most queries of a run read the same."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import duckdb

from localcloud.athena.catalog import DataObject

MOST_VERSIONS = 10_000


@dataclass(frozen=True)
class _Version:
    """A file as it is until it is replaced: S3 writes an object's new version into a new file."""

    path: str
    inode: int
    size: int
    modified: int

    @classmethod
    def of(cls, path: str) -> Self:
        status = os.stat(path)
        return cls(path, status.st_ino, status.st_size, status.st_mtime_ns)


_known: dict[_Version, frozenset[str]] = {}
_looking = threading.Lock()


def json_keys(connection: duckdb.DuckDBPyConnection, objects: Sequence[DataObject], lines: str) -> set[str]:
    """The keys in any row of the objects. `lines` is DuckDB's reader of files in $files, with columns json, filename.

    Raises duckdb.Error where a line is malformed.
    """
    versions = [_Version.of(data.path) for data in objects]
    with _looking:  # and who comes meanwhile for the same finds it then
        unknown = {version.path: version for version in versions if version not in _known}
        if unknown:
            found = dict.fromkeys(unknown, frozenset[str]())  # a file without a key has no row below
            keys = f"SELECT filename, unnest(json_keys(json)) AS key FROM {lines}"
            query = f"SELECT filename, list(DISTINCT key) FROM ({keys}) GROUP BY filename"
            rows = connection.execute(query, {"files": list(unknown)}).fetchall()
            found |= {path: frozenset(names) for path, names in rows}
            _known.update((unknown[path], names) for path, names in found.items())
        every = set[str]().union(*(_known[version] for version in versions))
        while len(_known) > MOST_VERSIONS:
            del _known[next(iter(_known))]
        return every
