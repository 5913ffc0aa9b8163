"""What Spark sees of S3 in a run, and what S3 has of a run's writes afterwards."""

from pathlib import Path

import pytest

from tests.localcloud.glue.job_client import Account

SPARK = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
sc = spark.sparkContext
"""


def stored(account: Account, bucket: str, key: str) -> tuple[int, int, bytes]:
    """The file in which S3 keeps an object: its inode, the time of its last change, its content."""
    file = account.directory / "s3" / "000000000000" / bucket / key
    return file.stat().st_ino, file.stat().st_mtime_ns, file.read_bytes()


def test_every_way_of_writing_leaves_the_originals_alone(account: Account) -> None:
    """Overwriting, appending, and RDDs; what is not written to keeps its very file."""
    keep = {
        "in/a.csv": "x\n1\n",
        "in/b.json": '{"x": 1}\n',
        "out/csv/old.csv": "x\n1\n",
        "out/json/old.json": "{}",
    }
    bucket = account.bucket(**keep, **{"out/json/_SUCCESS": b"", "out/marked/_SUCCESS": b"not empty"})
    before = {key: stored(account, bucket, key) for key in keep}
    marker = account.directory / "held"
    marker.hardlink_to(account.directory / "s3" / "000000000000" / bucket / "out/csv/old.csv")
    script = SPARK + (
        f'rows = spark.read.csv("s3://{bucket}/in/a.csv", header=True)\n'
        f'rows.write.mode("overwrite").csv("s3://{bucket}/out/csv")\n'
        f'rows.write.mode("append").json("s3a://{bucket}/out/json")\n'
        f'rows.selectExpr("x", "x y").write.partitionBy("x").parquet("s3n://{bucket}/out/parquet")\n'
        f'sc.textFile("s3://{bucket}/in/a.csv").saveAsTextFile("s3://{bucket}/out/text")\n'
        f'print(sc.wholeTextFiles("s3://{bucket}/in").count(), spark.read.text("s3://{bucket}/out/text").count())\n'
    )
    assert account.succeed(script) == ["2 2"]
    after = account.objects(bucket)
    kept = [key for key in keep if key != "out/csv/old.csv"]
    assert {key: stored(account, bucket, key) for key in kept} == {key: before[key] for key in kept}
    assert "out/csv/old.csv" not in after
    assert marker.read_bytes() == b"x\n1\n", "the original was changed in place"
    folders = sorted({str(Path(key).parent) for key in after})
    assert folders == [
        "in",
        "out/csv",
        "out/json",
        "out/marked",
        "out/parquet",
        "out/parquet/x=1",
        "out/text",
    ]
    assert not [key for key in after if key.endswith(".crc") or "_temporary" in key]
    assert after["out/marked/_SUCCESS"] == b"not empty"
    assert b"".join(body for key, body in after.items() if key.startswith("out/text/part")) == b"x\n1\n"


def test_what_a_failed_run_wrote_stays_written(account: Account) -> None:
    bucket = account.bucket(**{"old/a.json": "{}\n"})
    run = account.run(
        SPARK + f'spark.range(1).write.mode("overwrite").json("s3://{bucket}/old")\nraise ValueError("x")'
    )
    assert run["JobRunState"] == "FAILED"
    assert b"".join(account.objects(bucket).values()) == b'{"id":0}\n'
    assert "old/a.json" not in account.objects(bucket)


def test_a_write_that_fails_leaves_nothing(account: Account) -> None:
    bucket = account.bucket(**{"a": "1"})
    script = f"""spark.sql("select raise_error('no') v from range(10)").write.json("s3://{bucket}/out")"""
    assert account.run(SPARK + script)["JobRunState"] == "FAILED"
    assert account.objects(bucket) == {"a": b"1"}


def test_keys_that_cannot_be_files_are_kept_and_named(account: Account) -> None:
    odd = {"a": "1", "a/b": "2", "a//c": "3", "../d": "4", "e/./f": "5", "/g": "6", "h" * 300: "7"}
    good = {
        "folder/": "",
        "mark": "",
        "mark/": "",
        "ü +%&.txt": "8",
        "_temporary/x": "9",
        "in/.y.crc": "10",
        "z.meta.json": "11",
    }
    bucket = account.bucket(**odd, **good)
    run = account.run(
        SPARK + f'print(list(sc.binaryFiles("s3://{bucket}/ü +%&.txt").values().collect()))\n'
        f'spark.range(1).write.json("s3://{bucket}/out")\n'
        f'print(spark.read.text("s3://{bucket}/a/b").first()[0])'
    )
    assert run["JobRunState"] == "SUCCEEDED", run["ErrorMessage"]
    assert account.log(run) == ["[b'8']", "2"]
    hidden = [
        line.partition(" is not visible")[0] for line in account.log(run, "error") if "not visible" in line
    ]
    assert sorted(hidden) == sorted(
        f"s3://{bucket}/{key}" for key in ("a", "a//c", "../d", "e/./f", "/g", "h" * 300, "mark")
    )
    after = account.objects(bucket)
    assert {key: body for key, body in after.items() if not key.startswith("out/")} == {
        key: body.encode() for key, body in (odd | good).items()
    }


def test_a_bucket_whose_name_begins_with_another_and_a_dot(account: Account) -> None:
    """Hadoop cannot tell the two apart: the shorter works, the longer fails."""
    bucket = account.bucket(x="1\n")
    account.client("s3").create_bucket(Bucket=f"{bucket}.more")
    assert account.succeed(SPARK + f'print(spark.read.text("s3://{bucket}/x").first()[0])') == ["1"]
    run = account.run(SPARK + f'spark.read.text("s3://{bucket}.more/x").count()')
    assert "s3://" + bucket + ".more" in run["ErrorMessage"]


@pytest.fixture
def shut(account: Account) -> tuple[str, str]:
    """A bucket, and a role that may do everything but get what is in its folder `shut`."""
    bucket = account.bucket(**{"open/a.csv": "x\n1\n", "shut/b.csv": "x\n2\n"})
    return bucket, account.role_without(
        {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/shut/*"}
    )


SHUT = ("shut/b.csv", "shut/c.csv", "shut/deep/d.csv", "shut/deep/er/e.csv")


@pytest.fixture
def unlisted(account: Account) -> tuple[str, str]:
    """A bucket, and a role that may do everything but list its folder `shut`."""
    bucket = account.bucket(**dict.fromkeys(("open/a.csv", *SHUT), "x\n2\n"))
    return bucket, account.role_without_listing(bucket, StringLike={"s3:prefix": "shut/*"})


@pytest.mark.parametrize(
    "use",
    [
        'spark.read.csv("s3://{bucket}/shut").count()',
        'spark.read.json("s3://{bucket}/shut", recursiveFileLookup=True).count()',
        'spark.read.text("s3://{bucket}/shut/b.csv").count()',
        'spark.range(3).write.mode("overwrite").csv("s3://{bucket}/shut")',
    ],
)
def test_what_the_role_may_not_get_can_be_neither_read_nor_replaced(
    account: Account, shut: tuple[str, str], use: str
) -> None:
    bucket, role = shut
    run = account.run(SPARK + use.format(bucket=bucket), Role=role)

    assert run["JobRunState"] == "FAILED"
    assert f"perform: s3:GetObject on resource: arn:aws:s3:::{bucket}/shut/b.csv" in run["ErrorMessage"]
    assert set(account.objects(bucket)) == {"open/a.csv", "shut/b.csv"}


def test_what_the_role_may_get_is_read_beside_what_it_may_not(
    account: Account, shut: tuple[str, str]
) -> None:
    bucket, role = shut
    script = SPARK + f'print(spark.read.csv("s3://{bucket}/open").count())'

    assert account.succeed(script, Role=role)[-1] == "2"


@pytest.mark.parametrize(
    "use",
    [
        'spark.read.csv("s3://{bucket}/shut").count()',
        'spark.read.text("s3://{bucket}/shut/b.csv").count()',
        'spark.read.csv("s3://{bucket}/shut/deep").count()',
        'spark.read.text("s3://{bucket}/shut/deep/er/e.csv").count()',
        'spark.range(3).write.mode("overwrite").csv("s3://{bucket}/shut")',
        'spark.range(3).write.mode("overwrite").csv("s3://{bucket}/shut/deep/er")',
    ],
)
def test_what_the_role_may_not_list_can_be_neither_read_nor_replaced(
    account: Account, unlisted: tuple[str, str], use: str
) -> None:
    bucket, role = unlisted
    run = account.run(SPARK + use.format(bucket=bucket), Role=role)

    assert run["JobRunState"] == "FAILED"
    assert f"perform: s3:ListBucket on resource: arn:aws:s3:::{bucket}" in run["ErrorMessage"]
    assert set(account.objects(bucket)) == {"open/a.csv", *SHUT}


def test_what_the_role_may_not_list_is_not_laid_out(account: Account, unlisted: tuple[str, str]) -> None:
    """However much it is, nor the folders in it: each run would take longer than those whose results are there."""
    bucket, role = unlisted
    script = (
        SPARK
        + f"""
from pathlib import Path
root = Path(spark.conf.get("fs.viewfs.mounttable.{bucket}.linkFallback").partition("://")[2])
print(sorted(str(file.relative_to(root)) for file in root.rglob("*")))
"""
    )
    laid_out = ["open", "open/a.csv", "shut", "shut/AccessDenied.gz"]
    assert account.succeed(script, Role=role) == [str(laid_out)]


def test_what_the_role_may_list_in_a_folder_that_it_may_not(account: Account) -> None:
    bucket = account.bucket(**dict.fromkeys(SHUT, "x\n2\n"))
    role = account.role_without_listing(bucket, StringNotLike={"s3:prefix": "shut/deep/*"})

    read = account.succeed(SPARK + f'print(spark.read.csv("s3://{bucket}/shut/deep").count())', Role=role)
    whole, none = (
        account.run(SPARK + f'spark.read.csv("s3://{bucket}/{folder}").count()', Role=role)["ErrorMessage"]
        for folder in ("shut", "shut/deep/none")
    )

    assert read == ["2"]
    assert f"perform: s3:ListBucket on resource: arn:aws:s3:::{bucket}" in whole
    assert "Path does not exist" in none
    assert "not authorized" not in none
