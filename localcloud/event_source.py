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

QUIET_SECONDS = 2.0
"""An open window closes early once nothing has come for so long: on AWS the rest of it would be waited out."""
PAYLOAD_LIMIT = 6 * 1024 * 1024
"""Bytes of a synchronous invocation's event."""
POLL_SECONDS = 0.2
"""How often the queue is looked at while a window is open."""

log = logging.getLogger(__name__)
Message = dict[str, Any]


def _create(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    mapping_id, attributes = _MINISTACKS["create"](logical_id, _ours(props), stack_name)
    if _is_ours(props):
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(_poll, mapping_id), daemon=True).start()
    return mapping_id, attributes


def _update(physical_id: str, old_props: dict[str, Any], props: dict[str, Any], stack_name: str) -> Any:
    return _MINISTACKS["update"](physical_id, _ours(old_props), _ours(props), stack_name)


def _is_ours(props: dict[str, Any]) -> bool:
    return bool(parse_arn(props["EventSourceArn"]).service == "sqs" and props.get("Enabled", True))


def _ours(props: dict[str, Any]) -> dict[str, Any]:
    """The properties with which MiniStack keeps the mapping, and its own poller passes it over."""
    return {**props, "Enabled": False} if _is_ours(props) else props


_MINISTACKS = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]
HANDLERS = {"AWS::Lambda::EventSourceMapping": {**_MINISTACKS, "create": _create, "update": _update}}


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
    batch = _receive(queue_url, wait=1)
    opened = last = time.monotonic()
    window = int(mapping["MaximumBatchingWindowInSeconds"])
    while batch and len(batch) < int(mapping["BatchSize"]) and _size(batch) < PAYLOAD_LIMIT / 2:
        now = time.monotonic()
        if now - opened >= window or now - last >= QUIET_SECONDS:
            break
        if more := _receive(queue_url, room=int(mapping["BatchSize"]) - len(batch)):
            batch += more
            last = time.monotonic()
        else:
            time.sleep(POLL_SECONDS)
    return batch


def _size(batch: list[Message]) -> int:
    return sum(len(message["Body"]) for message in batch)


def _receive(queue_url: str, wait: int = 0, room: int = 10) -> list[Message]:
    answer = aws.client("sqs").receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=min(10, room),
        WaitTimeSeconds=wait,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return list(answer.get("Messages", []))


def _deliver(queue_url: str, mapping: dict[str, Any], batch: list[Message]) -> None:
    """Invoke the function with the batch; delete the messages it is done with, and let the others come back."""
    event = {"Records": [_record(message, mapping) for message in batch]}
    answer = aws.client("lambda").invoke(FunctionName=mapping["FunctionArn"], Payload=json.dumps(event))
    result = json.loads(answer["Payload"].read() or b"null")
    failed = {failure["itemIdentifier"] for failure in (result or {}).get("batchItemFailures", [])}
    if "FunctionError" in answer:
        log.error("%s failed: %s", mapping["FunctionArn"], result)
        failed = {message["MessageId"] for message in batch}
    for message in batch:
        handle = {"QueueUrl": queue_url, "ReceiptHandle": message["ReceiptHandle"]}
        if message["MessageId"] in failed:
            aws.client("sqs").change_message_visibility(**handle, VisibilityTimeout=_back_after(queue_url))
        else:
            aws.client("sqs").delete_message(**handle)


def _back_after(queue_url: str) -> int:
    """The queue's visibility timeout in the account's own time, in whole seconds."""
    attributes = aws.client("sqs").get_queue_attributes(
        QueueUrl=queue_url, AttributeNames=["VisibilityTimeout"]
    )
    return round(clock.scaled(int(attributes["Attributes"]["VisibilityTimeout"])))


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
