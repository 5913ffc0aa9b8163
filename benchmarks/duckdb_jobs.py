"""The floor: the five jobs' own SQL in DuckDB, from the CSV files to a folder of JSON for each, with nothing around it.

`python -m benchmarks.duckdb_jobs INPUT OUTPUT` prints the seconds, without those of Python's start.
"""

import importlib.util
import re
import sys
import time
from pathlib import Path
from types import ModuleType

import duckdb
import sqlglot

from localcloud.deploy import PROJECT

RUNTIME = PROJECT / "localcloud" / "glue" / "runtime"
TYPES = {"date": "timestamp", "timestamp": "varchar", "string": "varchar"}
ARGUMENTS = {"month": "date '2011-09-01'", "min_total_due": "1000"}
"""Those that the template gives the jobs."""


def main() -> None:
    """Run the jobs on the files of a directory."""
    print("seconds", run(Path(sys.argv[1]), Path(sys.argv[2])))


def scripts() -> dict[str, Path]:
    """The scripts by the names of their jobs."""
    return {path.stem: path for path in sorted((PROJECT / "glue_scripts").glob("*.py"))}


def run(directory: Path, output: Path) -> float:
    """The seconds that all jobs take, one after the other, each on all cores."""
    jobs = {name: _module(script) for name, script in scripts().items()}
    began = time.perf_counter()
    for name, job in jobs.items():
        _run_job(job, directory, output / name)
    return time.perf_counter() - began


def _run_job(job: ModuleType, directory: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    for table, columns in job.TABLES.items():
        connection.execute(f"create view {table} as {_rows(_file(directory, table), columns)}")
    query = sqlglot.transpile(_query(job), "spark", "duckdb")[0]
    connection.execute(f"copy ({query}) to '{folder}/part.json' (format json)")


def _module(script: Path) -> ModuleType:
    """A script as a module: importing it runs nothing."""
    spec = importlib.util.spec_from_file_location(script.stem, script)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _file(directory: Path, table: str) -> Path:
    """A table's file: the crawler names the table after it."""
    return next(path for path in directory.iterdir() if path.name.lower().replace(".", "_") == table)


def _rows(file: Path, columns: dict[str, str]) -> str:
    kinds = {name: declared.partition(" not null")[0] for name, declared in columns.items()}
    picked = ", ".join(f"{name}::date as {name}" if kind == "date" else name for name, kind in kinds.items())
    types = {name: TYPES.get(kind, kind) for name, kind in kinds.items()}
    options = f"delim = ';', header = true, nullstr = ['NULL', ''], decimal_separator = ',', types = {types}"
    return f"select {picked} from read_csv('{file}', {options})"


def _query(job: ModuleType) -> str:
    """The job's SQL with its tables, and with the arguments that the template gives it."""
    names = dict(zip(re.findall(r"from \{(\w+)\}", job.SQL), job.TABLES, strict=True))
    return re.sub(r":(\w+)", lambda found: ARGUMENTS[found[1]], job.SQL.format(**names))


if __name__ == "__main__":
    sys.path.insert(0, str(RUNTIME))
    main()
