"""Lambda's event source mapping for SQS queues, with the batching window that MiniStack's lacks.

Behaviour as in "Using Lambda with Amazon SQS" (Lambda Developer Guide): a batch is closed when its window has
passed since its first message, when it holds BatchSize messages, or when it would outgrow the payload limit;
messages reported as batch item failures, or all of them when the function fails, come back after the queue's
visibility timeout. Up to MaximumConcurrency batches are with the function at once. The queue is read with the
function's role. Here one batch is collected at a time, where Lambda's pollers collect side by side: there, what was
sent together may come in several batches.
"""

import contextlib
import contextvars
import json
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.arn import parse_arn
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from localcloud import aws, clock, iam, uploads

QUIET_SECONDS = 1.0
"""An open window closes early once nothing was sent for so long, or whoever uploaded has said that this was all, and
there is an execution environment for the batch; on AWS the rest of it would be waited out. None closes while a
multipart upload is going on, whose object might belong to the batch: there it may well be another batch."""
PAYLOAD_LIMIT = 6 * 1024 * 1024
"""Bytes of a synchronous invocation's event."""
POLL_SECONDS = 0.1
"""How often the queue is looked at while a window is open."""
CONCURRENCY = 5
"""Batches at once where the mapping has no MaximumConcurrency: with so many Lambda begins."""
ENTRIES = 10
"""Of one request to SQS."""

log = logging.getLogger(__name__)
Message = dict[str, Any]


def _create(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    mapping_id, attributes = _MINISTACKS["create"](logical_id, _ours(props), stack_name)
    if _is_ours(props):
        collecting = threading.Lock()
        for _ in range(int((props.get("ScalingConfig") or {}).get("MaximumConcurrency", CONCURRENCY))):
            context = contextvars.copy_context()
            threading.Thread(target=context.run, args=(_poll, mapping_id, collecting), daemon=True).start()
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


def _poll(mapping_id: str, collecting: threading.Lock) -> None:
    """Feed the mapping's function, one batch at a time, until the mapping is deleted."""
    while mapping := lambda_svc._esms.get(mapping_id):
        try:
            with collecting:
                if not (mapping := lambda_svc._esms.get(mapping_id)):
                    return
                queue_url = _queue_url(mapping["EventSourceArn"])
                batch = _collect(queue_url, mapping)
            if batch:
                _deliver(queue_url, mapping, batch)
            mapping["LastProcessingResult"] = "OK" if batch else "No records processed"
        except Exception as error:
            mapping["LastProcessingResult"] = f"PROBLEM: {error}"
            log.exception("event source mapping %s failed and goes on", mapping_id)
            time.sleep(1)


def _sqs(mapping: dict[str, Any]) -> Any:
    """SQS, called as the function's role."""
    with iam.acting_as(_function(mapping)["config"]["Role"], "lambda"):
        return aws.client("sqs")


def _function(mapping: dict[str, Any]) -> dict[str, Any]:
    function: dict[str, Any] = lambda_svc._functions[mapping["FunctionArn"].split(":")[6]]
    return function


def _queue_url(queue_arn: str) -> str:
    name = queue_arn.rsplit(":", 1)[-1]
    return str(aws.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])


def _collect(queue_url: str, mapping: dict[str, Any]) -> list[Message]:
    """The messages of one batch, none if none came for a second."""
    size, window = int(mapping["BatchSize"]), int(mapping["MaximumBatchingWindowInSeconds"])
    sqs = _sqs(mapping)
    batch = _receive(sqs, queue_url, size, wait=1)
    if not batch:
        return []
    opened, last = time.time(), _sent(batch)
    initializing = _initializing(mapping)
    while len(batch) < size and _size(batch) < PAYLOAD_LIMIT / 2:
        ended_at = uploads.ended_at()  # what had been sent by then is received below
        if uploading := uploads.are_going_on():
            opened = last = time.time()
        if time.time() >= opened + window:
            break
        if more := _receive(sqs, queue_url, size - len(batch)):
            batch += more
            last = max(last, _sent(more))
        elif uploading or initializing.is_alive() or not _is_last(last, ended_at):
            time.sleep(POLL_SECONDS)
        else:
            break
    initializing.join()
    return batch


