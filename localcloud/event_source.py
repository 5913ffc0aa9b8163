"""Lambda's event source mapping for SQS queues, with the batching window that MiniStack's lacks.

Behaviour as in "Using Lambda with Amazon SQS" (Lambda Developer Guide): a batch is closed when its window has
passed since its first message, when it holds BatchSize messages, or when it would outgrow the payload limit;
messages reported as batch item failures, or all of them when the function fails, come back after the queue's
visibility timeout.
"""

import contextvars
import json
import logging
import threading
import time
from typing import Any

from ministack.core.arn import parse_arn
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from localcloud import aws, clock

PAYLOAD_LIMIT = 6 * 1024 * 1024
"""Bytes of a synchronous invocation's event."""
POLL_SECONDS = 0.2
"""How long a receive call waits for messages while a batch is open."""

log = logging.getLogger(__name__)
Message = dict[str, Any]


def _create(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    mapping_id, attributes = _MINISTACKS["create"](logical_id, props, stack_name)
    if parse_arn(props["EventSourceArn"]).service == "sqs":
        # MiniStack's own poller passes over a mapping that is backing off: this one is ours.
        lambda_svc._esm_backoff_until[mapping_id] = float("inf")
        context = contextvars.copy_context()
        poller = threading.Thread(target=context.run, args=(_poll, mapping_id), daemon=True)
        poller.start()
    return mapping_id, attributes


_MINISTACKS = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]
HANDLERS = {"AWS::Lambda::EventSourceMapping": {**_MINISTACKS, "create": _create}}


def _poll(mapping_id: str) -> None:
    """Feed the mapping's function until the mapping is deleted."""
    while mapping := lambda_svc._esms.get(mapping_id):
        try:
            queue_url = _queue_url(mapping["EventSourceArn"])
            if batch := _collect(queue_url, mapping):
                _deliver(queue_url, mapping, batch)
        except Exception:
            log.exception("event source mapping %s failed and goes on", mapping_id)
            time.sleep(1)


def _queue_url(queue_arn: str) -> str:
    name = queue_arn.rsplit(":", 1)[-1]
    return str(aws.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])


def _collect(queue_url: str, mapping: dict[str, Any]) -> list[Message]:
    """The messages of one batch, none if none came for a second."""
    batch = _receive(queue_url, mapping, wait=1)
    deadline = time.monotonic() + clock.scaled(int(mapping["MaximumBatchingWindowInSeconds"]))
    size = sum(len(message["Body"]) for message in batch)
    while batch and len(batch) < int(mapping["BatchSize"]) and size < PAYLOAD_LIMIT / 2:
        if time.monotonic() >= deadline:
            break
        more = _receive(queue_url, mapping, wait=0, room=int(mapping["BatchSize"]) - len(batch))
        batch += more
        size += sum(len(message["Body"]) for message in more)
        if not more:
            time.sleep(POLL_SECONDS)
    return batch


def _receive(queue_url: str, mapping: dict[str, Any], wait: int, room: int = 10) -> list[Message]:
    attributes = aws.client("sqs").get_queue_attributes(
        QueueUrl=queue_url, AttributeNames=["VisibilityTimeout"]
    )
    window = clock.scaled(int(mapping["MaximumBatchingWindowInSeconds"]))
    answer = aws.client("sqs").receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=min(10, room),
        WaitTimeSeconds=wait,
        VisibilityTimeout=round(
            window + clock.scaled(int(attributes["Attributes"]["VisibilityTimeout"])) + 1
        ),
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return list(answer.get("Messages", []))


def _deliver(queue_url: str, mapping: dict[str, Any], batch: list[Message]) -> None:
    """Invoke the function with the batch, and delete the messages it is done with."""
    event = {"Records": [_record(message, mapping) for message in batch]}
    answer = aws.client("lambda").invoke(FunctionName=mapping["FunctionArn"], Payload=json.dumps(event))
    result = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        log.error("%s failed: %s", mapping["FunctionArn"], result)
        return
    failed = {failure["itemIdentifier"] for failure in (result or {}).get("batchItemFailures", [])}
    for message in batch:
        if message["MessageId"] not in failed:
            aws.client("sqs").delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


def _record(message: Message, mapping: dict[str, Any]) -> dict[str, Any]:
    """A message as the function sees it."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": message.get("MessageAttributes", {}),
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping["EventSourceArn"],
        "awsRegion": aws.REGION,
    }
