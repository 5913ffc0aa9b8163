"""The JVM that all job runs share, and the one in its place for large inputs."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.glue.spark import LARGE, SparkDriver
from tests.localcloud.waiting import until


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[SparkDriver]:
    driver = SparkDriver(tmp_path / "spark")
    yield driver
    driver.stop()


def compiles_twice(driver: SparkDriver) -> bool:
    """Whether the second compiler is on."""
    management = driver._gateway.jvm.java.lang.management.ManagementFactory
    arguments = list(management.getRuntimeMXBean().getInputArguments())
    return not any("TieredStopAtLevel" in argument for argument in arguments)


def test_a_large_input_gets_a_jvm_of_its_own_once_nobody_uses_the_first(driver: SparkDriver) -> None:
    small = driver.environment("jr_1", LARGE)
    assert not compiles_twice(driver)
    assert driver.environment("jr_2", LARGE + 1) == small, "a run is going on in it"

    driver.release("jr_1")
    driver.release("jr_2")
    large = driver.environment("jr_3", LARGE + 1)
    assert compiles_twice(driver)
    assert not driver.is_at(small)
    assert driver.is_at(large)
    assert driver.environment("jr_4", 0) == large, "it stays"


@pytest.mark.parametrize("size", [LARGE, LARGE + 1])
def test_the_jvm_gives_back_what_runs_needed_once_none_is_left(
    driver: SparkDriver, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr("localcloud.glue.spark.REST_SECONDS", 0.1)
    for run in ("jr_1", "jr_2"):
        driver.environment(run, size)
    jvm = driver._gateway.jvm
    memory = jvm.java.lang.management.ManagementFactory.getMemoryMXBean()
    session = jvm.org.apache.spark.sql.SparkSession.getDefaultSession().get()
    session.sql("select octet_length(repeat('x', 1000000000))").first()
    held = memory.getHeapMemoryUsage().getCommitted()
    assert held > 1e9

    driver.release("jr_1")
    time.sleep(0.3)
    assert memory.getHeapMemoryUsage().getCommitted() >= held, "a run is going on in it"
    driver.release("jr_2")
    until(lambda: memory.getHeapMemoryUsage().getCommitted() < held / 2)


def test_nothing_is_held_of_what_the_jvm_was_warmed_up_with(driver: SparkDriver) -> None:
    driver.start()
    assert driver._context.getPersistentRDDs().size() == 0
