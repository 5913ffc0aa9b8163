"""What the commands print."""

import datetime as dt

from functions.alert.failure import Failure, StateRun
from operate.cost import Item, total
from operate.runs import Execution

WIDTH = 24


def heading(text: str) -> None:
    """A line about the run as a whole."""
    print(text, flush=True)


def state(run: StateRun) -> None:
    """A state that was entered, or left after some seconds."""
    if run.seconds is None:
        print(f"  > {run.name}", flush=True)
    else:
        print(f"  < {run.name:<{WIDTH}} {run.seconds:6.1f} s", flush=True)


def failed(failure: Failure) -> None:
    """The failed state and its cause."""
    print(f"FAILED  {failure}", flush=True)


def runs(listed: list[tuple[Execution, Failure | None]]) -> None:
    """A line for each run, and below it why it failed."""
    width = max(len(run["name"]) for run, _ in listed)
    print(f"{'RUN':<{width}}  STATUS     STARTED (UTC)        DURATION  REDRIVES")
    for run, failure in listed:
        started = run["startDate"].astimezone(dt.UTC)
        seconds = ((run.get("stopDate") or dt.datetime.now(dt.UTC)) - started).total_seconds()
        print(
            f"{run['name']:<{width}}  {run['status']:<9}  {started:%Y-%m-%d %H:%M:%S}  "
            f"{dt.timedelta(seconds=int(seconds))!s:>8}  {run.get('redriveCount', 0):>8}"
        )
        if failure:
            print(f"{'':<{width}}  {failure}")


def bill(title: str, items: list[Item]) -> None:
    """A line for each item, and what they come to."""
    print(f"{title}\n{'ITEM':<18} {'COUNTED':<28} {'UNIT PRICE':<20} {'DOLLARS':>9}")
    for item in items:
        print(f"{item.name:<18} {item.counted:<28} {item.price:<20} {item.dollars:>9.4f}")
    print(f"{'Total':<18} {'':<28} {'':<20} {total(items):>9.4f}\n")


def cost(items: list[Item]) -> None:
    """What a run costs on AWS, in one line."""
    parts = ", ".join(f"{item.name} ${item.dollars:.3f}" for item in items)
    print(f"On AWS this run would have cost ${total(items):.2f} at list prices ({parts})", flush=True)
