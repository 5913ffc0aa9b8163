"""What the command measures, and what is left when a part fails."""

import json
from pathlib import Path
from typing import Any, NoReturn

import pytest

from benchmarks import __main__ as command
from benchmarks.errors import BenchmarkError
from benchmarks.site import Site, files_of


def measure_files(site: Site) -> dict[str, Any]:
    """How many files there are."""
    return {"seconds": len(list(site.files.glob("*.csv")))}


def fail(site: Site) -> NoReturn:
    raise BenchmarkError("the account did not come up")


@pytest.fixture(autouse=True)
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file of results; two parts are measured, of which the second one fails."""
    monkeypatch.setattr(command, "FILE", tmp_path / "results.json")
    monkeypatch.setattr(command, "PICTURE", tmp_path / "scale.svg")
    monkeypatch.setattr(command, "SIZELESS", {"startup": lambda: {"deploy": 6.0}})
    monkeypatch.setattr(command, "SIZED", {"crawl": measure_files, "jobs": fail})
    return tmp_path / "results.json"


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["benchmarks", *words])
    return command.main()


def seconds(file: Path, part: str, size: str) -> Any:
    return json.loads(file.read_text())["parts"][part][size]["seconds"]


def test_the_parts_that_are_named_at_the_sizes_that_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: Path
) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "only.csv").touch()
    words = ("crawl", "--size", "0.01", "1", "--data", str(tmp_path), "--input", str(given))

    assert call(monkeypatch, *words) == 0
    assert [seconds(file, "crawl", size) for size in ("0.01", "1")] == [6, 1]
    assert (tmp_path / "scale.svg").exists()
    assert "startup" not in json.loads(file.read_text())["parts"]


def test_what_was_measured_before_a_part_fails_is_saved_and_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "--size", "0.01", "--data", str(tmp_path)) == 1
    assert seconds(file, "crawl", "0.01") == 6
    told = capsys.readouterr()
    assert told.err.endswith("benchmarks: the account did not come up\n")
    assert "6.00 s" in told.out


def test_a_part_that_there_is_not_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        call(monkeypatch, "crawl", "joy")
    assert "there is no part joy; there are startup, crawl, jobs" in capsys.readouterr().err


def test_files_are_generated_once(tmp_path: Path) -> None:
    directory = files_of(0.01, tmp_path)
    (directory / "Sales.Customer.csv").unlink()
    assert files_of(0.01, tmp_path) == directory == tmp_path / "0.01"
    assert len(list(directory.glob("*.csv"))) == 5
