"""Choice's variables, where moto takes one that is not there for one that does not compare."""

from moto.stepfunctions.parser.api import ExecutionFailedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.choice.choice_rule import ChoiceRule
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_operator_type import (
    ComparisonOperatorType,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_variable import (
    ComparisonVariable,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.variable import NoSuchVariable, Variable
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails


def requiring_its_variable(rule: ChoiceRule) -> ChoiceRule:
    """The rule, which ends the execution where its Variable leads nowhere, unless that is what it asks (IsPresent)."""
    comparison = rule.comparison
    if (
        isinstance(comparison, ComparisonVariable)
        and comparison.comparison_function.operator_type != ComparisonOperatorType.IsPresent
    ):
        comparison.variable = _RequiredVariable(comparison.variable.string_sampler)
    return rule


class _RequiredVariable(Variable):  # type: ignore[misc]
    def _eval_body(self, env: Environment) -> None:
        super()._eval_body(env)
        if isinstance(env.stack[-1], NoSuchVariable):
            raise FailureEventException(_leads_nowhere(env, self.string_sampler.literal_value))


def _leads_nowhere(env: Environment, path: str) -> FailureEvent:
    cause = f"Invalid path '{path}': The choice state's condition path references an invalid value."
    details = ExecutionFailedEventDetails(error=StatesErrorNameType.StatesRuntime.to_name(), cause=cause)
    return FailureEvent(
        env=env,
        error_name=StatesErrorName(typ=StatesErrorNameType.StatesRuntime),
        event_type=HistoryEventType.ExecutionFailed,
        event_details=EventDetails(executionFailedEventDetails=details),
    )
