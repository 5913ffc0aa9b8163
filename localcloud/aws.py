"""boto3 clients of the account at one endpoint: the only way our services use one another.

A client is that of the caller for whom work is done: a role's session where a component acts as its role, otherwise the
account's own root.
"""

from __future__ import annotations

import contextvars
import functools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

# boto3 itself comes late: in the quarter of a second that it takes to load, the account's Java is on its way.
if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

REGION = "us-east-1"
ACCOUNT_ID = "000000000000"
DEFAULT_ENDPOINT = "http://127.0.0.1:4566"
IN_ONE_PIECE = 64 * 1024 * 1024
"""Bytes below which a file is uploaded whole: parts take twice the time, where no network is what takes it."""


def endpoint() -> str:
    """The endpoint of the account, from AWS_ENDPOINT_URL."""
    return os.environ.get("AWS_ENDPOINT_URL", DEFAULT_ENDPOINT)


@dataclass(frozen=True)
class Credentials:
    """Those of whoever calls; by default the root's."""

    access_key_id: str = "test"
    secret_access_key: str = "test"
    session_token: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """As boto3 and the `aws` command read them."""
        keys = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}
        return keys | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})


class UploadError(Exception):
    """A file was not taken; the message says which, and why."""


Answer = Callable[[str, "AWSPreparedRequest"], "AWSResponse | None"]
"""Answers a request to a service, which it is told the signing name of; None where it does not."""

ROOT = Credentials()
_caller: contextvars.ContextVar[Credentials] = contextvars.ContextVar("caller", default=ROOT)
_creating = threading.Lock()
_answer: Answer | None = None


def caller() -> Credentials:
    """Of whom this context does work for; a thread has a context of its own, unless it is given a copy."""
    return _caller.get()


@contextmanager
def acting_as(credentials: Credentials) -> Iterator[None]:
    """A block whose clients call with the credentials."""
    token = _caller.set(credentials)
    try:
        yield
    finally:
        _caller.reset(token)


def client(service: str) -> Any:
    """The caller's client of `service` at the endpoint; clients are thread-safe and shared."""
    with _creating:  # or many threads would each load the service's model, which takes seconds for some
        return _client(service, _caller.get())


def answer_with(answer: Answer) -> None:
    """Ask `answer` from now on, before a request of this process takes a connection to the endpoint."""
    global _answer
    _answer = answer


def upload(file: Path, bucket: str, key: str) -> None:
    """Upload a file as the caller. Raises UploadError."""
    from boto3.exceptions import S3UploadFailedError
    from boto3.s3.transfer import TransferConfig

    try:
        config = TransferConfig(multipart_threshold=IN_ONE_PIECE)
        client("s3").upload_file(str(file), bucket, key, Config=config)
    except S3UploadFailedError as error:
        raise UploadError(str(error)) from None


@functools.cache
def _client(service: str, credentials: Credentials) -> Any:
    import boto3
    from botocore.config import Config

    create: Any = boto3.client  # its overloads want the name of a service, not a string
    made = create(
        service,
        endpoint_url=endpoint(),
        region_name=REGION,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token,
        config=Config(
            max_pool_connections=50,
            # The account answers at once or means what it says; retries would only hide it.
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
        ),
    )
    made.meta.events.register(
        "before-send", functools.partial(_answered, made.meta.service_model.signing_name)
    )
    return made


def _answered(service: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
    return _answer(service, request) if _answer else None