def _is_last(sent: float, ended_at: float) -> bool:
    """Whether no message is expected after one sent at that moment, where uploads ended at the other."""
    return sent <= ended_at or time.time() >= sent + QUIET_SECONDS


def _initializing(mapping: dict[str, Any]) -> threading.Thread:
    """Has an execution environment of the function initialized, beside what is done meanwhile.

    Lambda may do so before an invocation ("Understanding the Lambda execution environment lifecycle").
    """
    context = contextvars.copy_context()
    initializing = threading.Thread(target=context.run, args=(_initialize, _function(mapping)), daemon=True)
    initializing.start()
    return initializing


def _initialize(function: dict[str, Any]) -> None:
    """Initialize the first environment; one that is at work now may have ended it by the time it is needed."""
    config = function["config"]
    environment, _ = lambda_runtime.acquire_worker(
        config["FunctionName"], config, function["code_zip"], config["Version"], max_concurrency=1
    )
    if environment is None:
        return
    try:
        with contextlib.suppress(Exception):  # the invocation tries again, and tells
            lambda_runtime.ensure_spawned(environment)
    finally:
        lambda_runtime.release_worker(environment)


def _sent(messages: list[Message]) -> float:
    """When the last of them was sent, which may have waited here: in seconds since the epoch."""
    return max(int(message["Attributes"]["SentTimestamp"]) for message in messages) / 1000


def _size(batch: list[Message]) -> int:
    return sum(len(message["Body"]) for message in batch)


def _receive(sqs: Any, queue_url: str, room: int, wait: int = 0) -> list[Message]:
    answer = sqs.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=min(ENTRIES, room),
        WaitTimeSeconds=wait,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return list(answer.get("Messages", []))


def _deliver(queue_url: str, mapping: dict[str, Any], batch: list[Message]) -> None:
    """Invoke the function with the batch; delete the messages it is done with, and let the others come back."""
    failed, sqs = _failures(mapping, batch), _sqs(mapping)
    back_after = _back_after(sqs, queue_url)
    for entries in _requests(message for message in batch if message["MessageId"] in failed):
        timed = [{**entry, "VisibilityTimeout": back_after} for entry in entries]
        # Of the account's own time, and therefore nothing that the role has to be allowed.
        aws.client("sqs").change_message_visibility_batch(QueueUrl=queue_url, Entries=timed)
    for entries in _requests(message for message in batch if message["MessageId"] not in failed):
        sqs.delete_message_batch(QueueUrl=queue_url, Entries=entries)


def _failures(mapping: dict[str, Any], batch: list[Message]) -> set[str]:
    """The ids of the messages that the function is not done with: all, where it fails or names one it was not given."""
    every = {message["MessageId"] for message in batch}
    event = {"Records": [_record(message, mapping) for message in batch]}
    try:
        answer = aws.client("lambda").invoke(FunctionName=mapping["FunctionArn"], Payload=json.dumps(event))
        result = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise RuntimeError(result)
        reports = "ReportBatchItemFailures" in mapping["FunctionResponseTypes"]
        failures = (result or {}).get("batchItemFailures") or [] if reports else []
        failed = {failure["itemIdentifier"] for failure in failures}
    except Exception:
        log.exception("%s failed; its messages come back", mapping["FunctionArn"])
        return every
    return failed if failed <= every else every


def _requests(messages: Iterable[Message]) -> Iterator[list[dict[str, Any]]]:
    """The messages as entries of batch requests to SQS."""
    entries = [{"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]} for m in messages]
    for place in range(0, len(entries), ENTRIES):
        yield entries[place : place + ENTRIES]


def _back_after(sqs: Any, queue_url: str) -> int:
    """The queue's visibility timeout in the account's own time, in whole seconds."""
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["VisibilityTimeout"])
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
