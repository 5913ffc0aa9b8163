"""Bad input as docs/bad-input.md tells of it: each case through a crawl and a job, down to the word."""

import gzip
import json
import re
import uuid
from collections import Counter

import pytest

from tests.conftest import PROJECT
from tests.localcloud.glue.job_client import Account
from tests.localcloud.process import ROLE
from tests.localcloud.waiting import until

Files = dict[str, bytes]

TABLE = PROJECT / "docs" / "bad-input.md"
DETAILS = "Sales.SalesOrderDetail.csv"
DATE = "2011-05-31 00:00:00.000"
HEADER = "SalesOrderID;CarrierTrackingNumber;OrderQty;ModifiedDate\n"
ORDER = f"43659;4911-403C;1;{DATE}\n" * 3
BEYOND_THE_SAMPLE = f"43660;4911-403C;1;{DATE}\n" * 30_000
"""More than the crawler looks at, a MiB; an order of as many lines."""


def details(rows: str = "", name: str = DETAILS) -> Files:
    """The file of order lines: an order with three lines, then `rows`."""
    return {name: f"{HEADER}{ORDER}{rows}".encode()}


def encoded(encoding: str, before: str = "") -> Files:
    return {DETAILS: f"{HEADER}{ORDER}{before}43661;Köln;1;{DATE}\n".encode(encoding)}


def replaced(old: str, new: str) -> Files:
    return {DETAILS: details()[DETAILS].replace(old.encode(), new.encode())}


def named(first_name: bytes) -> Files:
    """The files of customer_orders, with a person of a name beyond the crawler's sample."""
    rows = "".join(f"{number};Ann;NULL;Lee;{DATE}\n" for number in range(30_000))
    people = f"BusinessEntityID;FirstName;MiddleName;LastName;ModifiedDate\n{rows}99999;".encode()
    return {
        "Person.Person.csv": people + first_name + f";NULL;Ward;{DATE}\n".encode(),
        "Sales.Customer.csv": f"CustomerID;PersonID;ModifiedDate\n11000;99999;{DATE}\n".encode(),
        "Sales.SalesOrderHeader.csv": f"SalesOrderID;CustomerID;ModifiedDate\n43659;11000;{DATE}\n".encode(),
    }


OTHERS: Files = {
    "chart.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1",
    "report.pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n",
    "README.txt": b"Where these files come from.\nAsk the sales department.\n",
    "orders.json": b'{"id": 1}\n{"id": 2}\n',
    ".DS_Store": b"\0\0\0\1Bud1\0",
    "_SUCCESS": b"",
}

ANOTHER_FILE: Files = {"Cities.csv": b"Name;Population\nOslo;717710\n"}
"""A file that lies alone under read/ would be the table `read`."""
GONE_BEFORE_THE_JOB = "a file deleted between crawl and job"

#: The input, in the words of the table, and the files that are uploaded.
CASES: dict[str, Files] = {
    "a row with a field too few": details(f"43660;1;{DATE}\n"),
    "a row with a field too many": details(f"43660;4911;403C;1;{DATE}\n"),
    "a row with something after its last field": details(f"43659;4911-403C;1;{DATE};x\n"),
    "a quote that is never closed": details(f'43660;"4911-403C;1;{DATE}\n43661;4911-403C;1;{DATE}\n'),
    "the same, beyond the first MiB": details(f'{BEYOND_THE_SAMPLE}43661;"4911-403C;1;{DATE}\n'),
    "a line break in quotes": details(f'43660;"4911-\n403C";1;{DATE}\n'),
    "CRLF at the ends of lines": replaced("\n", "\r\n"),
    "no line end at the end": {DETAILS: details()[DETAILS].rstrip(b"\n")},
    "commas between columns": replaced(";", ","),
    "tabs between columns": replaced(";", "\t"),
    "pipes between columns": replaced(";", "|"),
    "a byte order mark": encoded("utf-8-sig"),
    "UTF-16": encoded("utf-16"),
    "Latin-1": encoded("latin-1"),
    "Latin-1 beyond the first MiB, in a column the job uses": named("José".encode("latin-1")),
    "Latin-1 beyond the first MiB, in a column it does not": encoded("latin-1", BEYOND_THE_SAMPLE),
    "a column named twice": replaced("OrderQty", "SalesOrderID"),
    "a header without rows": {DETAILS: HEADER.encode()},
    "no header": {DETAILS: ORDER.encode()},
    "zero bytes": {DETAILS: b""},
    "one line of 40 MB and no more": {DETAILS: b"4" * 40_000_000},
    "a line of 40 MB among others": details(f"{BEYOND_THE_SAMPLE}{'4' * 40_000_000}\n"),
    "gzip, as `Sales.SalesOrderDetail.csv.gz`": {f"{DETAILS}.gz": gzip.compress(details()[DETAILS])},
    "gzip, beside the same file as it was": details() | {f"{DETAILS}.gz": gzip.compress(details()[DETAILS])},
    "gzip under the name of a CSV file": {DETAILS: gzip.compress(details()[DETAILS])},
    "a file deleted before the crawl": {},
    GONE_BEFORE_THE_JOB: details(),
    "a space in the key": details(name="Sales SalesOrderDetail.csv"),
    "`+` in the key": details(name="Sales+SalesOrderDetail.csv"),
    "`%` in the key": details(name="Sales%SalesOrderDetail.csv"),
    "`é` in the key": details(name="SaleséSalesOrderDetail.csv"),
    "objects that are no CSV": details() | OTHERS,
}


