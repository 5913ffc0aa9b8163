"""Opens the console of a stack on a port of this machine."""

import contextlib
import socket
import threading
from typing import Any

from charts import bundle
from operate.errors import OperateError
from operate.stack import Clients, Stack, outputs_of

PORT = 4580


def start(client: Clients, stack_name: str, port: int) -> str:
    """Serve the console of the stack while the process lasts, and return its address.

    Raises OperateError where it cannot be served.
    """
    from console.account import Account  # late: most commands open no console
    from console.server import application

    client = shared(client)
    stack, outputs = Stack.find(client, stack_name), outputs_of(client, stack_name)
    bound = _bind(port)
    app = application(Account(stack, outputs, stack_name))
    # Making it takes seconds, for which the page with the first charts would wait.
    threading.Thread(target=bundle.javascript, name="bundle", daemon=True).start()
    threading.Thread(target=_serve, args=(app, bound), name="console", daemon=True).start()
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


def wait_for_interrupt() -> None:
    """Return at Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()


def shared(create: Clients) -> Clients:
    """Clients that are created once, by one thread at a time, as boto3's default session wants it."""
    creating, created = threading.Lock(), dict[str, Any]()

    def client(service: str) -> Any:
        with creating:
            if service not in created:
                created[service] = create(service)
            return created[service]

    return client


def _serve(app: Any, bound: socket.socket) -> None:
    import uvicorn

    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[bound])


def _bind(port: int) -> socket.socket:
    """The loopback interface's port, any that is free where it is 0: whoever asks from now on is answered."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except OSError:
        raise OperateError(f"port {port} is taken; choose another for the console") from None
    bound.listen()
    return bound
