"""Opens the console of a stack on a port of this machine."""

import asyncio
import socket
import threading
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from console.account import Account
from console.server import application
from operate.errors import OperateError
from operate.stack import Clients, Stack, outputs_of

PORT = 4580


def open_console(client: Clients, stack_name: str, port: int) -> None:
    """Serve the console of the stack until it is interrupted. Raises OperateError where it cannot be."""
    client = shared(client)
    stack, outputs = Stack.find(client, stack_name), outputs_of(client, stack_name)
    _require_free(port)
    app = application(Account(stack, outputs, stack_name))
    print(f"The console is at http://127.0.0.1:{port}; Ctrl-C ends it", flush=True)
    asyncio.run(_serve(app, port))


def shared(create: Clients) -> Clients:
    """Clients that are created once, by one thread at a time, as boto3's default session wants it."""
    creating, created = threading.Lock(), dict[str, Any]()

    def client(service: str) -> Any:
        with creating:
            if service not in created:
                created[service] = create(service)
            return created[service]

    return client


async def _serve(app: Any, port: int) -> None:
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.loglevel = "WARNING"
    await serve(app, config, shutdown_trigger=asyncio.Event().wait)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise OperateError(f"port {port} is taken; choose another for the console")
