"""start_pipeline: CSV files that have arrived in the input bucket start a run of the pipeline.

Invoked by the queue that the bucket's events go to. A run reads all that is in the bucket, so a message is done with
once a run has started after it was sent; until then it comes back. While a run is going, none is started.

Nothing depends on an answer that arrives: if the function ends without one, its messages come back and are found to
be done with, and what it set aside may be set aside twice.
"""

import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from dead_letters import DeadLetterQueue
from environment import Environment
from runs import Runs
from uploads import Message, read_messages, run_input

logger = Logger()


@cache
def _client(service: str) -> Any:
    """A client, made once in a process: that takes longer than all the rest."""
    create: Any = boto3.client  # its overloads want the name of a service, not a string
    return create(service)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a batch of SQS records; the answer names those that must come back (batchItemFailures)."""
    environment = Environment.read(os.environ)
    messages, unreadable = read_messages(event["Records"])
    returned: list[str] = []
    if unreadable:
        dead_letters = DeadLetterQueue(_client("sqs"), environment.dead_letter_queue_url)
        returned += dead_letters.send(unreadable)
    if uploads := [message for message in messages if message.uploads]:
        starter = context.aws_request_id
        runs = Runs(_client("stepfunctions"), environment.state_machine_arn, starter)
        returned += [message.message_id for message in _waiting(uploads, runs)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in returned]}


def _waiting(messages: list[Message], runs: Runs) -> list[Message]:
    """Start a run for the messages that none has started after; those that must wait for one to be.

    A failure to start is logged: the messages come back for it.
    """
    waiting = messages
    try:
        newest = runs.newest()
        waiting = [message for message in messages if not newest or message.sent >= newest.started]
        if covered := len(messages) - len(waiting):
            logger.info("A run has started since the events were sent", events=covered)
        if not waiting:
            return []
        name = runs.start_after(newest, run_input(waiting))
    except Exception:
        logger.exception("No run could be started; the events come back", events=len(waiting))
        return waiting
    if name is None:
        logger.info("A run is going; the events wait for the next one", events=len(waiting))
        return waiting
    logger.info("Run started", run=name, events=len(waiting))
    return []
