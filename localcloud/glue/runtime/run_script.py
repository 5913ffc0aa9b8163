"""Runs one Glue script, unmodified, in this process, with pyspark attached to the warm JVM."""

import runpy
import sys
import time
import traceback
from pathlib import Path
from types import TracebackType

from gluejob import attach, rdd_paths
from gluejob.failure import one_line
from gluejob.launch import Launch
from gluejob.settings import for_session


def main(launch: Launch) -> int:
    """Run the script; the exit status. The exception that ends it goes to standard error with its traceback."""
    for address in launch["hidden"]:
        print(f"{address} is not visible to Spark here: its key cannot be a file's path", file=sys.stderr)
    time.sleep(launch["delay"])
    sys.argv = launch["argv"]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    try:
        rdd_paths.map_to(Path(launch["buckets"]))
        attach.to_driver(launch["run_id"], for_session(launch["session"]))
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        return _ended(0 if end.code is None else end.code, end, launch["outcome"])
    except BaseException as error:
        traceback.print_exception(error.with_traceback(_in_script(error)))
        return _ended(1, error, launch["outcome"])
    return 0


def _ended(code: int | str, error: BaseException, outcome: str) -> int:
    """The status for the code of sys.exit, which may be a message; the reason of a failure is left for the run."""
    if code == 0:
        return 0
    if isinstance(code, str):
        print(code, file=sys.stderr)
    Path(outcome).write_text(one_line(error))
    return code if isinstance(code, int) else 1


def _in_script(error: BaseException) -> TracebackType | None:
    """The traceback from the script on, without the frames that lead to it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != sys.argv[0]:
        trace = trace.tb_next
    return trace or error.__traceback__
