"""The interpreter: moto's, with the waits scaled and the task integrations of `tasks`."""

import functools
import time
from typing import Any

from moto.stepfunctions.parser.asl.component.common.catch.catcher_decl import CatcherDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.flow.end import End
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.common.retry.retrier_outcome import RetrierOutcome
from moto.stepfunctions.parser.asl.component.common.retry.retrier_props import RetrierProps
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.component.state.choice.choice_rule import ChoiceRule
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    Resource,
    ServiceResource,
)
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.state_props import StateProps
from moto.stepfunctions.parser.asl.component.state.state_type import StateType
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.seconds import Seconds
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.seconds_path import SecondsPath
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from localcloud import clock
from localcloud.stepfunctions import failures, paths, timestamps
from localcloud.stepfunctions.choices import requiring_its_variable
from localcloud.stepfunctions.programs import ResumableMap, ResumableParallel, ResumableProgram
from localcloud.stepfunctions.progress import ProgressEnvironment
from localcloud.stepfunctions.tasks import TASKS

failures.register()
paths.register()
timestamps.register()

RESUMABLE = {StateType.Map: ResumableMap, StateType.Parallel: ResumableParallel}


@functools.lru_cache(maxsize=100)
def program_of(definition: str) -> EvalComponent:
    """The state machine `definition` (JSON text), ready to run.

    moto raises ASLParserException where the text is not a state machine.
    """
    _, tree = AmazonStateLanguageParser.parse(definition)
    return LocalPreprocessor().visit(tree)


class LocalPreprocessor(Preprocessor):  # type: ignore[misc]
    """moto's builder of states, building ours where moto's falls short."""

    @staticmethod
    def _common_state_field_of(state_props: StateProps) -> CommonStateField:
        kind, resource = state_props.get(StateType), state_props.get(Resource)
        is_service = kind == StateType.Task and isinstance(resource, ServiceResource)
        if is_service and resource.service_name in TASKS:
            state = TASKS[resource.service_name]()
        elif kind in RESUMABLE:
            state = RESUMABLE[kind]()
        else:
            return Preprocessor._common_state_field_of(state_props)
        state.from_state_props(state_props)
        return state

    def visitProgram_decl(self, ctx: Any) -> ResumableProgram:  # noqa: N802
        return ResumableProgram(**vars(super().visitProgram_decl(ctx)))

    def visitSeconds_int(self, ctx: Any) -> Seconds:  # noqa: N802
        return _ScaledSeconds(seconds=super().visitSeconds_int(ctx).seconds)

    def visitSeconds_path(self, ctx: Any) -> SecondsPath:  # noqa: N802
        return _ScaledSecondsPath(string_sampler=super().visitSeconds_path(ctx).string_sampler)

    def visitEnd_decl(self, ctx: Any) -> End:  # noqa: N802
        end = super().visitEnd_decl(ctx)
        if not end.is_end:
            raise ValueError('"End" can only be true; a state that is not the last one has a "Next" instead')
        return end

    def visitChoice_rule_comparison_variable(self, ctx: Any) -> ChoiceRule:  # noqa: N802
        return requiring_its_variable(super().visitChoice_rule_comparison_variable(ctx))

    def visitCatcher_decl(self, ctx: Any) -> CatcherDecl:  # noqa: N802
        return _catching_what_can_be(super().visitCatcher_decl(ctx))

    def visitRetrier_decl(self, ctx: Any) -> RetrierDecl:  # noqa: N802
        props = RetrierProps()
        for child in ctx.children:
            props.add(self.visit(child))
        return _catching_what_can_be(_ScaledRetrier.from_retrier_props(props))


class _CatchableErrors(ErrorEqualsDecl):  # type: ignore[misc]
    """ErrorEquals of a Retry or a Catch, where States.ALL leaves out what nothing handles.

    ("Handling errors in Step Functions workflows", Step Functions Developer Guide: it "can't catch the
    States.DataLimitExceeded terminal error or Runtime error types".)
    """

    def _eval_body(self, env: Environment) -> None:
        is_terminal = env.stack[-1].error_name in ("States.DataLimitExceeded", "States.Runtime")
        super()._eval_body(env)
        if is_terminal and self._STATE_ALL_ERROR in self.error_names:
            env.stack[-1] = False


def _catching_what_can_be(handler: Any) -> Any:
    handler.error_equals = _CatchableErrors(handler.error_equals.error_names)
    return handler


class _Scaled:
    """A Wait state that waits the seconds of its definition in the account's own time."""

    def _wait_interval(self, env: ProgressEnvironment, wait_seconds: float) -> None:
        _wait(env, clock.between_looks(wait_seconds, time.monotonic() - env.began))


def _wait(env: ProgressEnvironment, seconds: float) -> None:
    """Wait, unless the execution is stopped meanwhile."""
    deadline = time.monotonic() + seconds
    while env.is_running() and (left := deadline - time.monotonic()) > 0:
        env.program_state_event.wait(left)


class _ScaledSeconds(_Scaled, Seconds):  # type: ignore[misc]
    pass


class _ScaledSecondsPath(_Scaled, SecondsPath):  # type: ignore[misc]
    pass


class _ScaledRetrier(RetrierDecl):  # type: ignore[misc]
    """Retry that backs off in the account's own time, never sooner: unlike looks in a loop its attempts are few."""

    def _eval_body(self, env: Environment) -> None:
        self.error_equals.eval(env)
        if not env.stack.pop():
            env.stack.append(RetrierOutcome.Skipped)
            return
        self.max_attempts.eval(env=env)
        if env.stack.pop().name == "EXHAUSTED":
            env.stack.append(RetrierOutcome.Failed)
            return
        for part in (self.interval_seconds, self.backoff_rate, self.max_delay_seconds, self.jitter_strategy):
            part.eval(env=env)
        _wait(env, clock.scaled(env.stack.pop()))
        env.stack.append(RetrierOutcome.Executed)
