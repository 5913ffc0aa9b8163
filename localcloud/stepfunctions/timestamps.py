"""Choice's comparisons of timestamps: RFC 3339 with fractions of a second and offsets, which moto's do not take."""

import datetime as dt
import operator
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_operator_type import (
    ComparisonOperatorType,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.operator import Operator
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.utils.json_path import extract_json

Comparison = Callable[[dt.datetime, dt.datetime], bool]
_COMPARISONS: dict[str, Comparison] = {
    "TimestampEquals": operator.eq,
    "TimestampLessThan": operator.lt,
    "TimestampLessThanEquals": operator.le,
    "TimestampGreaterThan": operator.gt,
    "TimestampGreaterThanEquals": operator.ge,
}


def register() -> None:
    """Make the interpreter use these."""
    for name, compare in _COMPARISONS.items():
        for suffix in ("", "Path"):
            kind = str(ComparisonOperatorType[name + suffix])
            Operator.instances()[kind] = _operator(kind, compare)


def _operator(name: str, compare: Comparison) -> Operator:
    def evaluate(env: Environment, value: Any) -> None:
        variable = _timestamp(env.stack.pop())
        other = _timestamp(extract_json(value, env.stack[-1]) if name.endswith("Path") else value)
        env.stack.append(variable is not None and other is not None and compare(variable, other))

    members = {"impl_name": staticmethod(lambda: name), "eval": staticmethod(evaluate)}
    return type(name, (Operator,), members)()


def _timestamp(value: Any) -> dt.datetime | None:
    """The moment that a text with an offset, `Z` for instance, says; None for anything else."""
    try:
        moment = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
