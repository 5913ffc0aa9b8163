"""How long it takes from the command until the account listens, Spark's JVM is ready, and the stack is deployed.

`python -m benchmarks.startup PORT` does what `localcloud up` does, and prints each as it comes to be.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError
from benchmarks.processes import Watch
from localcloud import deploy, scratch
from localcloud.account import Account, free_port
from localcloud.deploy import PROJECT

LISTENING, SPARK, DEPLOYED = "listening", "spark", "deployed"


def measure() -> dict[str, Any]:
    """Seconds from the command on, and those of the deployment alone; the CPU seconds and the memory of all of it."""
    command = [sys.executable, "-m", "benchmarks.startup", str(free_port())]
    began, came = time.perf_counter(), {}
    with (
        subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as process,
        Watch(process.pid) as watch,
    ):
        assert process.stdout
        for line in process.stdout:
            came[line.decode().strip()] = time.perf_counter() - began
        watch.wait_for(process)
    if set(came) != {LISTENING, SPARK, DEPLOYED}:
        raise BenchmarkError(f"The account came no further than: {', '.join(came) or 'nothing'}; see above")
    return {
        **{f"until_{what}": seconds for what, seconds in came.items()},
        "deploy": came[DEPLOYED] - came[LISTENING],
        "cpu_seconds": watch.cpu_seconds,
        "memory": watch.memory,
    }


def main() -> None:
    """Start an account, deploy to it, and end it once Spark is there too."""
    with scratch.directory("localcloud-") as directory:
        _start(int(sys.argv[1]), directory)


def _start(port: int, directory: Path) -> None:
    with Account(port, directory) as account:
        print(LISTENING, flush=True)
        spark = threading.Thread(target=_wait_for_spark, args=(account,))
        spark.start()
        deploy.deploy()
        print(DEPLOYED, flush=True)
        spark.join()


def _wait_for_spark(account: Account) -> None:
    account._spark.environment("jr_benchmark", 0)  # which waits until jobs can attach
    print(SPARK, flush=True)


if __name__ == "__main__":
    main()
    os._exit(0)  # the account's threads are still serving, and Python would wait for them
