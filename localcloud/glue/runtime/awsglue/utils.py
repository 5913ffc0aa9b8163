"""The arguments of a job (awsglue.utils)."""

import argparse
from collections.abc import Iterable
from typing import Any, NoReturn

from awsglue._unsupported import missing_from

_BOOKMARK = ("job-bookmark-enable", "job-bookmark-pause", "job-bookmark-disable")
_CONTINUATION = ("continuation-enabled", "continuation-readonly", "continuation-ignore")
_RESERVED = (
    *("job-bookmark-option", "continuation-option", "job-bookmark-from", "job-bookmark-to"),
    *("JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION", "encryption-type"),
)
_TEMPORARY = ("TempDir", "RedshiftTempDir")


class GlueArgumentError(Exception):
    """The arguments of the run lack a required one, or one of them is malformed."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise GlueArgumentError(message)


def getResolvedOptions(args: list[str], options: Iterable[str]) -> dict[str, Any]:  # noqa: N802
    """The values of `options` in `args` (sys.argv), each of which must be there: `--name value` or `--name=value`.

    Glue's own arguments (JOB_ID, JOB_RUN_ID, TempDir ...) are added, as None where they were not given. As
    argparse has it, a `-` in a name becomes `_`, and an unambiguous beginning of a name stands for it. Raises
    GlueArgumentError for a missing option, RuntimeError where `options` names a reserved one.
    """
    names = list(options)
    for name in _RESERVED:
        if name in names:
            raise RuntimeError(f"Using reserved arguments {name}")
    parsed = vars(_parser(names).parse_known_args(args[1:])[0])
    directory = parsed["TempDir"] or parsed["RedshiftTempDir"]
    bookmark = _bookmark(parsed.pop("continuation_option"), parsed["job_bookmark_option"])
    return parsed | {"TempDir": directory, "RedshiftTempDir": directory, "job_bookmark_option": bookmark}


def _parser(names: list[str]) -> argparse.ArgumentParser:
    parser = _Parser()
    choices = {
        "job-bookmark-option": _BOOKMARK,
        "continuation-option": _CONTINUATION,
        "encryption-type": ("sse-s3",),
    }
    for name in (*_RESERVED, *_TEMPORARY):
        parser.add_argument(f"--{name}", choices=choices.get(name))
    for name in names:
        if name not in _TEMPORARY:
            parser.add_argument(f"--{name}", required=True)
    return parser


def _bookmark(continuation: str | None, bookmark: str | None) -> str:
    """The bookmark option, which an older script may have been given under its former name."""
    if bookmark is None and continuation is not None:
        return _BOOKMARK[_CONTINUATION.index(continuation)]
    return bookmark or "job-bookmark-disable"


__getattr__ = missing_from(__name__)
