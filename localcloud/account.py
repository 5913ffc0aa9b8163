"""The account: MiniStack with our services registered in it, served on one loopback port."""

import logging
import os
import socket
import tempfile
import threading
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Self

from charts.engine import Engines
from localcloud import aws, garbage
from localcloud.glue.spark import SparkDriver

_OVER_TLS = (b"x-forwarded-proto", b"https")
_BACKLOG = 100
"""Connections that may wait to be accepted."""


class PortInUseError(Exception):
    """The port the account should listen on is taken."""


class Account(AbstractContextManager["Account"]):
    """A running account, with nothing in it at first and nothing left of it afterwards.

    It listens from the start; the first requests wait until it is loaded. One in a process: MiniStack keeps its state
    in its modules. Its files are in `directory`. Raises PortInUseError.
    """

    def __init__(self, port: int, directory: Path) -> None:
        self.port, self.directory, self._engines = port, directory, Engines()

    def __enter__(self) -> Self:
        self._listening = _listen(self.port)
        os.environ |= _environment(self.port, self.directory)
        # An execution's errors are in its history; moto would print each with the whole state machine.
        logging.getLogger("moto").setLevel(logging.CRITICAL)
        tempfile.tempdir = str(self.directory)  # MiniStack leaves the code of functions there
        self._spark = SparkDriver(self.directory / "spark")
        threading.Thread(target=self._spark.start, name="spark", daemon=True).start()
        threading.Thread(target=self._serve, name="account", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        # The server's thread ends with the process, which has no other account to serve; what is still going on in
        # it fails from here on, and that is nobody's concern.
        logging.disable()
        self._spark.stop()
        self._engines.stop()

    def _serve(self) -> None:
        """Load what there is and answer; whoever waits for an account that cannot be loaded is told by the reset."""
        with self._listening:
            with garbage.left_alone():
                _register(self._spark, self._engines, self.directory)
            threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
            self._answer()

    def _answer(self) -> None:
        import uvicorn
        from ministack.app import app

        config = uvicorn.Config(
            _as_over_tls(app),
            http="httptools",
            proxy_headers=False,
            log_level="warning",
            access_log=False,
            # A connection closed while a request is on its way is an error that no service of AWS's makes.
            timeout_keep_alive=86_400,
            # Services have their own.
            date_header=False,
            server_header=False,
        )
        uvicorn.Server(config).run(sockets=[self._listening])


def _as_over_tls(app: Any) -> Any:
    """The app, told that requests come over TLS: policies deny what does not, and nobody listens in on the loopback."""

    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await app({**scope, "headers": [*scope.get("headers", []), _OVER_TLS]}, receive, send)

    return serve


def _environment(port: int, directory: Path) -> dict[str, str]:
    """What MiniStack, moto and the functions they run read from the environment."""
    return {
        **aws.ROOT.environment,
        "AUTH": "true",
        "AWS_DEFAULT_REGION": aws.REGION,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "ERROR"),
        "MINISTACK_ACCOUNT_ID": aws.ACCOUNT_ID,
        "MINISTACK_REGION": aws.REGION,
        "S3_DATA_DIR": str(directory / "s3"),
        "S3_PERSIST": "1",
        "SFTP_ENABLED": "0",
    }


def _register(driver: SparkDriver, engines: Engines, directory: Path) -> None:
    """Put our services in front of MiniStack's.

    Imports are late because MiniStack reads its environment when it is imported.
    """
    from ministack.app import SERVICE_HANDLERS
    from ministack.core.router import SERVICE_PATTERNS
    from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

    from localcloud import (
        athena,
        cloudformation,
        drawing,
        event_source,
        faults,
        iam,
        large_objects,
        own_requests,
        quicksight,
        uploads,
    )
    from localcloud.glue import crawler, jobs
    from localcloud.quicksight import rows
    from localcloud.service import json_service
    from localcloud.stepfunctions import cloudformation as state_machine
    from localcloud.stepfunctions import service as stepfunctions

    glue = crawler.crawler_operations() | jobs.job_operations(driver)
    SERVICE_HANDLERS["states"] = stepfunctions.handle
    SERVICE_HANDLERS["glue"] = json_service(glue, SERVICE_HANDLERS["glue"])
    SERVICE_HANDLERS["athena"] = json_service(athena.athena_operations(), SERVICE_HANDLERS["athena"])
    # Known by name, QuickSight's first request need not wait until botocore's models of all services are read.
    SERVICE_PATTERNS["quicksight"] = {"host_patterns": [r"^quicksight\."]}
    SERVICE_HANDLERS["quicksight"] = quicksight.quicksight_handler(directory)
    large_objects.register(SERVICE_HANDLERS)
    uploads.register()
    iam.register(SERVICE_HANDLERS)  # after all services, to be in front of them
    faults.register(SERVICE_HANDLERS, SERVICE_PATTERNS)
    own = iam.operations() | rows.OPERATIONS | uploads.OPERATIONS | drawing.operations(engines)
    SERVICE_HANDLERS["localcloud"] = json_service(own, SERVICE_HANDLERS["localcloud"])
    _RESOURCE_HANDLERS.update(
        cloudformation.resource_handlers() | event_source.HANDLERS | state_machine.HANDLERS
    )
    aws.answer_with(own_requests.answer)


def _warm_up() -> None:
    """Load what the first use of a service would wait for, while the stack is being deployed."""
    with garbage.left_alone():
        from localcloud.athena import engine
        from localcloud.rest import routes

        for service in ("sqs", "lambda", "stepfunctions", "glue", "s3", "logs", "athena", "quicksight"):
            aws.client(service)
        routes("quicksight")
        engine.session()


def _listen(port: int) -> socket.socket:
    """The socket of the account's endpoint. Raises PortInUseError."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise PortInUseError(
            f"port {port} is taken, perhaps by another localcloud; end that one or choose another with --port"
        ) from error
    return listening


def is_listening(port: int) -> bool:
    """Whether an account listens on the port, though it may still be loading."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
