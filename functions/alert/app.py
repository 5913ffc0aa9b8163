"""alert: tells people of a run that failed, timed out or was aborted, where, why and how to go on.

Invoked by EventBridge with the execution's status change, which does not name the state that failed: that is read
from the history.
"""

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from environment import Environment
from failure import Failure, failure_of
from message import Message

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Publish one message about the execution of a "Step Functions Execution Status Change"."""
    environment = Environment.read(os.environ)
    detail = event["detail"]
    failure = _failure(detail)
    message = Message(detail["executionArn"], detail["status"], failure.where, failure.reason)
    boto3.client("sns").publish(TopicArn=environment.topic_arn, Subject=message.subject, Message=message.body)
    logger.info("Alert published", run=detail["name"], status=detail["status"], state=failure.where)


def _failure(detail: dict[str, Any]) -> Failure:
    """What the history tells, and what the event tells where the history cannot be read: no alert is lost for it."""
    try:
        return failure_of(boto3.client("stepfunctions"), detail["executionArn"])
    except Exception:
        logger.exception("The history could not be read; the alert says what the event does")
        return Failure((), detail.get("error") or detail["status"], detail.get("cause") or "")
