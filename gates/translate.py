"""Prints template.yaml as CloudFormation gets it: the SAM transform applied, the state machines written in.

The source does not show all faults: cfn-lint finds a state of a wrong type (E3601) only where the state machine stands
in the template, and rules for AWS::Lambda::Function know no AWS::Serverless::Function. Needs neither credentials nor
network.

    python -m gates.translate > .aws-sam/translated.json
"""

import json
from pathlib import Path
from typing import Any

import boto3
from cfnlint.decode import cfn_yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

PROJECT = Path(__file__).parent.parent
LOCAL_PATH = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::StateMachine": "DefinitionUri"}
"""The property that sam package replaces by the object it has uploaded."""

Template = dict[str, Any]


def translated(project: Path = PROJECT) -> Template:
    """The translated template of the project. Raises samtranslator's InvalidDocumentException."""
    source: Template = json.loads(json.dumps(cfn_yaml.load(str(project / "template.yaml"))))
    definitions = _definitions(source, project)
    _name_packages(source)
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name="us-east-1"))
    template: Template = translator.translate(source, {})
    for name, definition in definitions.items():
        properties = template["Resources"][name]["Properties"]
        del properties["DefinitionS3Location"]
        properties["Definition"] = definition
    return template


def _definitions(source: Template, project: Path) -> dict[str, Any]:
    """The definitions of the state machines. SAM would make one text of each, which cfn-lint does not read."""
    return {
        name: json.loads((project / resource["Properties"]["DefinitionUri"]).read_text())
        for name, resource in source["Resources"].items()
        if resource["Type"] == "AWS::Serverless::StateMachine"
    }


def _name_packages(source: Template) -> None:
    for resource in source["Resources"].values():
        if path := LOCAL_PATH.get(resource["Type"]):
            resource["Properties"][path] = f"s3://packages/{resource['Properties'][path]}"


if __name__ == "__main__":
    print(json.dumps(translated(), indent=2))
