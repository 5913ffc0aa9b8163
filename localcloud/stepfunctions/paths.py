"""JSONPaths, which moto's interpreter parses each time that it follows one: that is half of its work."""

import functools

from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.utils import json_path


def register() -> None:
    """Make the interpreter parse each path once. What is parsed depends on the path alone and is never changed."""
    for module in (json_path, result_path):
        module.parse = functools.lru_cache(maxsize=1000)(module.parse)
