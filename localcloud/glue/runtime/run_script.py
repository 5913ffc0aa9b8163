"""Runs one Glue script, unmodified, in this process, with pyspark attached to the warm JVM.

Started as `run_script.py launch.json`. The exception that ends the script goes to standard error with its
traceback, and to the file `outcome` as Glue's ErrorMessage: one line.
"""

import json
import runpy
import sys
import traceback
from pathlib import Path
from typing import Any

from gluejob import attach, rdd_paths
from gluejob.failure import one_line
from gluejob.settings import for_session


def main(launch: dict[str, Any]) -> int:
    """Run the script that `launch` describes; the exit status."""
    sys.argv = launch["argv"]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    rdd_paths.map_to(Path(launch["buckets"]))
    try:
        attach.to_driver(launch["run_id"], for_session(launch["session"]))
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        if end.code in (None, 0):
            return 0
        return report(end, launch["outcome"])
    except BaseException as error:
        traceback.print_exception(error.with_traceback(_in_script(error)))
        return report(error, launch["outcome"])
    return 0


def report(error: BaseException, outcome: str) -> int:
    """Leave the reason of a failure for the job run."""
    Path(outcome).write_text(one_line(error))
    return 1


def _in_script(error: BaseException) -> Any:
    """The traceback without the frames of this file and of runpy."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != sys.argv[0]:
        trace = trace.tb_next
    return trace or error.__traceback__


if __name__ == "__main__":
    sys.exit(main(json.loads(Path(sys.argv[1]).read_text())))
