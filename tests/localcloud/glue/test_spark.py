"""The JVM that all job runs share, and the one in its place for large inputs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.glue.spark import LARGE, SparkDriver


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


def test_nothing_is_held_of_what_the_jvm_was_warmed_up_with(driver: SparkDriver) -> None:
    driver.start()
    assert driver._context.getPersistentRDDs().size() == 0
