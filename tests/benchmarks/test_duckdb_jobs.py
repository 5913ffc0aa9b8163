"""The floor answers the questions: what it takes is compared with what the jobs take."""

import subprocess
import sys
from pathlib import Path

from benchmarks import processes
from localcloud.sampledata import generate
from tests.conftest import PROJECT
from tests.oracle import expected, read_results


def test_duckdb_has_the_same_answers(tmp_path: Path) -> None:
    files, output, log = tmp_path / "files", tmp_path / "output", tmp_path / "log"
    generate(files, 0.01)
    command = [sys.executable, "-m", "benchmarks.duckdb_jobs", str(files), str(output)]
    with log.open("wb") as printed:
        subprocess.run(command, cwd=PROJECT, stdout=printed, check=True)

    found, wanted = read_results(output), expected(files)
    assert {name: sorted(rows) for name, rows in found.items()} == {
        name: sorted(rows) for name, rows in wanted.items()
    }
    assert all(wanted.values())
    assert processes.told_seconds(log) > 0
