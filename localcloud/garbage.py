"""When Python looks for garbage: in the account's process, and in those that deploy to it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

ALLOCATIONS = 50_000
"""After so many, not after 700."""


@contextmanager
def left_alone() -> Iterator[None]:
    """A block that loads what stays: nothing is looked through in it, and afterwards nothing that is there by then.

    All of it takes a quarter of a second, which a first run would spend several times.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(ALLOCATIONS)
        gc.enable()
