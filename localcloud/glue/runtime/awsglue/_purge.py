"""Deleting what is below a path, where Spark sees it."""

import time

from pyspark.sql import SparkSession


def delete_below(spark: SparkSession, path: str, hours: float) -> None:
    """Delete the files below `path` that were last changed `hours` ago or longer."""
    jvm = spark._jvm
    assert jvm is not None
    directory = jvm.org.apache.hadoop.fs.Path(path)
    system = directory.getFileSystem(spark._jsparkSession.sessionState().newHadoopConf())
    if not system.exists(directory):
        return
    latest = (time.time() - hours * 3600) * 1000
    files = system.listFiles(directory, True)
    while files.hasNext():
        status = files.next()
        if status.getModificationTime() <= latest:
            system.delete(status.getPath(), False)
