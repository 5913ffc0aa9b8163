"""The translated template, and what cfn-lint finds only there."""

import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_all

from gates.translate import translated

CODE = {"Handler": "app.handler", "Runtime": "python3.13", "CodeUri": "functions/any"}
BUCKET = {"Type": "AWS::S3::Bucket"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A directory whose state machine is one Pass state."""
    (tmp_path / "any.asl.json").write_text(
        '{"StartAt": "Do", "States": {"Do": {"Type": "Pass", "End": true}}}'
    )
    return tmp_path


def found(project: Path, **resources: Any) -> list[str]:
    """The rules that cfn-lint sees broken in the translated template of these resources."""
    source = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    (project / "template.yaml").write_text(json.dumps(source))
    return sorted({match.rule.id for match in lint_all(json.dumps(translated(project)))})


def function(**more: Any) -> dict[str, Any]:
    return {"Type": "AWS::Serverless::Function", "Properties": {**CODE, **more}}


def machine() -> dict[str, Any]:
    properties = {"DefinitionUri": "any.asl.json", "Role": "arn:aws:iam::111122223333:role/any"}
    return {"Type": "AWS::Serverless::StateMachine", "Properties": properties}


def test_nothing_of_sam_is_left_and_the_state_machines_are_written_in() -> None:
    template = translated()
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    machines = [r for r in template["Resources"].values() if r["Type"] == "AWS::StepFunctions::StateMachine"]

    assert "Transform" not in template
    assert not [kind for kind in kinds if kind.startswith("AWS::Serverless")]
    assert len(machines) == 4
    assert all(body["Properties"]["Definition"]["States"] for body in machines)


def test_what_is_whole_is_clean(project: Path) -> None:
    assert found(project, Function=function(), Machine=machine(), Bucket=BUCKET) == []


def test_a_bucket_and_its_function_that_wait_for_each_other_are_found(project: Path) -> None:
    event = {"Type": "S3", "Properties": {"Bucket": {"Ref": "Bucket"}, "Events": "s3:ObjectCreated:*"}}
    environment = {"Variables": {"BUCKET": {"Ref": "Bucket"}}}

    assert "E3004" in found(
        project, Bucket=BUCKET, Function=function(Events={"Upload": event}, Environment=environment)
    )


def test_a_state_of_a_type_that_does_not_exist_is_found(project: Path) -> None:
    definition = (project / "any.asl.json").read_text()
    (project / "any.asl.json").write_text(definition.replace("Pass", "Paas"))

    assert found(project, Machine=machine()) == ["E3601"]
