"""How often Python looks for garbage: in the account's process, and in those that deploy to it."""

import gc

ALLOCATIONS = 50_000
"""After so many, not after 700: what is loaded stays, and looking it through takes a tenth of a second each time, ten
times in a first run."""


def look_less_often() -> None:
    """In this process, from now on."""
    gc.set_threshold(ALLOCATIONS)
