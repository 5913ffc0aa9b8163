"""Makes things fail on purpose, to see what becomes of a run: calls of API actions, and work that was started.

`add`, `clear` and `active` work from any process, on the account at the endpoint; the rest is for the account.
"""

from localcloud.faults.actions import read
from localcloud.faults.client import active, add, clear
from localcloud.faults.fault import FORMS, FaultError
from localcloud.faults.injection import InjectedFaultError, on_work, register

__all__ = [
    "FORMS",
    "FaultError",
    "InjectedFaultError",
    "active",
    "add",
    "clear",
    "on_work",
    "read",
    "register",
]
