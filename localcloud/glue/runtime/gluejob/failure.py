"""An exception as the ErrorMessage of a job run: one line that says what went wrong."""

from typing import Any

from py4j.protocol import Py4JJavaError


def one_line(error: BaseException) -> str:
    """`Type: message`, where errors of Spark give their root cause rather than the call that met it."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error}"
    if isinstance(error, Py4JJavaError):
        return _of_java(error.java_exception)
    origin = getattr(error, "_origin", None)  # pyspark's own copies of Spark's exceptions
    if origin is not None and _root(origin).getClass().getSimpleName() != "PythonException":
        return f"{type(error).__name__}: {_sentence(_root(origin).getMessage() or str(error))}"
    return f"{type(error).__name__}: {_sentence(str(error))}"


def _of_java(exception: Any) -> str:
    root = _root(exception)
    return f"{root.getClass().getSimpleName()}: {_sentence(root.getMessage() or '')}"


def _root(exception: Any) -> Any:
    while exception.getCause() is not None:
        exception = exception.getCause()
    return exception


def _sentence(message: str) -> str:
    """The first line of a message, or the last of the Python traceback it carries."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    if not lines:
        return ""
    if any(line.startswith("Traceback (most recent call last)") for line in lines):
        start = next(n for n, line in enumerate(lines) if line.startswith("Traceback"))
        return next((line for line in lines[start:] if _ends_traceback(line)), lines[-1])
    return lines[0]


def _ends_traceback(line: str) -> bool:
    name, colon, _ = line.partition(":")
    return bool(colon) and name.replace(".", "").replace("_", "").isalnum() and name[0].isalpha()
