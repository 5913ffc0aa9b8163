"""What a command says when it cannot do what it was asked to."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError


class OperateError(Exception):
    """The command cannot be done; the message says why and what to do, in one sentence."""


@contextmanager
def told_plainly() -> Iterator[None]:
    """Raise what AWS refuses as an OperateError."""
    try:
        yield
    except NoCredentialsError:
        raise OperateError("there are no AWS credentials; set AWS_PROFILE, or run aws configure") from None
    except NoRegionError:
        raise OperateError("there is no AWS region; set AWS_DEFAULT_REGION, or run aws configure") from None
    except ClientError as error:
        told = error.response["Error"]
        raise OperateError(
            f"{error.operation_name} was refused: {told.get('Message', '')} ({told['Code']})"
        ) from None
    except BotoCoreError as error:
        raise OperateError(str(error)) from None
