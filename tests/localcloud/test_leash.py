"""Processes end when the one that started them is killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.conftest import PROJECT
from tests.localcloud.waiting import until

#: Starts a module that starts a process of its own; prints the ids of the two.
STARTER = """
import subprocess, sys
from localcloud import leash
process = subprocess.Popen([*leash.COMMAND, "sleeper"], stdin=subprocess.PIPE, start_new_session=True)
process.wait()
"""
SLEEPER = """
import os, subprocess, sys
child = subprocess.Popen(["sleep", "60"])
print(os.getpid(), child.pid, sys.argv, sys.stdin.read(), flush=True)
child.wait()
"""
#: Forks a job's process whose script does nothing but wait.
JOB = """
import sys, time
from pathlib import Path
from localcloud.glue.job_process import ForkServer
server = ForkServer()
job, answers = server.fork(Path(sys.argv[1]), 1, 2)
print(job, server._process.pid, flush=True)
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()[:1] not in ("", "Z")


def killed(script: str, *arguments: str, path: Path = PROJECT) -> list[int]:
    """The ids that a process tells of, after it was killed."""
    environment = os.environ | {"PYTHONPATH": f"{PROJECT}{os.pathsep}{path}"}
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        pids = [int(word) for word in starter.stdout.readline().split()[:2]]
        assert all(map(is_running, pids))
        starter.send_signal(signal.SIGKILL)
        starter.wait()
        until(lambda: not any(map(is_running, pids)), seconds=10)
    return pids


def test_a_module_and_what_it_started_end_with_the_starter(tmp_path: Path) -> None:
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    assert len(killed(STARTER, path=tmp_path)) == 2


def test_a_jobs_process_and_the_one_it_was_forked_from_end_with_the_account(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("import time; time.sleep(60)")
    launch = {
        "run_id": "jr_1",
        "argv": [str(tmp_path / "script.py")],
        "environment": dict(os.environ),
        "directory": str(tmp_path),
        "python_path": [],
        "session": {},
        "buckets": str(tmp_path),
        "hidden": [],
        "outcome": str(tmp_path / "outcome"),
    }
    (tmp_path / "launch.json").write_text(json.dumps(launch))
    assert len(killed(JOB, str(tmp_path / "launch.json"))) == 2
