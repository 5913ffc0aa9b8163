"""What was measured, in a file: each part as it was measured last on this machine."""

import datetime as dt
import json
import os
import platform
import subprocess
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from localcloud.deploy import PROJECT

FILE = PROJECT / "benchmarks" / "results.json"
NO_SIZE = "any"
"""The size of what does not depend on one."""
PACKAGES = ("duckdb", "ministack", "moto", "pyspark")


@dataclass
class Results:
    """Seconds, bytes, counts and dollars by part and by size; `machine` is where they were measured."""

    machine: dict[str, Any]
    parts: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def load(cls, file: Path, machine: dict[str, Any]) -> Self:
        """Those of the file; none where there is no file, or they are another machine's or of other versions."""
        told = json.loads(file.read_text()) if file.exists() else {}
        return cls(machine, told["parts"] if told.get("machine") == machine else {})

    def add(self, part: str, size: float | None, measured: dict[str, Any]) -> None:
        """Put what was measured in the place of what was measured before."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        entry = {"measured": now, "commit": commit(), **measured}
        self.parts.setdefault(part, {})[size_name(size)] = _rounded(entry)

    def number(self, part: str, size: float | None, *keys: str) -> float | None:
        """A number that was measured, None where it was not."""
        found: Any = self.parts.get(part, {}).get(size_name(size), {})
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return None if found is None else float(found)

    def sizes(self) -> list[float]:
        """The sizes at which something was measured."""
        return sorted({float(size) for sizes in self.parts.values() for size in sizes if size != NO_SIZE})

    def save(self, file: Path) -> None:
        """Write the file."""
        file.write_text(json.dumps({"machine": self.machine, "parts": self.parts}, indent=2) + "\n")


def size_name(size: float | None) -> str:
    """How a size is written."""
    return NO_SIZE if size is None else f"{size:g}"


def this_machine() -> dict[str, Any]:
    """Cores, memory, and the versions of what the numbers depend on."""
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "memory_gib": round(gibibytes),
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def commit() -> str:
    """The commit that is checked out, with a plus sign where files differ from it."""
    command = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False).stdout.strip()


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return round(value, 4) if isinstance(value, float) else value
