"""State machines and their executions: moto's backend, running our interpreter."""

import datetime as dt
import re
import threading
import uuid
from typing import Any

from moto.stepfunctions.models import StateMachine, StateMachineInstance, StepFunctionBackend
from moto.stepfunctions.parser.asl.parse.asl_parser import ASLParserException
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from localcloud.stepfunctions import mocks
from localcloud.stepfunctions.errors import InvalidDefinitionError
from localcloud.stepfunctions.execution import LocalExecution, Publish
from localcloud.stepfunctions.interpreter import program_of

NOT_RESUMABLE = {
    "a Distributed Map": re.compile(r'"Mode"\s*:\s*"DISTRIBUTED"'),
    "variables (Assign)": re.compile(r'"Assign"\s*:'),
}
"""What a redrive cannot go on with here, and how a definition that has it is told."""


class LocalBackend(StepFunctionsParserBackend):  # type: ignore[misc]
    """The state machines of one account and region."""

    def __init__(self, region_name: str, account_id: str, publish: Publish = lambda execution: None) -> None:
        super().__init__(region_name, account_id)
        self._starting = threading.Lock()
        self._publish = publish

    def create_state_machine(self, name: str, definition: str, **properties: Any) -> StateMachine:
        """Create a state machine, or raise InvalidDefinitionError."""
        validate(definition)
        return StepFunctionBackend.create_state_machine(self, name=name, definition=definition, **properties)

    def update_state_machine(
        self, arn: str, definition: str | None = None, **properties: Any
    ) -> StateMachine:
        """Change a state machine for the executions to come, or raise InvalidDefinitionError."""
        if definition is not None:
            validate(definition)
        return StepFunctionBackend.update_state_machine(self, arn, definition, **properties)

    def start_execution(
        self,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: str | None = None,
    ) -> LocalExecution:
        """Start an execution; the same name and input while it runs is the same execution.

        With `#<test case>` after the ARN its tasks' answers are mocked, as in Step Functions Local.
        Raises moto's ExecutionAlreadyExists, StateMachineDoesNotExist and InvalidExecutionInput, and MockConfigError.
        """
        state_machine_arn, _, case = state_machine_arn.partition("#")
        machine = self.describe_state_machine(state_machine_arn)
        mock_case = mocks.case_of(machine.name, case) if case else None
        name, execution_input = name or str(uuid.uuid4()), execution_input or "{}"
        machine._validate_execution_input(execution_input)
        with self._starting:
            running: LocalExecution | None = machine._handle_name_input_idempotency(name, execution_input)
            if running:
                return running
            execution = self._execution(machine, name, execution_input, trace_header)
            execution.mock_case = mock_case
            execution.start()
            machine.executions.append(execution)
        return execution

    def _execution(
        self, machine: StateMachine, name: str, text: str, trace_header: str | None
    ) -> LocalExecution:
        execution = LocalExecution(
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
        execution.publish = self._publish
        return execution

    def redrive_execution(self, execution_arn: str) -> LocalExecution:
        """Restart an execution that did not succeed, from the steps that failed or were stopped.

        Raises moto's ExecutionDoesNotExist, ExecutionNotRedrivableError, and NotImplementedError for what cannot be
        resumed here.
        """
        execution: LocalExecution = self.describe_execution(execution_arn)
        require_resumable(execution.state_machine.definition)
        with self._starting:
            execution.redrive()
        return execution

    def stop_execution(
        self, execution_arn: str, error: str | None = None, cause: str | None = None
    ) -> LocalExecution:
        """Abort an execution; the work that its tasks wait for is stopped with it."""
        execution: LocalExecution = self.describe_execution(execution_arn)
        execution.error, execution.cause = error, cause
        execution.stop(stop_date=dt.datetime.now(tz=dt.UTC), error=error, cause=cause)
        return execution


def validate(definition: str) -> None:
    """Raise InvalidDefinitionError, saying where, unless `definition` is a state machine with no placeholder left."""
    if left := re.search(r"\$\{\w+\}", definition):
        raise InvalidDefinitionError(
            message=f"{left[0]} in the definition has no value in its DefinitionSubstitutions"
        )
    try:
        program_of(definition)
    except ASLParserException as error:
        raise InvalidDefinitionError(message=str(error)) from error
    except Exception as error:
        raise InvalidDefinitionError(message=f"{type(error).__name__}: {error}") from error


def require_resumable(definition: str) -> None:
    """Raise NotImplementedError, naming it, where the definition has a feature whose progress is not kept."""
    for feature, sign in NOT_RESUMABLE.items():
        if sign.search(definition):
            raise NotImplementedError(f"localcloud cannot redrive a state machine with {feature}")


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
