"""A database as the tests of `awsglue` use it: tables of what they put into a bucket, and jobs that read them."""

import uuid

from tests.localcloud.glue.job_client import Account

SCRIPT = """
import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.job import Job

glueContext = GlueContext(SparkContext())
spark = glueContext.spark_session
catalog = glueContext.create_dynamic_frame.from_catalog

def types(frame):
    print({field.name: field.dataType.simpleString() for field in frame.toDF().schema})

def rows(frame, *order):
    df = frame.toDF() if isinstance(frame, DynamicFrame) else frame
    print([tuple(row.asDict(recursive=True).values()) for row in df.orderBy(*order or df.columns[:1]).collect()])

def refused(call, *arguments, **options):
    try:
        call(*arguments, **options)
    except Exception as error:
        print(f"{type(error).__name__}: {str(error).splitlines()[0]}")
    else:
        print("nothing raised")
"""


class Catalog:
    """A database, and tables in it whose data is in one bucket."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.database = f"db_{uuid.uuid4().hex[:8]}"
        self.bucket = account.bucket()
        account.client("glue").create_database(DatabaseInput={"Name": self.database})

    def table(
        self,
        name: str,
        location: str,
        columns: dict[str, str],
        classification: str = "csv",
        delimiter: str = ";",
        keys: dict[str, str] | None = None,
        parameters: dict[str, str] | None = None,
    ) -> None:
        csv = {"delimiter": delimiter, "skip.header.line.count": "1"} if classification == "csv" else {}
        storage = {
            "Location": f"s3://{self.bucket}/{location}",
            "Columns": _columns(columns),
            "SerdeInfo": {},
        }
        table = {
            "Name": name,
            "StorageDescriptor": storage,
            "PartitionKeys": _columns(keys or {}),
            "Parameters": {"classification": classification} | csv | (parameters or {}),
        }
        self.account.client("glue").create_table(DatabaseName=self.database, TableInput=table)

    def twice(self, location: str, column: str) -> None:
        """A table `twice` that has a column two times."""
        storage = {"Location": f"s3://{self.bucket}/{location}", "Columns": _columns({column: "string"}) * 2}
        table = {"Name": "twice", "StorageDescriptor": storage, "Parameters": {"classification": "csv"}}
        self.account.client("glue").create_table(DatabaseName=self.database, TableInput=table)

    def partition(self, table: str, values: list[str], location: str) -> None:
        partition = {"Values": values, "StorageDescriptor": {"Location": f"s3://{self.bucket}/{location}"}}
        self.account.client("glue").create_partition(
            DatabaseName=self.database, TableName=table, PartitionInput=partition
        )

    def put(self, key: str, body: str) -> None:
        self.account.put(self.bucket, key, body)

    def run(self, script: str) -> list[str]:
        """What `script` printed, by line; it must succeed."""
        return self.account.succeed(self.script(script))

    def script(self, script: str) -> str:
        """A whole job's script: `script` after what it may use."""
        return SCRIPT + f"db, bucket = {self.database!r}, 's3://{self.bucket}'\n" + script


def _columns(types: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": kind} for name, kind in types.items()]
