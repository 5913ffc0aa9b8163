"""What a job's process is started with; it is handed over as launch.json."""

from typing import TypedDict

CELLS_SHARED = "fs.localcloud.cells.shared"
CELLS_OWN = "fs.localcloud.cells.own"
"""Settings of a session: where the cells of CSV files are kept for all runs, and where for the run alone."""
ANSWER_BYTES = 4
"""Of each of the two numbers that come back: the process id and, when it has ended, the exit status."""


class Launch(TypedDict):
    """One run's script and what is its own of the account and of Spark."""

    run_id: str
    delay: int
    """Seconds before the script begins."""
    argv: list[str]
    environment: dict[str, str]
    directory: str
    python_path: list[str]
    """Where the script's imports are, before anything else."""
    session: dict[str, str]
    """Settings of the run's Spark session."""
    buckets: str
    """The directory that holds a directory for each bucket."""
    hidden: list[str]
    """Addresses of objects that Spark does not see."""
    outcome: str
    """The file for the reason of a failure: the run's ErrorMessage, one line."""
