"""Temporary directories that a killed process cannot leave behind for good: the next one to start removes them."""

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_LOCK = ".owner"


@contextlib.contextmanager
def directory(prefix: str, where: Path | None = None) -> Iterator[Path]:
    """A directory in `where`, by default the system's, for as long as the context lasts.

    Those of the same prefix whose owner is dead are removed first.
    """
    for stale in abandoned(prefix, where):
        shutil.rmtree(stale, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory(prefix=prefix, dir=where, ignore_cleanup_errors=True) as name,
        Path(name, "unlocked").open("w") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        Path(name, "unlocked").rename(Path(name, _LOCK))  # by this name it has never been without the lock
        yield Path(name)


def abandoned(prefix: str, where: Path | None = None) -> Iterator[Path]:
    """The directories of a prefix whose owner is dead; nobody else is given one meanwhile.

    A living owner holds a lock, which the system drops when the process ends, however it ends.
    """
    for found in sorted(Path(where or tempfile.gettempdir()).glob(f"{prefix}*/{_LOCK}")):
        with contextlib.suppress(OSError), found.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield found.parent
