"""A fault, and the text that people write it as: `throttle glue:StartJobRun times 2`, `fail job NAME`."""

import re
import sys
from dataclasses import dataclass

FORMS = (
    "throttle SERVICE:ACTION [of TEXT] [times N | call N]",
    "fail SERVICE:ACTION with CODE [of TEXT] [times N | call N]",
    "fail crawl|job|query|ingestion NAME [times N | call N]",
    "slow job NAME by N seconds [times N | call N]",
)
_ACTION = r"(?P<service>[a-z][a-z0-9-]*):(?P<operation>[A-Z]\w*)"
_OF = r"(?: of (?P<of>.+?))?"
_PLACES = r"(?: times (?P<times>[1-9]\d*)| call (?P<call>[1-9]\d*))?"
_PATTERNS = [
    re.compile(pattern + _PLACES, re.DOTALL)
    for pattern in (
        f"throttle {_ACTION}{_OF}",
        rf"fail {_ACTION} with (?P<code>[\w.]+){_OF}",
        r"fail (?P<kind>crawl|job|ingestion) (?P<name>\S+)",
        r"fail (?P<kind>query) (?P<name>.+?)",
        r"slow (?P<kind>job) (?P<name>\S+) by (?P<seconds>[1-9]\d*) seconds?",
    )
]


class FaultError(Exception):
    """A fault that cannot be had; the message says why and what to do."""


@dataclass(kw_only=True)
class Fault:
    """What `text` says. Of the calls or pieces of work that it concerns, counted from 1, it strikes `places`."""

    text: str
    places: range
    met: int = 0
    struck: int = 0

    def strikes(self) -> bool:
        """Count one that it concerns, and say whether it strikes this one."""
        self.met += 1
        strikes = self.met in self.places
        self.struck += strikes
        return strikes

    @property
    def message(self) -> str:
        """What the failure says of itself."""
        return f"{self.text} (an injected fault; python -m localcloud fault clear takes it away)"


@dataclass(kw_only=True)
class ActionFault(Fault):
    """Calls of an API action that contain the text `of` fail with `code`; "" is what the service says to throttle."""

    service: str
    operation: str
    code: str
    of: str


@dataclass(kw_only=True)
class WorkFault(Fault):
    """Work fails though it was started, or begins `seconds` later: of a `kind`, with this name."""

    kind: str
    name: str
    seconds: int

    def concerns(self, kind: str, name: str) -> bool:
        """Whether it is about the work; a query goes by what is in its SQL."""
        return kind == self.kind and (self.name in name if kind == "query" else self.name == name)


def parse(text: str) -> Fault:
    """The fault that `text` describes. Raises FaultError, which shows how faults are written."""
    text = text.strip()
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(text):
            return _fault(text, found.groupdict())
    raise FaultError(f'"{text}" is no fault; write one as {"; ".join(FORMS)}')


def _fault(text: str, words: dict[str, str | None]) -> Fault:
    places = _places(words["times"], words["call"])
    if service := words.get("service"):
        operation, code, of = words["operation"] or "", words.get("code") or "", words["of"] or ""
        return ActionFault(text=text, places=places, service=service, operation=operation, code=code, of=of)
    kind, name, seconds = words["kind"] or "", words["name"] or "", int(words.get("seconds") or 0)
    return WorkFault(text=text, places=places, kind=kind, name=name, seconds=seconds)


def _places(times: str | None, call: str | None) -> range:
    if call:
        return range(int(call), int(call) + 1)
    return range(1, int(times) + 1 if times else sys.maxsize)
