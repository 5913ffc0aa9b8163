"""The template, read as CloudFormation reads it: short intrinsics (`!Ref`) become their long forms."""

import functools
from typing import Any

from cfnlint.decode import cfn_yaml

from tests.conftest import PROJECT

Resource = dict[str, Any]


@functools.cache
def template() -> dict[str, Any]:
    """The whole template."""
    return dict(cfn_yaml.load(str(PROJECT / "template.yaml")))


def resources(kind: str) -> dict[str, Resource]:
    """The resources of one type, by logical id."""
    return {name: body for name, body in template()["Resources"].items() if body["Type"] == kind}


def properties(kind: str) -> list[dict[str, Any]]:
    """The properties of each resource of one type."""
    return [body["Properties"] for body in resources(kind).values()]
