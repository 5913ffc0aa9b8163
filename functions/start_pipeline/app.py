"""start_pipeline: CSV files that have arrived in the input bucket start a run of the pipeline.

Invoked by the queue that the bucket's events go to. One batch of events makes one run; while a run is going the
events wait in the queue for the next one.
"""

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from environment import Environment
from runs import Runs
from uploads import Batch, read_batch

logger = Logger()


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a batch of SQS records; the answer names those that must come back (batchItemFailures)."""
    environment = Environment.read(os.environ)
    batch = read_batch(event["Records"])
    _dead_letter(batch, environment.dead_letter_queue_url)
    waiting = batch.message_ids if batch.uploads and not _start_run(batch, environment) else []
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in waiting]}


def _start_run(batch: Batch, environment: Environment) -> bool:
    """Whether a run was started for the batch. A failure to start is logged: the events come back for it."""
    runs = Runs(boto3.client("stepfunctions"), environment.state_machine_arn)
    try:
        name = runs.start_next(batch.run_input())
    except Exception:
        logger.exception("No run could be started; the events come back", uploads=len(batch.uploads))
        return False
    if name is None:
        logger.info("A run is going; the events wait for the next one", uploads=len(batch.uploads))
        return False
    logger.info("Run started", run=name, uploads=len(batch.uploads))
    return True


def _dead_letter(batch: Batch, queue_url: str) -> None:
    """Set messages that cannot be read aside, with the reason, so that they hold up no others."""
    for message in batch.unreadable:
        logger.error("Message set aside", message_id=message.message_id, reason=message.reason)
        boto3.client("sqs").send_message(
            QueueUrl=queue_url,
            MessageBody=message.body,
            MessageAttributes={"Reason": {"DataType": "String", "StringValue": message.reason}},
        )
