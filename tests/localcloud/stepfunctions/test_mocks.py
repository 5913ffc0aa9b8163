"""Executions whose tasks' answers come from a file, with no account around them."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from localcloud import aws, clock, iam
from localcloud.stepfunctions.backend import LocalBackend
from localcloud.stepfunctions.errors import MockConfigError
from localcloud.stepfunctions.execution import LocalExecution
from tests.localcloud.waiting import until

ROLE = "arn:aws:iam::000000000000:role/any"
CALL = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:glue:getCrawler", "Parameters": {"Name": "raw"}}
RETRY = [{"ErrorEquals": ["Glue.Busy"], "MaxAttempts": 5}]
ONE, TWO = {"Return": {"Answer": 1}}, {"Return": {"Answer": 2}}
BUSY = {"Throw": {"Error": "Glue.Busy", "Cause": "Ask later."}}

Mock = Callable[..., Path]
Run = Callable[..., LocalExecution]


@pytest.fixture
def mock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Writes the file: test case Case of machine, where Call takes the answers that are given."""

    def write(answers: dict[str, Any], response: str = "Answers") -> Path:
        cases = {"machine": {"TestCases": {"Case": {"Call": "Answers"}}}}
        path = tmp_path / "MockConfigFile.json"
        path.write_text(json.dumps({"StateMachines": cases, "MockedResponses": {response: answers}}))
        monkeypatch.setenv("SFN_MOCK_CONFIG", str(path))
        return path

    return write


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the states to the end, Call among them."""

    def ended(case: str = "Case", **states: dict[str, Any]) -> LocalExecution:
        monkeypatch.setattr(clock, "SCALE", 0)
        backend = LocalBackend("us-east-1", "000000000000")
        definition = json.dumps({"StartAt": next(iter(states)), "States": states})
        arn = backend.create_state_machine(name="machine", definition=definition, roleArn=ROLE).arn
        execution = backend.start_execution(f"{arn}#{case}", "run", "[1, 2]")
        until(lambda: execution.status != "RUNNING", every=0.001)
        return execution

    return ended


def test_an_answer_is_returned(mock: Mock, run: Run) -> None:
    mock({"0": ONE})

    execution = run(Call={**CALL, "End": True})

    assert (execution.status, execution.output) == ("SUCCEEDED", {"Answer": 1})


def test_an_error_is_thrown_with_its_cause(mock: Mock, run: Run) -> None:
    mock({"0": BUSY})

    execution = run(Call={**CALL, "End": True})

    assert (execution.status, execution.error, execution.cause) == ("FAILED", "Glue.Busy", "Ask later.")


def test_each_retry_takes_the_next_answer(mock: Mock, run: Run) -> None:
    mock({"0-2": BUSY, "3": TWO})

    assert run(Call={**CALL, "Retry": RETRY, "End": True}).output == {"Answer": 2}


def test_each_round_of_a_loop_takes_the_next_answer(mock: Mock, run: Run) -> None:
    mock({"0-1": ONE, "2": TWO})
    is_two = {"Variable": "$.Answer", "NumericEquals": 2, "Next": "Done"}

    execution = run(
        Call={**CALL, "Next": "Again"},
        Again={"Type": "Choice", "Choices": [is_two], "Default": "Call"},
        Done={"Type": "Succeed"},
    )

    assert execution.output == {"Answer": 2}


def test_each_item_takes_the_next_answer(mock: Mock, run: Run) -> None:
    mock({"0": ONE, "1": TWO})
    items = {"StartAt": "Call", "States": {"Call": {**CALL, "End": True}}}

    execution = run(Each={"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": items, "End": True})

    assert execution.output == [{"Answer": 1}, {"Answer": 2}]


def test_work_that_would_be_waited_for_is_done(mock: Mock, run: Run) -> None:
    mock({"0": ONE})
    job = {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName": "j"},
    }

    assert run(Call={**job, "End": True}).output == {"Answer": 1}


def test_a_state_that_the_case_leaves_out_calls_its_service(
    mock: Mock, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    monkeypatch.setattr(iam, "acting_as", lambda role, component: nullcontext())
    monkeypatch.setattr(aws, "client", called.append)
    mock({"0": ONE})

    execution = run(Call={**CALL, "Next": "Other"}, Other={**CALL, "End": True})

    assert (execution.status, set(called)) == ("FAILED", {"glue"})


def test_answers_that_are_used_up_end_the_execution_whatever_it_catches(mock: Mock, run: Run) -> None:
    mock({"0-1": BUSY})
    any_error = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]

    execution = run(
        Call={**CALL, "Retry": RETRY, "Catch": any_error, "End": True}, Caught={"Type": "Succeed"}
    )

    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert str(execution.cause).endswith(
        "test case Case of machine has no answer to call 2 of Call: its response Answers ends with call 1"
    )


def test_a_mocked_failure_keeps_its_name_in_a_branch(mock: Mock, run: Run) -> None:
    mock({"0": {"Throw": {"Error": "States.TaskFailed", "Cause": "The job failed."}}})
    branch = {"StartAt": "Call", "States": {"Call": {**CALL, "End": True}}}

    execution = run(Fork={"Type": "Parallel", "Branches": [branch], "End": True})

    assert (execution.error, execution.cause) == ("States.TaskFailed", "The job failed.")


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"one": ONE}, 'MockedResponses > Answers > one is neither the number of a call, "0", nor a range'),
        ({"3-1": ONE}, "MockedResponses > Answers > 3-1 is neither"),
        ({"0": ONE, "2": TWO}, "MockedResponses > Answers: the calls must be numbered from 0 without a gap"),
        (
            {"0-1": ONE, "1": TWO},
            "MockedResponses > Answers: the calls must be numbered from 0 without a gap",
        ),
        ({"0": {}}, "MockedResponses > Answers > 0 has to be either a Return or a Throw"),
        ({"0": {**ONE, **BUSY}}, "MockedResponses > Answers > 0 has to be either a Return or a Throw"),
        ({"0": {"Throw": {"Error": "E"}}}, "MockedResponses > Answers > 0 has to be either"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(
    mock: Mock, run: Run, answers: dict[str, Any], says: str
) -> None:
    path = mock(answers)

    with pytest.raises(MockConfigError) as refused:
        run(Call={**CALL, "End": True})

    assert str(path) in refused.value.message
    assert says in refused.value.message


def test_a_test_case_that_is_not_there_is_refused(mock: Mock, run: Run) -> None:
    path = mock({"0": ONE})

    with pytest.raises(MockConfigError) as refused:
        run(case="Other", Call={**CALL, "End": True})

    assert refused.value.message == f"{path} has no object at StateMachines > machine > TestCases > Other"


def test_a_response_that_is_not_there_is_refused(mock: Mock, run: Run) -> None:
    path = mock({"0": ONE}, response="Others")

    with pytest.raises(MockConfigError) as refused:
        run(Call={**CALL, "End": True})

    assert refused.value.message == f"{path} has no object at MockedResponses > Answers"


@pytest.mark.parametrize(("content", "says"), [(None, "cannot be read"), ("{", "is not JSON: Expecting")])
def test_a_file_that_cannot_be_read_is_refused(mock: Mock, run: Run, content: str | None, says: str) -> None:
    path = mock({})
    path.unlink() if content is None else path.write_text(content)

    with pytest.raises(MockConfigError) as refused:
        run(Call={**CALL, "End": True})

    assert str(path) in refused.value.message
    assert says in refused.value.message


def test_a_test_case_without_a_file_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SFN_MOCK_CONFIG", raising=False)

    with pytest.raises(MockConfigError) as refused:
        run(Call={**CALL, "End": True})

    assert (
        refused.value.message
        == "test case Case is asked for, but SFN_MOCK_CONFIG names no file of mocked responses"
    )
