"""The keys of JSON files: of each version once, and of no version instead of another."""

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from localcloud.athena import json_keys as module
from localcloud.athena.catalog import DataObject
from localcloud.athena.json_keys import json_keys
from localcloud.athena.readers import json_reader


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def keys(connection: duckdb.DuckDBPyConnection, *files: Path) -> set[str]:
    objects = [DataObject(f"s3://lake/{file.name}", str(file), file.stat().st_size) for file in files]
    return json_keys(connection, objects, json_reader("$files"))


def write(file: Path, text: str) -> Path:
    """As S3 does: a new file in the place of the former."""
    file.with_suffix(".new").write_text(text)
    return file.with_suffix(".new").rename(file)


def test_keys_are_those_of_all_rows_of_all_files(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    one = write(tmp_path / "one.json", '{"id": 1}\n{"Id": 2, "n": 3}\n')
    other = write(tmp_path / "other.json", '{"m": 3}\n')
    empty = write(tmp_path / "empty.json", "{}\n")

    assert keys(connection, one, other, empty) == {"id", "Id", "n", "m"}
    assert keys(connection, other) == {"m"}
    assert keys(connection, empty) == set()


def test_a_file_is_looked_at_once(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    file = write(tmp_path / "one.json", '{"id": 1}\n')
    assert keys(connection, file) == {"id"}

    status = file.stat()
    file.write_text('{"no": 1}\n')  # in the same file, as nobody does
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert keys(connection, file) == {"id"}


def test_a_new_version_is_looked_at(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    file = write(tmp_path / "one.json", '{"id": 1}\n')
    former = file.stat()
    assert keys(connection, file) == {"id"}

    write(file, '{"ID": 1}\n')
    os.utime(file, ns=(former.st_atime_ns, former.st_mtime_ns))

    assert keys(connection, file) == {"ID"}


def test_a_malformed_file_is_not_taken_for_known(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    file = write(tmp_path / "one.json", '{"id": 1}\n{"id": \n')

    for _ in range(2):
        with pytest.raises(duckdb.InvalidInputException, match=r"Malformed JSON in file .*one\.json"):
            keys(connection, file)


def test_only_the_latest_versions_are_kept(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_VERSIONS", 2)
    monkeypatch.setattr(module, "_known", {})

    for number in range(4):
        write(tmp_path / f"{number}.json", f'{{"k{number}": 1}}\n')
    assert keys(connection, *sorted(tmp_path.iterdir())) == {"k0", "k1", "k2", "k3"}

    assert [Path(path).name for path, _ in module._known] == ["2.json", "3.json"]
