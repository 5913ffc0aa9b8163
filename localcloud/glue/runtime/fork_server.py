"""Forks a process for each job run from one that has imported what jobs import, which is most of a short job's time.

Started as `fork_server.py FD`, a socket. A request is the path of a run's launch.json and three descriptors: a
socket for the answers, and the script's standard output and error. The answers are two numbers of ANSWER_BYTES: the
process id, and when it has ended its exit status, negative for a signal. Ends when the socket does.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import NoReturn

from gluejob.launch import ANSWER_BYTES, Launch

MODULES = (
    "pyspark.sql",
    "awsglue.context",
    "awsglue.job",
    "awsglue.transforms",
    "awsglue.utils",
    "run_script",
)
"""What jobs import, and what runs them."""


def serve(requests: socket.socket) -> None:
    """Take requests until there are no more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, 4096, 3)
        if not request:
            return
        if os.fork() == 0:
            requests.close()
            watch(Path(request.decode()), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def watch(launch: Path, answers: int, output: int, errors: int) -> NoReturn:
    """Fork the job's process, answer for it, and end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    process = os.fork()
    if process == 0:
        os.close(answers)
        leave(become(json.loads(launch.read_text()), output, errors))
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpgid(process, process)  # here too, for whoever reads the answer may signal the group at once
    os.close(output)
    os.close(errors)
    threading.Thread(target=end_with, args=(answers, process), daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        os.write(answers, process.to_bytes(ANSWER_BYTES))
        _, status = os.waitpid(process, 0)
        os.write(answers, os.waitstatus_to_exitcode(status).to_bytes(ANSWER_BYTES, signed=True))
    os._exit(0)


def end_with(answers: int, process: int) -> None:
    """End a job's process, and those it started, when nobody is left to answer to."""
    with contextlib.suppress(ConnectionError):
        os.read(answers, 1)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)


def become(launch: Launch, output: int, errors: int) -> int:
    """Make this process the job's, and run its script."""
    os.setpgid(0, 0)
    for descriptor, standard in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (errors, 2)):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout, sys.stderr = (
        os.fdopen(number, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
        for number in (1, 2)
    )
    os.environ.clear()
    os.environ.update(launch["environment"])
    os.chdir(launch["directory"])
    sys.path[1:1] = launch["python_path"]
    import run_script

    return run_script.main(launch)


def leave(status: int) -> NoReturn:
    """End as the interpreter does, but for taking apart all that was imported: that takes longer than a short job, and
    DuckDB calls what `warm_up` froze a leak."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    gc.collect()  # files that the script left open
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # closed, or nobody reads it any more
            stream.flush()
    os._exit(status)


def warm_up() -> None:
    """Import what jobs import, and load the model of the service that they call, the largest there is."""
    gc.disable()  # all of it stays
    import boto3

    for module in MODULES:
        importlib.import_module(module)
    boto3.client("glue", region_name="us-east-1", aws_access_key_id="-", aws_secret_access_key="-")
    gc.freeze()  # or each process would copy what it looks through
    gc.enable()


if __name__ == "__main__":
    warm_up()
    serve(socket.socket(fileno=int(sys.argv[1])))
    leave(0)
