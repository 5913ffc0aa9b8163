"""Step Functions' API: moto's responses over our backend, without a web server of its own."""

import asyncio
from functools import cache
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from ministack.core.responses import get_account_id, get_region
from moto.core.request import normalize_request
from moto.core.responses import ActionResult
from moto.stepfunctions.responses import StepFunctionResponse

from localcloud import iam
from localcloud.service import Response, json_response
from localcloud.stepfunctions.backend import LocalBackend
from localcloud.stepfunctions.errors import AccessDeniedError
from localcloud.stepfunctions.execution import LocalExecution
from localcloud.stepfunctions.status_events import publish


@cache
def backend(account_id: str, region: str) -> LocalBackend:
    """The state machines and executions of an account in a region."""
    return LocalBackend(region, account_id, publish)


class LocalResponse(StepFunctionResponse):  # type: ignore[misc]
    """Requests answered as moto does, and completed where it leaves parameters out."""

    @property
    def stepfunction_backend(self) -> LocalBackend:
        return backend(get_account_id(), get_region())

    def start_execution(self) -> ActionResult:
        """AccessDeniedException where the state machine's role does not trust Step Functions.

        A test case needs none to start: a state that it leaves out assumes the role when it calls.
        """
        arn, _, case = self._get_param("stateMachineArn").partition("#")
        if not case:
            _require_trust(self.stepfunction_backend.describe_state_machine(arn).roleArn)
        return super().start_execution()

    def describe_execution(self) -> ActionResult:
        described = super().describe_execution().result
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        reason = execution.why_not_redrivable()
        described["redriveStatus"] = "NOT_REDRIVABLE" if reason else "REDRIVABLE"
        if reason:
            described["redriveStatusReason"] = reason
        return ActionResult(described | _redrives(execution))

    def list_executions(self) -> ActionResult:
        """The executions, newest first; `redriveFilter` is REDRIVEN or NOT_REDRIVEN."""
        listed = super().list_executions().result
        machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
        executions = {execution.execution_arn: execution for execution in machine.executions}
        for entry in listed["executions"]:
            entry |= _redrives(executions[entry["executionArn"]])
        if wanted := self._get_param("redriveFilter"):
            listed["executions"] = [
                entry
                for entry in listed["executions"]
                if bool(entry["redriveCount"]) == (wanted == "REDRIVEN")
            ]
        return ActionResult(listed)

    def redrive_execution(self) -> ActionResult:
        execution = self.stepfunction_backend.redrive_execution(self._get_param("executionArn"))
        return ActionResult({"redriveDate": execution.redrive_date})

    def stop_execution(self) -> ActionResult:
        execution = self.stepfunction_backend.stop_execution(
            self._get_param("executionArn"), self._get_param("error"), self._get_param("cause")
        )
        return ActionResult({"stopDate": execution.stop_date})

    def get_execution_history(self) -> Response:
        """The history in pages of at most `maxResults` events (1,000 at the most), as `nextToken` says.

        Events are kept as the API has them; moto would look up each of their members in the service's model, which
        made following a run a fifth of the account's work.
        """
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        history = execution.exec_worker.env.event_manager
        start = int(self._get_param("nextToken") or 0)
        end = start + min(self._get_int_param("maxResults") or 1000, 1000)
        page: dict[str, Any] = {"events": history.page(start, end, self._get_bool_param("reverseOrder"))}
        if end < len(history):
            page["nextToken"] = str(end)
        return json_response(200, page)


def _require_trust(role: str) -> None:
    try:
        iam.require_trust(role, "states")
    except iam.AccessDeniedError as error:
        raise AccessDeniedError(str(error)) from None


def _redrives(execution: LocalExecution) -> dict[str, Any]:
    told = {"redriveDate": execution.redrive_date, "stopDate": execution.stop_date}
    return {"redriveCount": execution.redrive_count, **{key: date for key, date in told.items() if date}}


async def handle(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
) -> Response:
    """MiniStack's handler for the service `states`."""
    return await asyncio.to_thread(_dispatch, method, headers, body)


def _dispatch(method: str, headers: dict[str, str], body: bytes) -> Response:
    url = f"https://states.{get_region()}.amazonaws.com/"
    request = normalize_request(AWSPreparedRequest(method, url, HTTPHeaders.from_dict(headers), body, False))
    status, response_headers, text = LocalResponse.dispatch(request, url, request.headers)
    return status, dict(response_headers), text.encode() if isinstance(text, str) else text
