"""What is not drawn."""


class NotDrawnError(Exception):
    """A visual, or something in one that changes its numbers, is not known here; the message names it."""
