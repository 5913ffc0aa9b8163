"""What moto's SQS cannot be made to answer: a request of which some entries fail."""

import boto3
import pytest
from botocore.stub import Stubber
from dead_letters import DeadLetterQueue
from uploads import Unreadable


@pytest.mark.usefixtures("aws")
def test_the_messages_that_the_queue_did_not_take_are_named() -> None:
    sqs = boto3.client("sqs")
    messages = [Unreadable(name, "body", "reason") for name in ("taken", "refused")]
    taken = {"Id": "taken", "MessageId": "1", "MD5OfMessageBody": "841a2d689ad86bd1611447453c22c6fc"}
    refused = {"Id": "refused", "Code": "InternalError", "Message": "try again", "SenderFault": False}
    with Stubber(sqs) as stub:
        stub.add_response("send_message_batch", {"Successful": [taken], "Failed": [refused]})

        assert DeadLetterQueue(sqs, "https://queue").send(messages) == ["refused"]
