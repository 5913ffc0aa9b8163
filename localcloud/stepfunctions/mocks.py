"""Mocked service integrations, in the file format of Step Functions Local.

An execution started at `<state machine ARN>#<test case>` takes the answers of its Task states from the file that the
environment variable SFN_MOCK_CONFIG names; a state that the test case leaves out calls its service ("Using mocked
service integrations for testing in Step Functions Local", Step Functions Developer Guide). The answers to a state are
counted by its calls in the execution: retries, rounds of a loop and items of a Map each take the next one.
"""

import copy
import json
import os
import re
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (
    StateTaskService,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.mocking.mock_config import (
    MockedResponse,
    MockedResponseReturn,
    MockedResponseThrow,
    MockTestCase,
    StateMockedResponses,
)

from localcloud.stepfunctions.errors import MockConfigError
from localcloud.stepfunctions.failures import task_failed

CONFIG = "SFN_MOCK_CONFIG"


class MockCase(MockTestCase):  # type: ignore[misc]
    """A test case of the file, and how far one execution has used its answers up."""

    def __init__(self, machine: str, name: str, responses: list[StateMockedResponses]) -> None:
        super().__init__(machine, name, responses)
        self._calls: Counter[str] = Counter()
        self._taking = threading.Lock()

    def take(self, state: str) -> MockedResponse:
        """The answer to the next call of `state`; raises ValueError once there is none left."""
        with self._taking:
            call = self._calls[state]
            self._calls[state] += 1
        response: StateMockedResponses = self.state_mocked_responses[state]
        if call >= len(response.mocked_responses):
            raise ValueError(
                f"test case {self.test_case_name} of {self.state_machine_name} has no answer to call {call} "
                f"of {state}: its response {response.mocked_response_name} ends with call {call - 1}"
            )
        return response.mocked_responses[call]


class Mockable(StateTaskService):  # type: ignore[misc]
    """A task that answers from the test case of its execution, where that has an answer for its state."""

    def _eval_execution(self, env: Environment) -> None:
        if not env.is_mocked_mode():
            super()._eval_execution(env)
            return
        self.resource.eval(env=env)
        resource = env.stack.pop()
        parameters = self._eval_parameters(env=env)
        call = {
            "resource_runtime_part": resource,
            "state_credentials": self._eval_state_credentials(env=env),
        }
        self._before_eval_execution(env=env, raw_parameters=parameters, **call)
        env.stack.append(self._mocked(env))
        StateTaskService._after_eval_execution(self, env=env, normalised_parameters=parameters, **call)

    def _mocked(self, env: Environment) -> Any:
        response = env.get_current_mocked_response()
        if isinstance(response, MockedResponseThrow):
            raise task_failed(self, env, response.error, response.cause)
        return copy.deepcopy(response.payload)


def case_of(machine: str, name: str) -> MockCase:
    """The test case of the state machine in the file, or MockConfigError, saying what is wrong in it."""
    if not (path := os.environ.get(CONFIG)):
        raise MockConfigError(
            f"test case {name} is asked for, but {CONFIG} names no file of mocked responses"
        )
    return _File(Path(path)).case(machine, name)


class _File:
    """A mock configuration file; each error says where in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._content = json.loads(path.read_text())
        except OSError as error:
            raise MockConfigError(f"{CONFIG} names {path}, which cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise MockConfigError(f"{path} is not JSON: {error}") from error

    def case(self, machine: str, name: str) -> MockCase:
        states = self._member("StateMachines", machine, "TestCases", name)
        return MockCase(
            machine, name, [self._response(state, response) for state, response in states.items()]
        )

    def _member(self, *place: str) -> dict[str, Any]:
        found: Any = self._content
        for depth, key in enumerate(place, 1):
            found = found.get(key) if isinstance(found, dict) else None
            if not isinstance(found, dict):
                raise MockConfigError(f"{self._path} has no object at {' > '.join(place[:depth])}")
        return dict(found)

    def _response(self, state: str, name: str) -> StateMockedResponses:
        place = f"{self._path}: MockedResponses > {name}"
        answers = [
            _answer(f"{place} > {calls}", calls, answer)
            for calls, answer in self._member("MockedResponses", name).items()
        ]
        try:
            return StateMockedResponses(state, name, answers)
        except RuntimeError as error:
            raise MockConfigError(f"{place}: the calls must be numbered from 0 without a gap") from error


def _answer(place: str, calls: str, answer: Any) -> MockedResponse:
    numbered = re.fullmatch(r"(\d+)(?:-(\d+))?", calls)
    first, last = (int(numbered[1]), int(numbered[2] or numbered[1])) if numbered else (1, 0)
    if last < first:
        raise MockConfigError(f'{place} is neither the number of a call, "0", nor a range of them, "1-2"')
    match answer:
        case {"Return": payload, **others} if not others:
            return MockedResponseReturn(first, last, payload)
        case {"Throw": {"Error": str(error), "Cause": str(cause)}, **others} if not others:
            return MockedResponseThrow(first, last, error, cause)
    raise MockConfigError(f"{place} has to be either a Return or a Throw of an Error and a Cause, both texts")
