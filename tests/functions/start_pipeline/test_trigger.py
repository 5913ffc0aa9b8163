"""What the function relies on in the template's trigger."""

from typing import Any

from uploads import REASON_CHARACTERS

from tests.template import template

RESOURCES = template()["Resources"]
QUEUE: dict[str, Any] = RESOURCES["Queue"]["Properties"]
FUNCTION: dict[str, Any] = RESOURCES["StartPipelineFunction"]["Properties"]
SOURCE: dict[str, Any] = FUNCTION["Events"]["Uploads"]["Properties"]


def test_a_message_is_not_seen_again_while_the_function_has_it() -> None:
    assert QUEUE["VisibilityTimeout"] == 6 * FUNCTION["Timeout"] + SOURCE["MaximumBatchingWindowInSeconds"]


def test_no_message_leaves_the_queue_for_having_waited() -> None:
    assert "RedrivePolicy" not in QUEUE
    assert QUEUE["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_ten_messages_fit_in_one_request_to_the_dead_letter_queue() -> None:
    assert "MaximumMessageSize" not in RESOURCES["DeadLetterQueue"]["Properties"]
    assert 10 * (QUEUE["MaximumMessageSize"] + 4 * REASON_CHARACTERS + 100) < 1024 * 1024


def test_messages_come_back_one_by_one() -> None:
    assert SOURCE["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
