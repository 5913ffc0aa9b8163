"""Errors of the service that moto has, but without the code that clients tell them by."""

from moto.stepfunctions.exceptions import AWSError


class InvalidDefinitionError(AWSError):  # type: ignore[misc]
    """The definition is no state machine."""

    TYPE = "InvalidDefinition"


class AccessDeniedError(AWSError):  # type: ignore[misc]
    """The role of a state machine cannot be assumed; the message says why."""

    TYPE = "AccessDeniedException"


class ExecutionNotRedrivableError(AWSError):  # type: ignore[misc]
    """The execution cannot be redriven; the message says why."""

    TYPE = "ExecutionNotRedrivable"


class MockConfigError(AWSError):  # type: ignore[misc]
    """An execution with mocked responses cannot be started; the message says what is wrong in their file."""

    TYPE = "ValidationException"
