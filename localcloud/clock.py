"""The account's own time: what is waited for in minutes on AWS takes seconds here.

Only waiting is scaled: Wait states, Retry intervals, a queue's visibility timeout.
Time-outs of work (a job's, a task's) are not: the work itself takes real time.
"""

SCALE = 1 / 30
MINUTE = 60.0
"""Seconds in a minute of a job's Timeout; tests make it shorter."""


def scaled(seconds: float) -> float:
    """How long `seconds` of waiting on AWS are waited here, in seconds."""
    return seconds * SCALE
