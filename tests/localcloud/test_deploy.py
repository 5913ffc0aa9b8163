"""What is built, and when: `sam build` and what is made of it."""

import json
from pathlib import Path

import pytest

from localcloud import deploy

TEMPLATE = """
Description: !Sub "${Name}"
Parameters: {Month: {Type: String, Default: 2011-09}, Day: {Type: String, Default: 2011-09-01}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a template of its own and a `sam` that copies it."""
    built = tmp_path / "build" / "template.yaml"

    def sam(command: str) -> None:
        assert command == "build"
        built.parent.mkdir(exist_ok=True)
        for former in built.parent.iterdir():
            former.unlink()
        built.write_text((tmp_path / "template.yaml").read_text())

    (tmp_path / "template.yaml").write_text(TEMPLATE)
    monkeypatch.setattr(deploy, "PROJECT", tmp_path)
    monkeypatch.setattr(deploy, "BUILT", built)
    monkeypatch.setattr(deploy, "TEMPLATE", built.with_suffix(".json"))
    monkeypatch.setattr(deploy, "_sam", sam)
    return tmp_path


def test_the_template_is_deployed_as_sam_reads_it(project: Path) -> None:
    deploy._build()

    template = json.loads((project / "build" / "template.json").read_text())
    assert template["Description"] == {"Fn::Sub": "${Name}"}
    assert [parameter["Default"] for parameter in template["Parameters"].values()] == [
        "2011-09",
        "2011-09-01",
    ]


def test_what_sam_has_built_by_itself_is_built_again(project: Path) -> None:
    assert deploy._is_build_stale()
    deploy._build()
    assert not deploy._is_build_stale()

    deploy._sam("build")
    assert deploy._is_build_stale()
