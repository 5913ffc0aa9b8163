"""One execution of a state machine: its attempts, the first and those of redrives."""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.eval.evaluation_details import EvaluationDetails, ExecutionDetails
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from localcloud import endings
from localcloud.stepfunctions.errors import ExecutionNotRedrivableError
from localcloud.stepfunctions.interpreter import program_of
from localcloud.stepfunctions.mocks import MockCase
from localcloud.stepfunctions.progress import History, Progress, ProgressEnvironment
from localcloud.stepfunctions.tasks import plain

REDRIVABLE_PERIOD = dt.timedelta(days=14)
"""How long after its end an execution can be redriven."""
MOST_EVENTS = 24_999
"""An execution whose history has as many cannot be redriven."""


class LocalWorker(ExecutionWorker):  # type: ignore[misc]
    """Runs one attempt of an execution in a thread, with our interpreter; a redrive's goes on with `former`'s work."""

    progress: Progress
    env: ProgressEnvironment

    def __init__(self, execution: "LocalExecution", former: "LocalWorker | None") -> None:
        super().__init__(
            evaluation_details=EvaluationDetails(
                aws_execution_details=execution._get_start_aws_execution_details(),
                execution_details=execution.get_start_execution_details(),
                state_machine_details=execution.get_start_state_machine_details(),
            ),
            exec_comm=execution._get_start_execution_worker_comm(),
            cloud_watch_logging_session=None,
            activity_store=execution._activity_store,
        )
        self._execution = execution
        self.progress = former.progress.resume() if former else Progress()
        self.env = self._environment(History(former.env.event_manager if former else None))

    def _environment(self, history: History) -> ProgressEnvironment:
        made = self._get_evaluation_environment()
        context = made.states.context_object.context_object_data
        context["Execution"] |= self._execution.redrives()
        env = ProgressEnvironment(
            aws_execution_details=made.aws_execution_details,
            execution_type=made.execution_type,
            context=context,
            event_history_context=EventHistoryContext(len(history)),
            cloud_watch_logging_session=None,
            activity_store=made.activity_store,
            mock_test_case=self._execution.mock_case,
        )
        env.event_manager, env.progress, env.began = history, self.progress, time.monotonic()
        return env

    def _execution_logic(self) -> None:
        self.env.event_manager.add_event(
            self.env.event_history_context, *self._first_event(), update_source_event_id=False
        )
        program_of(self._evaluation_details.state_machine_details.definition).eval(self.env)
        self._execution_communication.terminated()

    def _first_event(self) -> tuple[HistoryEventType, EventDetails]:
        if self._execution.redrive_count:
            redriven = {"redriveCount": self._execution.redrive_count}
            return HistoryEventType.ExecutionRedriven, EventDetails(executionRedrivenEventDetails=redriven)
        started = {
            "input": to_json_str(self._execution.input_data),
            "inputDetails": {"truncated": False},
            "roleArn": self._execution.role_arn,
        }
        return HistoryEventType.ExecutionStarted, EventDetails(executionStartedEventDetails=started)


class LocalExecution(Execution):  # type: ignore[misc]
    """One execution of a state machine, as the state machine was when the execution started."""

    redrive_count = 0
    redrive_date: dt.datetime | None = None
    stop_date: dt.datetime | None
    error: str | None
    cause: str | None
    exec_worker: LocalWorker
    publish: "Publish"
    mock_case: MockCase | None = None
    """Where its Task states' answers come from, if not from the services."""

    def get_start_execution_details(self) -> ExecutionDetails:
        details = super().get_start_execution_details()
        # The context object is JSON, which has no moments.
        details.start_time = plain(self.start_date)
        return details

    def redrives(self) -> dict[str, Any]:
        """What the context object's `Execution` says of redrives."""
        moment = {"RedriveTime": plain(self.redrive_date)} if self.redrive_date else {}
        return {"RedriveCount": self.redrive_count, **moment}

    def redrive(self) -> None:
        """Go on from the steps that failed or were stopped; raises ExecutionNotRedrivableError, saying why."""
        if reason := self.why_not_redrivable():
            raise ExecutionNotRedrivableError(reason)
        if self.error == "States.DataLimitExceeded":
            # Nor does the service keep what the branches or items gave when together it was too much.
            self.exec_worker.progress.parts = []
        self.redrive_count += 1
        self.redrive_date = dt.datetime.now(tz=dt.UTC)
        self.stop_date = self.error = self.cause = None
        self._run(former=self.exec_worker)

    def why_not_redrivable(self) -> str | None:
        """Why RedriveExecution refuses this execution, in the service's words; None where it does not."""
        if self.status in ("RUNNING", "SUCCEEDED"):
            return f"Execution is {self.status} and cannot be redriven"
        if len(self.exec_worker.env.event_manager) >= MOST_EVENTS:
            return "Execution history event limit exceeded"
        if self.stop_date and dt.datetime.now(tz=dt.UTC) - self.stop_date > REDRIVABLE_PERIOD:
            return "Execution redrivable period exceeded"
        return None

    def start(self) -> None:
        self._run(former=None)

    def _run(self, former: LocalWorker | None) -> None:
        self.exec_worker = LocalWorker(self, former)
        self.exec_status = ExecutionStatus.RUNNING
        self.publish(self)
        self.exec_worker.start()

    def _get_start_execution_worker_comm(self) -> "_End":
        return _End(self)


class _End(BaseExecutionWorkerCommunication):  # type: ignore[misc]
    def terminated(self) -> None:
        super().terminated()
        endings.announce(self.execution.exec_arn)
        self.execution.publish(self.execution)


Publish = Callable[[LocalExecution], None]
"""Told of an execution whose status has changed."""
