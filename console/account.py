"""What the page asks for, read from the account that the stack is in."""

import itertools

from console.executions import Executions
from console.results import Results
from console.tables import Tables
from console.view import Selection, View, graph_of, milliseconds, view_of, visit_of
from console.work import work_of
from functions.alert.failure import failure_of
from operate.redrive import run_to_redrive
from operate.runs import FAILED, runs_of
from operate.runs import Execution as Run
from operate.stack import Stack

MOST_RUNS = 50


class Account:
    """The runs, states and tables of one stack. Methods raise OperateError and botocore's ClientError."""

    def __init__(self, stack: Stack, outputs: dict[str, str], name: str) -> None:
        self.stack, self._name = stack, name
        self._stepfunctions = stack.client("stepfunctions")
        self._executions = Executions(self._stepfunctions)
        self._failures: dict[tuple[str, int], str] = {}
        self.tables = Tables(stack.client, outputs["WorkGroupName"], outputs["ResultsDatabaseName"])
        account_id = stack.pipeline_arn.split(":")[4]
        self.results = Results(stack.client, account_id, name)

    def about(self) -> View:
        """Which stack it is, and where."""
        meta = self._stepfunctions.meta
        return {"stack": self._name, "region": meta.region_name, "endpoint": meta.endpoint_url}

    def runs(self) -> list[View]:
        """The runs, newest first, and why those failed that did."""
        listed = itertools.islice(runs_of(self._stepfunctions, self.stack.pipeline_arn), MOST_RUNS)
        return [self._run(run) for run in listed]

    def execution(self, arn: str, selection: Selection, after: str) -> View | None:
        """The view of an execution, None where it is still the version `after`; with its graph where that is ""."""
        execution = self._executions.look(arn)
        if execution.version == after:
            return None
        view = view_of(execution, selection)
        if not after:
            view["graph"] = graph_of(execution.machine)
        return view

    def state(self, arn: str, name: str, selection: Selection) -> View:
        """What is known of a state: its input, output and error, its attempts, and the work behind it."""
        execution = self._executions.look(arn)
        visit = visit_of(execution, name, selection)
        if visit is None:
            return {}
        work = work_of(self.stack.client, visit)
        return {
            "input": visit.input,
            "output": visit.output,
            "error": visit.error,
            "cause": visit.cause,
            "attempts": [
                {
                    "began": milliseconds(attempt.began),
                    "ended": milliseconds(attempt.ended),
                    "status": attempt.status,
                    "error": attempt.error,
                }
                for attempt in visit.attempts
            ],
            "work": vars(work) if work else None,
        }

    def redrive(self, name: str) -> None:
        """Let a run go on from what failed."""
        run = run_to_redrive(self._stepfunctions, self.stack.pipeline_arn, name)
        self._stepfunctions.redrive_execution(executionArn=run["executionArn"])

    def _run(self, run: Run) -> View:
        return {
            "arn": run["executionArn"],
            "name": run["name"],
            "status": run["status"],
            "started": milliseconds(run["startDate"]),
            "stopped": milliseconds(run.get("stopDate")),
            "redrives": run.get("redriveCount", 0),
            "failure": self._failure(run) if run["status"] in FAILED else "",
        }

    def _failure(self, run: Run) -> str:
        key = run["executionArn"], run.get("redriveCount", 0)
        if key not in self._failures:
            self._failures[key] = str(failure_of(self._stepfunctions, run["executionArn"]))
        return self._failures[key]
