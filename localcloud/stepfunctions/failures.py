"""How tasks fail, and how a failure is named."""

from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import (
    ILLEGAL_CUSTOM_ERROR_PREFIX,
    CustomErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import iteration_worker
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branches_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails


def register() -> None:
    """Make Parallel and Map states hand on the reserved error names of what failed in them, where moto's stumble."""
    for fork in (branches_decl, iteration_worker):
        fork.CustomErrorName = named


def named(error_name: str | None) -> ErrorName:
    """The error of that name, one of the language's own (`States.TaskFailed`) or any other."""
    is_reserved = error_name is not None and error_name.startswith(ILLEGAL_CUSTOM_ERROR_PREFIX)
    return StatesErrorName.from_name(error_name) if is_reserved else CustomErrorName(error_name)


def task_failed(task: StateTaskService, env: Environment, error: str, cause: str) -> FailureEventException:
    """The failure of `task` with that error name, `States.TaskFailed` for instance."""
    details = TaskFailedEventDetails(
        resource=task._get_sfn_resource(),
        resourceType=task._get_sfn_resource_type(),
        error=error,
        cause=cause,
    )
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=named(error),
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=details),
        )
    )
