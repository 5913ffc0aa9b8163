import pytest
from environment import Environment


def test_it_is_read_by_the_names_in_the_template() -> None:
    environment = Environment.read({"STATE_MACHINE_ARN": "arn", "DEAD_LETTER_QUEUE_URL": "url", "OTHER": "x"})

    assert environment == Environment(state_machine_arn="arn", dead_letter_queue_url="url")


def test_every_variable_that_is_missing_is_named() -> None:
    with pytest.raises(ValueError, match="not set: STATE_MACHINE_ARN, DEAD_LETTER_QUEUE_URL"):
        Environment.read({"STATE_MACHINE_ARN": ""})
