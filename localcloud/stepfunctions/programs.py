"""State machines, branches and items that begin where an earlier attempt of the execution stopped."""

import copy
from typing import Any

from moto.stepfunctions.parser.asl.component.common.flow.start_at import StartAt
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.inline_iteration_component import (
    InlineIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor import (
    inline_item_processor,
    inline_item_processor_worker,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.iteration_component import (
    IterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.job import Job
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branches_decl import BranchesDecl
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.state_parallel import StateParallel
from moto.stepfunctions.parser.asl.component.state.state_props import StateProps
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext

from localcloud.stepfunctions.progress import Progress, ProgressEnvironment


class ResumableProgram(Program):  # type: ignore[misc]
    """A state machine or a part of one, begun at the state it had come to."""

    def eval(self, env: ProgressEnvironment) -> None:
        progress = env.progress
        program = copy.copy(self)
        if progress.state or progress.is_done:
            env.states.reset(input_value=copy.deepcopy(progress.value))
        if progress.state:
            program.start_at = StartAt(progress.state)
        Program.eval(program, env)

    def _eval_body(self, env: ProgressEnvironment) -> None:
        if env.progress.is_done:
            env.set_ended()
        super()._eval_body(env)


class ResumableParallel(StateParallel):  # type: ignore[misc]
    """A Parallel state whose branches are gone on with; those that are done give what they gave."""

    branches: BranchesDecl

    def from_state_props(self, state_props: StateProps) -> None:
        super().from_state_props(state_props)
        self.branches = _Branches(self.branches.programs)


class _Branches(BranchesDecl):  # type: ignore[misc]
    def _eval_body(self, env: ProgressEnvironment) -> None:
        parts = env.progress.begin_parts(len(self.programs))
        branches = [_Branch(*branch) for branch in zip(self.programs, parts, strict=True)]
        BranchesDecl(branches)._eval_body(env)


class _Branch(EvalComponent):  # type: ignore[misc]
    def __init__(self, program: Program, progress: Progress) -> None:
        self._program, self._progress = program, progress

    def _eval_body(self, env: ProgressEnvironment) -> None:
        env.progress = self._progress
        self._program.eval(env)


class ResumableMap(StateMap):  # type: ignore[misc]
    """A Map state whose items, where it runs them inline, are gone on with."""

    iteration_component: IterationComponent

    def from_state_props(self, state_props: StateProps) -> None:
        super().from_state_props(state_props)
        if isinstance(processor := self.iteration_component, InlineIterationComponent):
            self.iteration_component = _Items(
                query_language=processor._query_language,
                start_at=processor._start_at,
                states=processor._states,
                comment=processor._comment,
                processor_config=processor._processor_config,
            )


class _Items(inline_item_processor.InlineItemProcessor):  # type: ignore[misc]
    def _eval_body(self, env: ProgressEnvironment) -> None:
        eval_input = env.stack[-1]
        env.progress.begin_parts(len(eval_input.input_items))
        eval_input.source_event_id = env.event_history_context.source_event_id
        super()._eval_body(env)

    def _get_iteration_program(self) -> Program:
        return ResumableProgram(**vars(super()._get_iteration_program()))

    def _create_worker(self, env: ProgressEnvironment, eval_input: Any, job_pool: Any) -> "_ItemWorker":
        return _ItemWorker(
            source_event_id=eval_input.source_event_id,
            work_name=eval_input.state_name,
            job_pool=job_pool,
            env=env,
            item_selector=eval_input.item_selector,
            parameters=eval_input.parameters,
        )


class _ItemWorker(inline_item_processor_worker.InlineItemProcessorWorker):  # type: ignore[misc]
    def __init__(self, *, source_event_id: int, **options: Any) -> None:
        super().__init__(**options)
        self._source_event_id = source_event_id

    def _eval_job(self, env: ProgressEnvironment, job: Job) -> None:
        progress = self._env.progress.parts[job.job_index]
        if progress.is_done:
            job.job_output = progress.value
            return
        # An item follows the state, not the item that happened to be done when a worker got to it.
        env.event_history_context = EventHistoryContext(self._source_event_id)
        env.progress = progress
        super()._eval_job(env, job)
