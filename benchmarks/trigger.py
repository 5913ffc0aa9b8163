"""The trigger under a burst of 10,000 events: the seconds of the test that sends them, which sees them all through."""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from benchmarks import processes
from localcloud import scratch

TEST = "tests/localcloud/test_single_flight.py::test_ten_thousand_events"


def measure() -> dict[str, Any]:
    """Events, runs that they started, calls of the function, and seconds until all had gone and the runs ended."""
    with scratch.directory("localcloud-benchmark-") as directory:
        report = directory / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", TEST, f"--junitxml={report}"]
        watch = processes.run(command, directory / "log")
        return {"cpu_seconds": watch.cpu_seconds, "memory": watch.memory, **_properties(report)}


def _properties(report: Path) -> dict[str, float]:
    """What the test recorded."""
    found = ET.parse(report).getroot().iter("property")
    return {element.attrib["name"]: float(element.attrib["value"]) for element in found}
