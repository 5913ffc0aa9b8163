"""Serves the page and what it asks for, to this machine alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from charts import bundle
from console.account import Account
from operate.errors import OperateError, told_plainly

STATIC = Path(__file__).parent / "static"
HOSTS = ["127.0.0.1", "localhost"]
"""Names that a page of another origin cannot have made to lead here (DNS rebinding)."""
HEADERS = {
    b"content-security-policy": b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-cache",
}


def application(account: Account) -> Starlette:
    """The console of an account."""
    routes = [
        Route("/", lambda request: FileResponse(STATIC / "index.html")),
        Route(
            "/static/vendor/vega.js",
            lambda request: Response(bundle.javascript(), media_type="text/javascript"),
        ),
        Mount("/static", StaticFiles(directory=STATIC)),
        *(Route(f"/api/{name}", _answer(ask, account)) for name, ask in QUESTIONS.items()),
        Route("/api/redrive", _answer(_redrive, account), methods=["POST"]),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS), Middleware(_Headers)],
    )


def _execution(account: Account, request: Request) -> Any:
    after = request.query_params.get("after", "")
    return account.execution(_asked(request, "arn"), _selection(request), after)


def _state(account: Account, request: Request) -> Any:
    arn, name = _asked(request, "arn"), _asked(request, "name")
    return account.state(arn, name, _selection(request))


def _redrive(account: Account, request: Request) -> Any:
    if request.headers.get("origin") != f"{request.url.scheme}://{request.headers['host']}":
        raise OperateError("a run is redriven from the console's own page only")
    account.redrive(_asked(request, "run"))
    return {}


QUESTIONS: dict[str, Callable[[Account, Request], Any]] = {
    "about": lambda account, request: account.about(),
    "runs": lambda account, request: account.runs(),
    "execution": _execution,
    "state": _state,
    "results": lambda account, request: account.results.view(),
    "checks": lambda account, request: account.tables.checks(),
    "catalog": lambda account, request: account.tables.catalog(),
}


def _asked(request: Request, name: str) -> str:
    """A parameter of the request. Raises HTTPException where it has none."""
    if name not in request.query_params:
        raise HTTPException(400, f"the request has no {name}")
    return str(request.query_params[name])


def _selection(request: Request) -> dict[str, int]:
    """The items that are selected, each as NAME:INDEX. Raises HTTPException."""
    items = [item.rpartition(":") for item in request.query_params.getlist("item")]
    if not all(index.isdecimal() for _, _, index in items):
        raise HTTPException(400, "an item is written as NAME:INDEX")
    return {name: int(index) for name, _, index in items}


def _answer(ask: Callable[[Account, Request], Any], account: Account) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        try:
            with told_plainly():
                told = ask(account, request)
        except OperateError as error:
            return JSONResponse({"error": str(error)}, status_code=409)
        return Response(status_code=204) if told is None else JSONResponse(told)

    return answer


class _Headers:
    """Adds to every answer what the browser is to refuse."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS.items()]
            await send(message)

        await self._app(scope, receive, sent)
