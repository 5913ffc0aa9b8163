"""What the server lets through, and to whom."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Message

from console.server import application
from operate.errors import OperateError

OWN = "127.0.0.1:4580"


class Account:
    """An account whose runs can be redriven, and counted."""

    def __init__(self) -> None:
        self.redriven: list[str] = []
        self.tables = SimpleNamespace(checks=self.checks, catalog=list)
        self.results = SimpleNamespace(view=dict)

    def runs(self) -> list[str]:
        return ["run-000001"]

    def execution(self, arn: str, selection: dict[str, int], after: str) -> dict[str, Any] | None:
        return None if after == "7" else {"arn": arn, "selection": selection}

    def redrive(self, name: str) -> None:
        self.redriven.append(name)

    def checks(self) -> None:
        raise OperateError("Athena query 1 failed: it did")


def ask(account: Account, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    """The status, headers and text that a request is answered with."""
    path, _, query = path.partition("?")
    headers = {"host": OWN, **headers}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": "",
        "scheme": "http",
        "query_string": query.encode(),
        "server": ("127.0.0.1", 4580),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    received: list[Message] = []
    sent: list[Message] = []

    async def receive() -> Message:
        if received:
            await asyncio.Event().wait()
        received.append({"type": "http.request", "body": b""})
        return received[0]

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(application(account)(scope, receive, send))  # type: ignore[arg-type]
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:]).decode()


def test_every_answer_forbids_what_the_page_does_not_need() -> None:
    for path in ("/", "/api/runs", "/static/js/main.js"):
        status, headers, _ = ask(Account(), path)
        assert (status, headers["content-security-policy"].split(";")[0]) == (200, "default-src 'self'")


@pytest.mark.parametrize("path", ["/", "/api/runs", "/static/js/main.js"])
def test_a_name_of_somebody_else_is_refused(path: str) -> None:
    assert ask(Account(), path, host="evil.example")[0] == 400


@pytest.mark.parametrize("origin", [{}, {"origin": "http://evil.example"}, {"origin": "null"}])
def test_no_other_page_redrives(origin: dict[str, str]) -> None:
    account = Account()
    status, _, text = ask(account, "/api/redrive?run=run-000001", "POST", **origin)
    assert (status, account.redriven) == (409, [])
    assert "from the console's own page only" in text


def test_the_own_page_redrives_and_only_by_post() -> None:
    account = Account()
    assert ask(account, "/api/redrive?run=run-000001")[0] == 405
    assert ask(account, "/api/redrive?run=run-000001", "POST", origin=f"http://{OWN}")[0] == 200
    assert account.redriven == ["run-000001"]


def test_what_is_not_new_has_no_body() -> None:
    assert ask(Account(), "/api/execution?arn=a&after=7")[::2] == (204, "")
    _, _, text = ask(Account(), "/api/execution?arn=a&item=Each:3&item=Other:0")
    assert text == '{"arn":"a","selection":{"Each":3,"Other":0}}'


@pytest.mark.parametrize("question", ["execution", "execution?arn=a&item=Each:x", "state?arn=a"])
def test_a_question_that_is_incomplete_is_refused(question: str) -> None:
    assert ask(Account(), f"/api/{question}")[0] == 400


def test_an_error_is_told_in_its_sentence() -> None:
    assert ask(Account(), "/api/checks")[::2] == (409, '{"error":"Athena query 1 failed: it did"}')
