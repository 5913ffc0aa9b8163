"""The whole run, from command to exit: in an account of its own, and again in one that is up."""

import datetime as dt
import time
from typing import Any

from benchmarks.processes import TIMES, Watch, median
from benchmarks.site import Site
from benchmarks.timeline import Timeline, saved, seconds_by_state
from operate.cost import of_run, total
from operate.runs import newest_run
from operate.usage import JobRun, Usage, usage_of

BY_HAND = Usage(
    job_runs=[JobRun(dpus=10, dpu_seconds=0, glue_version="5.1", execution_class="STANDARD")] * 5,
    crawls=[0, 0],
)
"""The pipeline as it was clicked together: Glue gives a job ten workers unasked, and each is billed at its least."""
QUICK_SECONDS = 60
"""A run that takes no more is a quick one."""


def measure(site: Site) -> dict[str, Any]:
    """Seconds, CPU seconds and memory of both, by state; what the run used on AWS's bill, and its overhead."""
    cold = _cold(site)
    warm = _run(site, warm=True)
    account = site.account
    stepfunctions = account.client("stepfunctions")
    run = newest_run(stepfunctions, account.outputs["PipelineArn"])
    assert run
    timeline = Timeline.read(stepfunctions, run["executionArn"])
    usage = usage_of(account.client, run["executionArn"])
    return {
        "cold": cold,
        "warm": warm,
        "seconds_in_no_task": timeline.seconds_in_no_task,
        "seconds_in_waits": timeline.seconds_in_waits,
        "transitions": usage.transitions,
        "dollars": total(of_run(usage)),
        "dollars_by_hand": total(of_run(BY_HAND)),
    }


def _cold(site: Site) -> dict[str, Any]:
    """A run in an account of its own; of quick ones that with the median of the seconds."""
    first = _run(site, warm=False)
    if first["seconds"] > QUICK_SECONDS:
        return first
    return median([first, *(_run(site, warm=False) for _ in range(TIMES - 1))])


def _run(site: Site, warm: bool) -> dict[str, Any]:
    account = site.account if warm else None
    began = time.time()
    watch = site.run(account)
    return {**watch.measured(), "parts": _parts(site, began, watch)}


def _parts(site: Site, began: float, watch: Watch) -> dict[str, float]:
    """Seconds until the run started, of its states, and after its end."""
    timeline = saved(site.output / "execution.json")
    command = dt.datetime.fromtimestamp(began, dt.UTC)
    started, ended = timeline.whole
    before = (started - command).total_seconds()
    states = seconds_by_state(timeline.visits)
    after = watch.seconds - (ended - command).total_seconds()
    return {"before the run": before, **states, "after the run": after}
