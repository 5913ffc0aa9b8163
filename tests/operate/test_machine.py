"""A definition as a graph."""

from operate.machine import Machine
from tests.conftest import PROJECT

DEFINITION = {
    "StartAt": "Try",
    "States": {
        "Try": {
            "Type": "Task",
            "Resource": "arn:aws:states:::glue:startJobRun.sync",
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Tidy"}],
            "Next": "Look",
        },
        "Look": {
            "Type": "Choice",
            "Choices": [{"Next": "Wait"}, {"Next": "Each"}],
            "Default": "Each",
        },
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Try"},
        "Each": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "Do", "States": {"Do": {"Type": "Pass", "End": True}}},
            "End": True,
        },
        "Tidy": {"Type": "Fail"},
    },
}


def test_a_state_leads_to_all_that_may_be_next_each_once() -> None:
    states = Machine.of(DEFINITION).states
    assert {name: state.nexts for name, state in states.items()} == {
        "Try": ("Look", "Tidy"),
        "Look": ("Wait", "Each"),
        "Wait": ("Try",),
        "Each": (),
        "Tidy": (),
    }


def test_what_can_come_after_a_state_goes_round_loops_once() -> None:
    machine = Machine.of(DEFINITION)
    assert machine.after({"Wait"}) == {"Try", "Look", "Wait", "Each", "Tidy"}
    assert machine.after({"Each"}) == set()


def test_the_pipelines_own_definitions_are_read_whole() -> None:
    for path in (PROJECT / "statemachine").glob("*.asl.json"):
        text = path.read_text()
        names = [state.name for state in Machine.read(text).all_states()]
        assert len(names) == len(set(names)) == text.count('"Type": ')