class Raw:
    """A bucket of input, and a database for the tables that the crawler makes of it."""

    def __init__(self, account: Account, files: Files) -> None:
        self.account, self.name = account, f"raw-{uuid.uuid4().hex[:8]}"
        self.glue, self.s3, self.logs = map(account.client, ("glue", "s3", "logs"))
        self.s3.create_bucket(Bucket=self.name)
        for name, body in files.items():
            account.put(self.name, f"read/{name}", body)
        self.glue.create_database(DatabaseInput={"Name": self.name})

    def crawl(self) -> str:
        """What the crawler says about the objects."""
        targets = {"S3Targets": [{"Path": f"s3://{self.name}/read/"}]}
        self.glue.create_crawler(Name=self.name, Role=ROLE, DatabaseName=self.name, Targets=targets)
        self.glue.start_crawler(Name=self.name)
        crawl = until(lambda: self.glue.get_crawler(Name=self.name)["Crawler"].get("LastCrawl"))
        assert crawl["Status"] == "SUCCEEDED"
        stream = {"logGroupName": "/aws-glue/crawlers", "logStreamName": self.name, "startFromHead": True}
        lines = [event["message"] for event in self.logs.get_log_events(**stream)["events"]]
        said = (line.partition(" : ")[2] for line in lines if " WARN : " in line)
        return "; ".join(line.replace(f"s3://{self.name}/read/", "") for line in said)

    def run(self, job: str) -> str:
        """How a job ends on the tables: `fine`, or why not."""
        script = (PROJECT / "glue_scripts" / f"{job}.py").read_text()
        arguments = {"--raw_database": self.name, "--output_path": f"s3://{self.name}/write/"}
        run = self.account.run(script, arguments)
        if run["JobRunState"] == "FAILED":
            return str(run["ErrorMessage"]).replace(self.name, "sales_raw")
        assert self.result() == self.counted()
        return "fine"

    def result(self) -> dict[str, int]:
        """The lines of each order that the job found."""
        objects = self.account.objects(self.name).items()
        lines = [line for key, body in objects if key.startswith("write/") for line in body.splitlines()]
        return {str(row["sales_order_id"]): row["line_count"] for row in map(json.loads, lines)}

    def counted(self) -> dict[str, int]:
        """The lines of each order that the files of order lines hold."""
        found = Counter[str]()
        for key, body in self.account.objects(self.name).items():
            if key.startswith("read/Sales"):
                text = gzip.decompress(body) if key.endswith(".gz") else body
                found.update(re.findall(r"^\d+", text.decode("latin-1"), re.MULTILINE))
        return {order: lines for order, lines in found.items() if lines >= 3}


def documented() -> dict[str, tuple[str, str]]:
    """The table of the documentation: input, how the job ends, what the crawler's log says."""
    rows = [line.strip("| ").split(" | ") for line in TABLE.read_text().splitlines() if line.startswith("| ")]
    return {case: (job.strip("`"), log.strip("`")) for case, job, log in rows[2:]}


@pytest.mark.parametrize("case", CASES)
def test_what_comes_of_input(account: Account, case: str) -> None:
    raw = Raw(account, CASES[case] | ANOTHER_FILE)
    log = raw.crawl()
    if case == GONE_BEFORE_THE_JOB:
        raw.s3.delete_object(Bucket=raw.name, Key=f"read/{DETAILS}")
    job = raw.run("customer_orders" if "Person.Person.csv" in CASES[case] else "order_line_counts")
    assert (job, log or "-") == documented()[case]


def test_the_table_has_these_cases() -> None:
    assert list(documented()) == list(CASES)
