"""The account's own time: what is waited for in minutes on AWS takes seconds here.

Only waiting is scaled: Wait states, Retry intervals, a queue's visibility timeout.
Time-outs of work (a job's, a task's) are not: the work itself takes real time.
"""

SCALE = 1 / 30
EAGERNESS = 5
"""How much shorter a wait is that comes right after what it waits for has begun."""
MINUTE = 60.0
"""Seconds in a minute of a job's Timeout; tests make it shorter."""


def scaled(seconds: float) -> float:
    """How long `seconds` of waiting on AWS are waited here, in seconds."""
    return seconds * SCALE


def between_looks(seconds: float, elapsed: float) -> float:
    """How long a state machine that has been going for `elapsed` seconds waits where AWS waits for `seconds`.

    What takes a minute there may be done in a tenth of a second here, and then be waited for much longer: so no more
    than a quarter is added to the time that has passed, and work that does take long is not asked after more often.
    """
    longest = scaled(seconds)
    return min(longest, max(longest / EAGERNESS, elapsed / 4))
