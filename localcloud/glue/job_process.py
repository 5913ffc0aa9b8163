"""The process of one job run, forked from one that has imported what jobs import."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from localcloud.glue import job_logs
from localcloud.glue.runtime.gluejob.launch import ANSWER_BYTES, Launch

RUNTIME = Path(__file__).parent / "runtime"


class ForkServer:
    """Starts the processes of job runs. Ends with this process, however this ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None

    def start(self) -> None:
        """Start unless started; it is ready somewhat later, and requests wait for it."""
        with self._lock:
            self._ensure()

    def fork(self, launch: Path, output: int, errors: int) -> tuple[int, socket.socket]:
        """A process for the run that the file `launch` describes: its id, and where its exit status will come."""
        ours, theirs = socket.socketpair()
        with self._lock:
            requests = self._ensure()
            # One request at a time: on a stream, two could arrive as one.
            socket.send_fds(requests, [str(launch).encode()], [theirs.fileno(), output, errors])
            theirs.close()
            process = _answer(ours)
        if process is None:
            raise ChildProcessError("The process that starts those of jobs has ended")
        return process, ours

    def _ensure(self) -> socket.socket:
        if self._requests is None or self._process is None or self._process.poll() is not None:
            self._requests, theirs = socket.socketpair()
            self._process = subprocess.Popen(
                [sys.executable, str(RUNTIME / "fork_server.py"), str(theirs.fileno())],
                env=os.environ | {"PYTHONPATH": str(RUNTIME)},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            theirs.close()
        return self._requests

    def stop(self) -> None:
        """End; processes that were started go on."""
        with self._lock:
            if self._requests is not None and self._process is not None:
                self._requests.close()
                self._requests = None
                self._process.wait()


def _answer(answers: socket.socket) -> int | None:
    """The next number the fork server's process answers, None where it has ended: no more of the stream is read than
    that, for the next may be there already."""
    received = answers.recv(ANSWER_BYTES)
    return int.from_bytes(received, signed=True) if received else None


class JobProcess:
    """A script that runs in a process of its own; `wait` tells how it ended."""

    def __init__(self, server: ForkServer, launch: Launch) -> None:
        self._outcome = Path(launch["outcome"])
        description = self._outcome.with_name("launch.json")
        description.write_text(json.dumps(launch))
        (output, to_output), (errors, to_errors) = os.pipe(), os.pipe()
        self._pid, self._status = server.fork(description, to_output, to_errors)
        os.close(to_output)
        os.close(to_errors)
        self._logs = [
            job_logs.LogStream(job_logs.OUTPUT, launch["run_id"], os.fdopen(output, "rb")),
            job_logs.LogStream(job_logs.ERROR, launch["run_id"], os.fdopen(errors, "rb")),
        ]

    def wait(self, seconds: float | None) -> str | None:
        """Wait for the end: None when the script succeeded, else why it did not, in one line.

        Raises TimeoutError when it has not ended after `seconds`.
        """
        self._status.settimeout(seconds)
        answer = _answer(self._status)
        code = -signal.SIGKILL if answer is None else answer
        self.kill()  # what the script left running would keep its output open
        for log in self._logs:
            log.finish()
        self._status.close()
        if code < 0:
            return f"The script's process was ended by {signal.Signals(-code).name}"
        if code > 0 and not self._outcome.exists():
            return f"The script's process exited with {code}"
        return self._outcome.read_text() if code else None

    def kill(self) -> None:
        """End the process and those it started, now."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
