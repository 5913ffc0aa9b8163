"""The keys of JSON files: looked up once for a version of a file, for most queries of a run read the same."""

import threading
from collections.abc import Sequence
from pathlib import Path

import duckdb

from localcloud.athena.catalog import DataObject
from localcloud.signature import Signature, signature

MOST_VERSIONS = 10_000

_known: dict[tuple[str, Signature], frozenset[str]] = {}
_looking = threading.Lock()


def json_keys(connection: duckdb.DuckDBPyConnection, objects: Sequence[DataObject], lines: str) -> set[str]:
    """The keys in any row of the objects. `lines` is DuckDB's reader of files in $files, with columns json, filename.

    Raises duckdb.Error where a line is malformed.
    """
    versions = [(data.path, signature(Path(data.path))) for data in objects]
    with _looking:  # and who comes meanwhile for the same finds it then
        unknown = dict(version for version in versions if version not in _known)
        if unknown:
            keys = f"SELECT filename, unnest(json_keys(json)) AS key FROM {lines}"
            query = f"SELECT filename, list(DISTINCT key) FROM ({keys}) GROUP BY filename"
            found = dict(connection.execute(query, {"files": list(unknown)}).fetchall())
            # A file without a key has no row.
            _known.update((version, frozenset(found.get(version[0], ()))) for version in unknown.items())
        every = set[str]().union(*(_known[version] for version in versions))
        while len(_known) > MOST_VERSIONS:
            del _known[next(iter(_known))]
        return every
