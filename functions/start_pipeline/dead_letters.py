"""The dead-letter queue: where messages go that are no S3 events, each with the reason."""

from collections.abc import Iterator
from typing import Any

from aws_lambda_powertools import Logger
from uploads import Unreadable

ENTRIES = 10
"""Of one SendMessageBatch."""

logger = Logger()


class DeadLetterQueue:
    """The queue, filled by the function: one that SQS moved messages to would also get those that waited long."""

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, messages: list[Unreadable]) -> list[str]:
        """Set the messages aside; the ids of those that could not be, and must come back."""
        for message in messages:
            logger.warning("Message set aside", message_id=message.message_id, reason=message.reason)
        return [
            message_id
            for place in range(0, len(messages), ENTRIES)
            for message_id in self._refused(messages[place : place + ENTRIES])
        ]

    def _refused(self, messages: list[Unreadable]) -> Iterator[str]:
        try:
            answer = self._sqs.send_message_batch(
                QueueUrl=self._url, Entries=[_entry(message) for message in messages]
            )
        except Exception:
            logger.exception(
                "The dead-letter queue took nothing; the messages come back", count=len(messages)
            )
            yield from (message.message_id for message in messages)
            return
        for failure in answer.get("Failed", []):
            reason = failure.get("Message")
            logger.error("Message refused; it comes back", message_id=failure["Id"], reason=reason)
            yield failure["Id"]


def _entry(message: Unreadable) -> dict[str, Any]:
    return {
        "Id": message.message_id,
        "MessageBody": message.body,
        "MessageAttributes": {"Reason": {"DataType": "String", "StringValue": message.reason}},
    }
