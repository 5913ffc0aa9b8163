"""`sc.textFile("s3://bucket/key")` and its like: RDDs take their file systems from the shared application, which
knows no run's buckets, so their addresses become paths before the JVM sees them."""

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyspark import RDD, SparkContext

_METHODS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (
        SparkContext,
        (
            *("textFile", "wholeTextFiles", "binaryFiles", "binaryRecords", "pickleFile", "sequenceFile"),
            *("hadoopFile", "newAPIHadoopFile"),
        ),
    ),
    (
        RDD,
        (
            "saveAsTextFile",
            "saveAsPickleFile",
            "saveAsSequenceFile",
            "saveAsHadoopFile",
            "saveAsNewAPIHadoopFile",
        ),
    ),
)
_ADDRESS = re.compile(r"s3[an]?://([^/,]+)")


def map_to(buckets: Path) -> None:
    """Let the methods of RDDs and contexts that take a path take `s3://` for the directories in `buckets`."""
    for owner, names in _METHODS:
        for name in names:
            setattr(owner, name, _mapped(getattr(owner, name), buckets))


def _mapped(method: Callable[..., Any], buckets: Path) -> Callable[..., Any]:
    def local(address: str) -> str:
        return _ADDRESS.sub(lambda found: (buckets / found[1]).as_uri(), address)

    @functools.wraps(method)
    def call(self: Any, path: str, *arguments: Any, **options: Any) -> Any:
        return method(self, local(path), *arguments, **options)

    return call
