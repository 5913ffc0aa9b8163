"""Changes of an execution's status, told to EventBridge ("Automating Step Functions event delivery with EventBridge",
Step Functions Developer Guide)."""

import datetime as dt
import json
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import eventbridge
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from localcloud.stepfunctions.execution import LocalExecution

DETAIL_TYPE = "Step Functions Execution Status Change"


def publish(execution: LocalExecution) -> None:
    """Send the event of the status that the execution now has."""
    entry = {
        "Source": "aws.states",
        "DetailType": DETAIL_TYPE,
        "Resources": [execution.exec_arn],
        "Detail": json.dumps(_detail(execution)),
    }
    with request_scope(execution.account_id, execution.region_name):
        # PutEvents itself takes no event from a source that is AWS's.
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def _detail(execution: LocalExecution) -> dict[str, Any]:
    output = None if execution.output is None else to_json_str(execution.output, separators=(",", ":"))
    return {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine.arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": _milliseconds(execution.stop_date),
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "output": output,
        "outputDetails": {"included": True} if output else None,
        "error": execution.error,
        "cause": execution.cause,
        "redriveCount": execution.redrive_count,
        "redriveDate": _milliseconds(execution.redrive_date),
        "redriveStatus": "NOT_REDRIVABLE" if (reason := execution.why_not_redrivable()) else "REDRIVABLE",
        "redriveStatusReason": reason,
    }


def _milliseconds(moment: dt.datetime | None) -> int | None:
    return round(moment.timestamp() * 1000) if moment else None
