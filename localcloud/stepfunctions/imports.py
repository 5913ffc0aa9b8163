"""What importing moto's interpreter need not take along."""

import sys
from importlib.util import find_spec
from types import ModuleType


def import_without_batch() -> None:
    """Import the interpreter's tasks, but of moto's Batch only the states of a job that they name.

    With its backend comes all of EC2's, which takes a second. The package itself can be imported as ever later.
    """
    name = "moto.batch"
    if name in sys.modules:
        return
    spec = find_spec(name)
    assert spec is not None
    package = ModuleType(name)
    package.__path__ = spec.submodule_search_locations or []
    sys.modules[name] = package
    try:
        from moto.stepfunctions.parser.asl.component.state.exec.state_task import (
            state_task_factory,  # noqa: F401
        )
    finally:
        del sys.modules[name]
