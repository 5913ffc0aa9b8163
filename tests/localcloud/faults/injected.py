"""What the tests of faults share."""

import uuid
from contextlib import AbstractContextManager

from tests.localcloud.waiting import client_errors

INJECTED = "(an injected fault; python -m localcloud fault clear takes it away)"


def fails(code: str, text: str) -> AbstractContextManager[None]:
    """A block whose call fails with `code` because of the fault `text`."""
    return client_errors(code, f"{text} {INJECTED}")


def new_name() -> str:
    """A name that nothing else in the account has."""
    return f"fault-{uuid.uuid4().hex[:12]}"
