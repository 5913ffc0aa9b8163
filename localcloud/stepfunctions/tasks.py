"""Service integrations of Task states, where moto's differ from the service's or are missing.

Error names are the service's: `Glue.CrawlerRunningException` for an AWS SDK integration, `States.TaskFailed`
for a `.sync` task whose work failed, with the work's own description as the cause ("Integrate with AWS Glue",
"Integrate with Athena", Step Functions Developer Guide).
"""

import datetime as dt
import json
import time
from collections.abc import Callable
from typing import Any, ClassVar

from botocore.exceptions import ClientError
from botocore.model import OperationModel
from moto.stepfunctions.parser.api import (
    HistoryEventExecutionDataDetails,
    HistoryEventType,
    TaskSubmittedEventDetails,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_glue import (
    StateTaskServiceGlue,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from localcloud import aws, endings, iam
from localcloud.stepfunctions.failures import task_failed
from localcloud.stepfunctions.mocks import Mockable

LOOK_SECONDS = 5.0
"""How often a `.sync` task looks at its work without being told that it has ended: each look costs a request."""
STOP_SECONDS = 0.2
"""How soon a `.sync` task notices that it is stopped."""

Resolver = Callable[[], Any]


class _Acting(StateTaskServiceCallback):  # type: ignore[misc]
    """A task that acts as the state machine's role."""

    def _eval_execution(self, env: Environment) -> None:
        with iam.acting_as(env.aws_execution_details.role_arn, "states"):
            super()._eval_execution(env)


class _Modelled(Mockable, _Acting):
    """A task that knows from the service's model how its parameters and its answer are spelled."""

    def _normalise_parameters(self, parameters: dict[str, Any], **call: Any) -> None:
        super()._normalise_parameters(parameters, **call)
        self._to_boto_request(parameters, self._operation(**call).input_shape)

    def _normalise_response(self, response: Any, **call: Any) -> None:
        super()._normalise_response(response, **call)
        self._from_boto_response(response, self._operation(**call).output_shape)

    def _eval_service_task(self, env: Environment, normalised_parameters: dict[str, Any], **_: Any) -> None:
        client = aws.client(self._get_boto_service_name())
        response = getattr(client, self._get_boto_service_action())(**normalised_parameters)
        response.pop("ResponseMetadata")
        env.stack.append(response)

    def _operation(
        self, boto_service_name: str | None = None, service_action_name: str | None = None
    ) -> OperationModel:
        meta = aws.client(self._get_boto_service_name(boto_service_name)).meta
        method = self._get_boto_service_action(service_action_name)
        model: OperationModel = meta.service_model.operation_model(meta.method_to_api_mapping[method])
        return model

    @staticmethod
    def _from_boto_response_value(response_value: Any) -> Any:
        return plain(StateTaskServiceCallback._from_boto_response_value(response_value))


def plain(value: Any) -> Any:
    """The value as JSON has it: moments as text in UTC, to the millisecond."""
    match value:
        case dt.datetime():
            moment = value.astimezone(dt.UTC).isoformat(timespec="milliseconds")
            return moment.replace("+00:00", "Z")
        case dict():
            return {key: plain(member) for key, member in value.items()}
        case list():
            return [plain(member) for member in value]
    return value


class _Sync(_Modelled):
    """A `.sync` task: waits for the work it started, and stops it when the state is stopped."""

    WORK: ClassVar[str]
    """Which member of the starting call's answer names the work."""

    def _after_eval_execution(self, env: Environment, **call: Any) -> None:
        if self.resource.condition not in (ResourceCondition.Sync, ResourceCondition.Sync2):
            super()._after_eval_execution(env=env, **call)
            return
        started = env.stack[-1]
        self._add_event(env, HistoryEventType.TaskSubmitted, self._submitted(started))
        is_sync2 = self.resource.condition == ResourceCondition.Sync2
        resolve = (self._build_sync2_resolver if is_sync2 else self._build_sync_resolver)(env=env, **call)
        env.stack.append(self._wait_for(env, resolve, started))
        if env.is_running():
            StateTaskService._after_eval_execution(self, env=env, **call)
        else:
            self._add_event(env, HistoryEventType.TaskStateAborted)

    def _submitted(self, started: dict[str, Any]) -> EventDetails:
        details = TaskSubmittedEventDetails(
            resource=self._get_sfn_resource(),
            resourceType=self._get_sfn_resource_type(),
            output=to_json_str(plain(started)),
            outputDetails=HistoryEventExecutionDataDetails(truncated=False),
        )
        return EventDetails(taskSubmittedEventDetails=details)

    @staticmethod
    def _add_event(env: Environment, kind: HistoryEventType, details: EventDetails | None = None) -> None:
        env.event_manager.add_event(context=env.event_history_context, event_type=kind, event_details=details)

    def _wait_for(self, env: Environment, resolve: Resolver, started: dict[str, Any]) -> Any:
        work = started[self.WORK]
        known = 0  # an execution that is redriven has ended before, and is looked at once too often
        while self._await_end(env, work, known):
            known = endings.count(work)
            if result := resolve():
                return plain(result)
        self._stop_work(started)
        return None

    @staticmethod
    def _await_end(env: Environment, work: str, known: int) -> bool:
        """Wait until it is time to look at the work; False when the state is stopped."""
        look = time.monotonic() + LOOK_SECONDS
        while env.is_running() and time.monotonic() < look:
            if endings.wait_for_more(work, known, STOP_SECONDS):
                break
        return bool(env.is_running())

    def _stop_work(self, started: dict[str, Any]) -> None:
        """Stop what `started` (the answer of the starting call) names, as a stopped or timed-out state does."""
        raise NotImplementedError


class Glue(_Sync, StateTaskServiceGlue):  # type: ignore[misc]
    """`glue:startJobRun` and `glue:startJobRun.sync`."""

    WORK = "JobRunId"

    @staticmethod
    def _get_glue_client(**_: Any) -> Any:
        return aws.client("glue")

    def _eval_service_task(self, env: Environment, normalised_parameters: dict[str, Any], **_: Any) -> None:
        super()._eval_service_task(env, normalised_parameters)
        # Step Functions adds the name to the answer, which has the run's id only.
        env.stack[-1]["JobName"] = normalised_parameters["JobName"]

    def _stop_work(self, started: dict[str, Any]) -> None:
        aws.client("glue").batch_stop_job_run(JobName=started["JobName"], JobRunIds=[started["JobRunId"]])


class StepFunctions(_Sync, StateTaskServiceSfn):  # type: ignore[misc]
    """`states:startExecution`, `.sync` and, with the child's input and output as JSON, `.sync:2`."""

    WORK = "ExecutionArn"

    def _build_sync_resolver(self, env: Environment, **_: Any) -> Resolver:
        execution_arn = env.stack.pop()["ExecutionArn"]

        def execution() -> Any:
            described = aws.client("stepfunctions").describe_execution(executionArn=execution_arn)
            if described["status"] == "RUNNING":
                return None
            described.pop("ResponseMetadata")
            self._normalise_response(described, service_action_name="describe_execution")
            if described["Status"] != "SUCCEEDED":
                raise task_failed(self, env, "States.TaskFailed", to_json_str(described))
            return described

        return execution

    def _build_sync2_resolver(self, env: Environment, **call: Any) -> Resolver:
        resolve = self._build_sync_resolver(env, **call)

        def execution() -> Any:
            described = resolve()
            return described and {
                **described,
                "Input": json.loads(described["Input"]),
                "Output": json.loads(described["Output"]),
            }

        return execution

    def _from_error(self, env: Environment, ex: Exception) -> FailureEvent:
        if type(ex) is ClientError:  # a code that is not in the service's model, as when it throttles
            error = "StepFunctions.AWSStepFunctionsException"
            return task_failed(self, env, error, ex.response["Error"]["Message"]).failure_event
        return super()._from_error(env=env, ex=ex)

    def _stop_work(self, started: dict[str, Any]) -> None:
        aws.client("stepfunctions").stop_execution(
            executionArn=started["ExecutionArn"], cause="The execution that started this one was stopped."
        )


class Athena(_Sync):
    """`athena:startQueryExecution` (also `.sync`), `getQueryExecution`, `getQueryResults`, `stopQueryExecution`."""

    WORK = "QueryExecutionId"
    _PARAMETERS: ClassVar[dict[str, set[str]]] = {
        "startqueryexecution": {
            "ClientRequestToken",
            "ExecutionParameters",
            "QueryExecutionContext",
            "QueryString",
            "ResultConfiguration",
            "WorkGroup",
        },
        "stopqueryexecution": {"QueryExecutionId"},
        "getqueryexecution": {"QueryExecutionId"},
        "getqueryresults": {"MaxResults", "NextToken", "QueryExecutionId"},
    }

    def __init__(self) -> None:
        super().__init__(supported_integration_patterns={ResourceCondition.Sync})

    def _get_supported_parameters(self) -> set[str] | None:
        return self._PARAMETERS.get(self.resource.api_action.lower())

    def _eval_body(self, env: Environment) -> None:
        if self._is_integration_pattern():
            self._assert_integration_pattern_is_supported()
        super()._eval_body(env=env)

    def _build_sync_resolver(self, env: Environment, **_: Any) -> Resolver:
        query_execution_id = env.stack.pop()["QueryExecutionId"]

        def query_execution() -> Any:
            described = aws.client("athena").get_query_execution(QueryExecutionId=query_execution_id)
            execution = {"QueryExecution": described["QueryExecution"]}
            match execution["QueryExecution"]["Status"]["State"]:
                case "SUCCEEDED":
                    return execution
                case "FAILED" | "CANCELLED":
                    raise task_failed(self, env, "States.TaskFailed", to_json_str(execution))
            return None

        return query_execution

    def _stop_work(self, started: dict[str, Any]) -> None:
        aws.client("athena").stop_query_execution(QueryExecutionId=started["QueryExecutionId"])

    def _from_error(self, env: Environment, ex: Exception) -> FailureEvent:
        if isinstance(ex, ClientError):
            error = ex.response["Error"]
            return task_failed(self, env, f"Athena.{error['Code']}", error["Message"]).failure_event
        return super()._from_error(env=env, ex=ex)


class AwsSdk(_Modelled, StateTaskServiceAwsSdk):  # type: ignore[misc]
    """Any API action of any service, by its SDK name."""

    def _normalise_service_error_name(self, service_name: str) -> str:
        """The SDK's name of the service, as error names begin with it: `Glue`, `QuickSight`, `S3`."""
        service_id: str = aws.client(self._get_boto_service_name()).meta.service_model.service_id
        return {"SFN": "Sfn", "DynamoDB": "DynamoDb"}.get(service_id, service_id.replace(" ", ""))


TASKS: dict[str, type[StateTaskServiceCallback]] = {
    "athena": Athena,
    "aws-sdk": AwsSdk,
    "glue": Glue,
    "states": StepFunctions,
}
"""The integrations of ours, by the service part of a Task's Resource."""
