"""The interpreter inside localcloud as a Step Functions endpoint, in this process: it waits for nothing."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from moto.stepfunctions.parser.asl.component.common.retry import jitter_strategy_decl

from localcloud import aws, clock
from localcloud.stepfunctions import programs, service
from localcloud.stepfunctions.mocks import CONFIG
from tests.statemachine.harness import MOCKS, Asked, Endpoint


@contextmanager
def embedded() -> Iterator[Endpoint]:
    """The endpoint; meanwhile jitter takes the middle, and a state that the test case leaves out reaches no service."""
    asked = Asked()
    middle = SimpleNamespace(uniform=lambda low, high: (low + high) / 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CONFIG, str(MOCKS))
        patch.setattr(clock, "scaled", asked.to_wait)
        patch.setattr(jitter_strategy_decl, "random", middle)
        patch.setattr(aws, "client", _no_service)
        _listen(patch, asked)
        yield Endpoint(_client(), asked)


def _listen(patch: pytest.MonkeyPatch, asked: Asked) -> None:
    run, create_worker = programs.ResumableProgram.eval, programs._Items._create_worker

    def eval_program(program: Any, env: Any) -> None:
        if not env.is_frame() and program.timeout_seconds:
            asked.seconds_at_most = program.timeout_seconds.timeout_seconds
        run(program, env)

    def create_counted_worker(items: Any, *arguments: Any, **options: Any) -> Any:
        asked.items_at_once += 1
        return create_worker(items, *arguments, **options)

    patch.setattr(programs.ResumableProgram, "eval", eval_program)
    patch.setattr(programs._Items, "_create_worker", create_counted_worker)


def _client() -> Any:
    client = boto3.client(
        "stepfunctions", region_name=aws.REGION, aws_access_key_id="test", aws_secret_access_key="test"
    )
    client.meta.events.register("before-send", _answer)
    return client


def _answer(request: AWSRequest, **_: Any) -> AWSResponse:
    """The answer to a request of the client, which then does not send it."""
    headers = {
        key: value.decode() if isinstance(value, bytes) else str(value)
        for key, value in request.headers.items()
    }
    handled = service.handle(request.method, "/", headers, request.body, {})
    status, response_headers, body = asyncio.run(handled)
    return AWSResponse(request.url, status, response_headers, SimpleNamespace(stream=lambda: [body]))


def _no_service(name: str) -> Any:
    raise ValueError(f"the test case has no answer for this state, and {name} is not there")
