"""What a script may ask of Spark, when its Spark is one session in an application shared by all runs."""

import sys
from collections.abc import Mapping
from typing import Any

# pyspark sets these itself; a name and a master of its own say nothing here.
_OWN = (
    "spark.app.name",
    "spark.master",
    "spark.rdd.compress",
    "spark.serializer.objectStreamReset",
    "spark.submit.",
)
# How large a cluster to take: results do not depend on it.
_CLUSTER = (
    *("spark.executor.", "spark.driver.", "spark.cores.", "spark.task.", "spark.dynamicAllocation."),
    *("spark.network.", "spark.rpc.", "spark.yarn.", "spark.memory.", "spark.storage.", "spark.shuffle."),
)
_APPLICATION = ("spark.sql.extensions", "spark.sql.catalogImplementation")


def asked_for(conf: Any, shared: Any) -> dict[str, str]:
    """The settings of a (Java) SparkConf that differ from those of the shared application."""
    # A line `name=value` for each of them: to go through them one by one takes two hundred calls into the JVM.
    ours = set(shared.toDebugString().splitlines())
    names = {line.partition("=")[0] for line in conf.toDebugString().splitlines() if line not in ours}
    return {name: conf.get(name) for name in names if conf.contains(name) and not name.startswith(_OWN)}


def for_session(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings as a session takes them. Raises ValueError for one that only an application can have."""
    session = {}
    for name, value in settings.items():
        if name.startswith(_CLUSTER):
            print(f"{name} sizes a cluster and has no effect on one machine", file=sys.stderr)
        elif name.startswith("spark.hadoop."):
            session[name.removeprefix("spark.hadoop.")] = value
        elif name in _APPLICATION or (name.startswith("spark.") and not name.startswith("spark.sql.")):
            if not name.startswith(_OWN):
                raise ValueError(
                    f"{name}={value} cannot be set: it belongs to the Spark application, which all job runs share "
                    "here; a run can set spark.sql.* and spark.hadoop.*"
                )
        else:
            session[name] = value
    return session
