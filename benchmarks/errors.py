"""What a benchmark cannot go on with."""


class BenchmarkError(Exception):
    """Something could not be measured; the message says what, and what to do."""
