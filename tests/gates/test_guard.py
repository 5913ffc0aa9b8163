"""Findings of cfn-guard, and the reasons in the template for which they do not count."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gates.guard import Finding, problems, suppressions
from gates.translate import translated
from tests.conftest import PROJECT

PYTHON = PROJECT / ".venv" / "gates" / "bin" / "python"
VPC = Finding("Function", "CT.LAMBDA.PR.3", "Require a VPC")


def suppressing(rules: dict[str, str]) -> dict[str, Any]:
    return {"Resources": {"Function": {"Metadata": {"guard": {"SuppressedRules": rules}}}, "Bucket": {}}}


def test_a_finding_is_a_problem_that_says_where_and_what() -> None:
    assert problems({VPC}, set()) == ["Function: CT.LAMBDA.PR.3 Require a VPC"]


def test_a_suppressed_finding_is_none() -> None:
    suppressed = suppressions(suppressing({"CT.LAMBDA.PR.3": "It calls nothing private."}))

    assert problems({VPC}, suppressed) == []


def test_a_suppression_is_of_its_resource_only() -> None:
    suppressed = suppressions(suppressing({"CT.LAMBDA.PR.3": "It calls nothing private."}))
    other = Finding("Other", VPC.control, VPC.requirement)

    assert problems({VPC, other}, suppressed) == [str(other)]


def test_a_suppression_that_nothing_needs_is_a_problem() -> None:
    suppressed = suppressions(suppressing({"CT.LAMBDA.PR.9": "Of long ago."}))

    assert problems(set(), suppressed) == ["Function: CT.LAMBDA.PR.9 is suppressed, and met"]


@pytest.mark.skipif(not PYTHON.exists(), reason="make lint installs cfn-guard")
def test_cfn_guard_finds_a_public_bucket(tmp_path: Path) -> None:
    template = translated()
    access = template["Resources"]["InputBucket"]["Properties"]["PublicAccessBlockConfiguration"]
    access["BlockPublicAcls"] = False
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template))
    done = subprocess.run(
        [PYTHON, "-m", "gates.guard", path], cwd=PROJECT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert line.startswith("InputBucket: CT.S3.PR.1 ")
