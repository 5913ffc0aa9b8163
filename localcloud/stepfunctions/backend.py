"""State machines and executions: moto's backend, running our interpreter."""

import datetime as dt
import re
import threading
import uuid
from typing import Any

from moto.stepfunctions.models import StateMachine, StateMachineInstance, StepFunctionBackend
from moto.stepfunctions.parser.api import GetExecutionHistoryOutput, InvalidDefinition
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.eval.evaluation_details import ExecutionDetails
from moto.stepfunctions.parser.asl.parse.asl_parser import ASLParserException
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from localcloud.stepfunctions.interpreter import program_of
from localcloud.stepfunctions.tasks import plain

ENDS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")
"""The types of the event that ends a history."""


class LocalWorker(ExecutionWorker):  # type: ignore[misc]
    """Runs one execution in a thread, with our interpreter."""

    def _get_evaluation_entrypoint(self) -> EvalComponent:
        return program_of(self._evaluation_details.state_machine_details.definition)


class LocalExecution(Execution):  # type: ignore[misc]
    """One execution of a state machine, as the state machine was when the execution started."""

    def to_history_output(self) -> GetExecutionHistoryOutput:
        """The history, which ends with the end of the execution: branches that are still stopping add nothing."""
        events = super().to_history_output()["events"]
        end = next((place for place, event in enumerate(events) if event["type"] in ENDS), len(events))
        return GetExecutionHistoryOutput(events=events[: end + 1])

    def get_start_execution_details(self) -> ExecutionDetails:
        details = super().get_start_execution_details()
        # The context object is JSON, which has no moments.
        details.start_time = plain(self.start_date)
        return details

    def _get_start_execution_worker(self) -> ExecutionWorker:
        worker = super()._get_start_execution_worker()
        return LocalWorker(
            evaluation_details=worker._evaluation_details,
            exec_comm=worker._execution_communication,
            cloud_watch_logging_session=worker._cloud_watch_logging_session,
            activity_store=worker._activity_store,
        )


class LocalBackend(StepFunctionsParserBackend):  # type: ignore[misc]
    """The state machines of one account and region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._starting = threading.Lock()

    def create_state_machine(self, name: str, definition: str, **properties: Any) -> StateMachine:
        """Create a state machine, or raise InvalidDefinition."""
        validate(definition)
        return StepFunctionBackend.create_state_machine(self, name=name, definition=definition, **properties)

    def update_state_machine(
        self, arn: str, definition: str | None = None, **properties: Any
    ) -> StateMachine:
        """Change a state machine for the executions to come, or raise InvalidDefinition."""
        if definition is not None:
            validate(definition)
        return StepFunctionBackend.update_state_machine(self, arn, definition, **properties)

    def start_execution(
        self,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: str | None = None,
    ) -> Execution:
        """Start an execution; the same name and input while it runs is the same execution.

        Raises moto's ExecutionAlreadyExists, StateMachineDoesNotExist and InvalidExecutionInput.
        """
        machine = self.describe_state_machine(state_machine_arn)
        name, execution_input = name or str(uuid.uuid4()), execution_input or "{}"
        machine._validate_execution_input(execution_input)
        with self._starting:
            if running := machine._handle_name_input_idempotency(name, execution_input):
                return running
            execution = self._execution(machine, name, execution_input, trace_header)
            machine.executions.append(execution)
            execution.start()
        return execution

    def _execution(self, machine: StateMachine, name: str, text: str, trace_header: str | None) -> Execution:
        return LocalExecution(
            name=name,
            sm_type=machine.type,
            role_arn=machine.roleArn,
            exec_arn=f"{machine.arn.replace(':stateMachine:', ':execution:')}:{name}",
            account_id=self.account_id,
            region_name=self.region_name,
            state_machine=_as_it_is_now(machine),
            start_date=dt.datetime.now(tz=dt.UTC),
            cloud_watch_logging_session=None,
            activity_store={},
            input_data=text,
            trace_header=trace_header,
        )

    def stop_execution(
        self, execution_arn: str, error: str | None = None, cause: str | None = None
    ) -> Execution:
        """Abort an execution; the work that its tasks wait for is stopped with it."""
        execution = self.describe_execution(execution_arn)
        execution.error, execution.cause = error, cause
        execution.stop(stop_date=dt.datetime.now(tz=dt.UTC), error=error, cause=cause)
        return execution


def validate(definition: str) -> None:
    """Raise InvalidDefinition, saying where, unless `definition` is a state machine with no placeholder left."""
    if left := re.search(r"\$\{\w+\}", definition):
        raise InvalidDefinition(
            message=f"{left[0]} in the definition has no value in its DefinitionSubstitutions"
        )
    try:
        program_of(definition)
    except ASLParserException as error:
        raise InvalidDefinition(message=str(error)) from error
    except Exception as error:
        raise InvalidDefinition(message=f"{type(error).__name__}: {error}") from error


def _as_it_is_now(machine: StateMachine) -> StateMachineInstance:
    return StateMachineInstance(
        arn=machine.arn,
        name=machine.name,
        definition=machine.definition,
        roleArn=machine.roleArn,
        encryptionConfiguration=machine.encryptionConfiguration,
        loggingConfiguration=machine.loggingConfiguration,
        tracingConfiguration=machine.tracingConfiguration,
        sm_type=machine.type,
    )
