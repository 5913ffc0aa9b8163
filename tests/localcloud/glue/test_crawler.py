"""Crawls through the endpoint: what GetCrawler, the catalog and the log say afterwards."""

import gzip
import json
import re
import time
import uuid
from typing import Any
from unittest.mock import ANY

import pytest
from botocore.exceptions import ClientError

from localcloud import aws
from localcloud.glue.crawl import Crawl
from localcloud.glue.crawl_csv import CsvClassifier
from localcloud.glue.crawl_drift import holds
from localcloud.glue.crawl_log import CrawlLog
from localcloud.glue.crawl_objects import IncludePath
from localcloud.glue.crawl_settings import CrawlError, CrawlSettings, csv_classifier
from tests.localcloud.process import Process
from tests.localcloud.waiting import Clients

ROLE = "arn:aws:iam::000000000000:role/any"
ORDERS = "\ufeffOrderID;Total\n1;10,50\n2;NULL\n"
PEOPLE = "Name;Age;City\nAnn;41;Oslo\nBob;7;Rome\n"
LOG_ONLY = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
DELETE = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DELETE_FROM_DATABASE"}

Row = dict[str, Any]


class Lake:
    """A bucket, a database and a crawler of its own for each test."""

    def __init__(self, clients: Clients) -> None:
        self.s3, self.glue, self.logs = clients("s3"), clients("glue"), clients("logs")
        self.name = f"lake-{uuid.uuid4().hex[:12]}"
        self.s3.create_bucket(Bucket=self.name)
        self.glue.create_database(DatabaseInput={"Name": self.name})

    def put(self, key: str, body: str | bytes) -> None:
        self.s3.put_object(Bucket=self.name, Key=key, Body=body if isinstance(body, bytes) else body.encode())

    def delete(self, key: str) -> None:
        self.s3.delete_object(Bucket=self.name, Key=key)

    def crawler(self, *paths: str, **definition: Any) -> None:
        """Make the crawler, or give it another definition."""
        targets = {"S3Targets": [{"Path": f"s3://{self.name}/{path}"} for path in paths or ("read/",)]}
        wanted = {"Name": self.name, "Role": ROLE, "DatabaseName": self.name, "Targets": targets} | definition
        try:
            self.glue.create_crawler(**wanted)
        except self.glue.exceptions.AlreadyExistsException:
            self.glue.update_crawler(**wanted)

    def crawl(self) -> Row:
        self.glue.start_crawler(Name=self.name)
        return self.ended()

    def ended(self) -> Row:
        """LastCrawl, once the crawler is READY."""
        deadline = time.monotonic() + 30
        while (crawler := self.glue.get_crawler(Name=self.name)["Crawler"])["State"] != "READY":
            assert time.monotonic() < deadline, "the crawl does not end"
            time.sleep(0.01)
        return dict(crawler["LastCrawl"])

    def failure(self) -> str:
        last = self.crawl()
        assert last["Status"] == "FAILED"
        return str(last["ErrorMessage"])

    def tables(self) -> dict[str, Row]:
        return {t["Name"]: t for t in self.glue.get_tables(DatabaseName=self.name)["TableList"]}

    def columns(self, table: str) -> dict[str, str]:
        return {c["Name"]: c["Type"] for c in self.tables()[table]["StorageDescriptor"]["Columns"]}

    def declare(self, table: str, columns: dict[str, str], *keys: str) -> None:
        """A table of JSON at write/<table>/, as people declare them, with these partition keys."""
        storage = {
            "Columns": [{"Name": name, "Type": type_} for name, type_ in columns.items()],
            "Location": f"s3://{self.name}/write/{table}/",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe"},
        }
        definition = {"Name": table, "StorageDescriptor": storage}
        definition["PartitionKeys"] = [{"Name": key, "Type": "string"} for key in keys]
        self.glue.create_table(DatabaseName=self.name, TableInput=definition)

    def settings(self) -> CrawlSettings:
        return CrawlSettings.of(self.glue.get_crawler(Name=self.name)["Crawler"])

    def log(self, crawl_id: str = "") -> list[str]:
        """The lines of a crawl, or the last one, without the crawl's id."""
        prefix = crawl_id or self.glue.get_crawler(Name=self.name)["Crawler"]["LastCrawl"]["MessagePrefix"]
        events = self.logs.get_log_events(
            logGroupName="/aws-glue/crawlers", logStreamName=self.name, startFromHead=True
        )["events"]
        ours = [event["message"] for event in events if event["message"].startswith(f"[{prefix}] ")]
        return [line.removeprefix(f"[{prefix}] ") for line in ours]


@pytest.fixture(scope="module")
def clients(process: Process) -> Clients:
    """boto3 clients, by service name."""
    return process.client


@pytest.fixture
def lake(clients: Clients) -> Lake:
    return Lake(clients)


def test_files_that_differ_become_tables_as_glue_writes_them(lake: Lake) -> None:
    lake.put("read/Sales.Orders.csv", ORDERS)
    lake.put("read/Person.csv", PEOPLE)
    lake.crawler()
    assert lake.crawl()["Status"] == "SUCCEEDED"
    assert set(lake.tables()) == {"sales_orders_csv", "person_csv"}
    table = lake.tables()["sales_orders_csv"]
    parameters = {
        "classification": "csv",
        "delimiter": ";",
        "skip.header.line.count": "1",
        "columnsOrdered": "true",
        "areColumnsQuoted": "false",
        "compressionType": "none",
        "typeOfData": "file",
        "objectCount": "1",
        "recordCount": "2",
        "averageRecordSize": str(len(ORDERS.encode()) // 2),
        "sizeKey": str(len(ORDERS.encode())),
        "UPDATED_BY_CRAWLER": lake.name,
        "CrawlerSchemaSerializerVersion": "1.0",
        "CrawlerSchemaDeserializerVersion": "1.0",
    }
    assert (table["TableType"], table["PartitionKeys"], table["Parameters"]) == (
        "EXTERNAL_TABLE",
        [],
        parameters,
    )
    assert table["StorageDescriptor"] == {
        "Columns": [{"Name": "orderid", "Type": "bigint"}, {"Name": "total", "Type": "string"}],
        "Location": f"s3://{lake.name}/read/Sales.Orders.csv",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "Compressed": False,
        "NumberOfBuckets": -1,
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ";"},
        },
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": parameters,
        "StoredAsSubDirectories": False,
    }


def test_json_folders_gzip_and_a_prefix(lake: Lake) -> None:
    lake.put("write/orders/1.json", '{"OrderId": 1, "Lines": [{"n": 2}]}\n')
    lake.put("write/orders/2.json", '{"OrderId": 2, "Lines": []}\n')
    lake.put("write/orders/_SUCCESS", "")
    lake.put("write/people/1.csv.gz", gzip.compress(PEOPLE.encode()))
    lake.crawler("write/", TablePrefix="Out_")
    lake.crawl()
    assert lake.columns("out_orders") == {"orderid": "int", "lines": "array<struct<n:int>>"}
    storage = lake.tables()["out_orders"]["StorageDescriptor"]
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
        "Parameters": {"paths": "Lines,OrderId"},
    }
    assert storage["Location"] == f"s3://{lake.name}/write/orders/"
    people = lake.tables()["out_people"]
    assert (people["Parameters"]["compressionType"], people["StorageDescriptor"]["Compressed"]) == (
        "gzip",
        True,
    )


@pytest.mark.parametrize("name", ["a b.csv", "a+b.csv", "100%.csv", "a%20b.csv", "größe_日.csv", "q?#&.csv"])
def test_keys_of_any_letters(lake: Lake, name: str) -> None:
    lake.put(f"read/{name}", ORDERS)
    lake.put("read/people.csv", PEOPLE)
    lake.crawler()
    assert lake.crawl()["Status"] == "SUCCEEDED"
    locations = {table["StorageDescriptor"]["Location"] for table in lake.tables().values()}
    assert locations == {f"s3://{lake.name}/read/{name}", f"s3://{lake.name}/read/people.csv"}


def test_names_that_clash_stay_apart_and_stay_the_same(lake: Lake) -> None:
    lake.put("read/a-b.csv", ORDERS)
    lake.put("read/a_b.csv", PEOPLE)
    lake.crawler()
    lake.crawl()
    first = {name: table["StorageDescriptor"]["Location"] for name, table in lake.tables().items()}
    assert len(first) == 2
    assert first["a_b_csv"] == f"s3://{lake.name}/read/a-b.csv"
    lake.crawl()
    assert {n: t["StorageDescriptor"]["Location"] for n, t in lake.tables().items()} == first


def test_someone_elses_table_of_the_name_is_left_alone(lake: Lake) -> None:
    lake.declare("orders_csv", {"id": "bigint"})
    lake.put("read/orders.csv", ORDERS)
    lake.put("read/people.csv", PEOPLE)
    lake.crawler()
    lake.crawl()
    assert lake.columns("orders_csv") == {"id": "bigint"}
    (ours,) = lake.tables().keys() - {"orders_csv", "people_csv"}
    assert ours.startswith("orders_csv_")


def test_objects_that_make_no_table_are_logged_with_the_reason(lake: Lake) -> None:
    bad = {
        "empty.csv": (b"", "is empty"),
        "header.csv": (b"A;B\n", "has a single line, a header without rows; a CSV table needs at least two"),
        "latin.csv": (
            "A;B\n1;é\n".encode("latin-1"),
            "is not UTF-8 text (byte 0xe9 at offset 6; Latin-1?): convert it",
        ),
        "_hidden.csv": (b"A;B\n1;2\n", "is hidden: a name on its path begins with _ or a dot"),
        "old.bak": (b"A;B\n1;2\n", "is excluded by *.bak"),
    }
    for key, (body, _) in bad.items():
        lake.put(f"read/{key}", body)
    lake.put("read/folder/", "")
    lake.put("read/orders.csv", ORDERS)
    target = {"Path": f"s3://{lake.name}/read/", "Exclusions": ["*.bak"]}
    lake.crawler(Targets={"S3Targets": [target]})
    assert lake.crawl()["Status"] == "SUCCEEDED"
    assert set(lake.tables()) == {"orders_csv"}
    skipped = sorted(line.partition(" : Skipped ")[2] for line in lake.log() if "Skipped" in line)
    assert skipped == sorted(f"s3://{lake.name}/read/{key}: it {why}" for key, (_, why) in bad.items())


def test_a_recrawl_leaves_what_is_unchanged(lake: Lake) -> None:
    lake.put("read/orders.csv", ORDERS)
    lake.put("read/people.csv", PEOPLE)
    lake.crawler()
    lake.crawl()
    lake.put("read/people.csv", PEOPLE + "Cid;1;Bonn\n")
    lake.crawl()
    tables = lake.tables()
    assert (tables["orders_csv"]["VersionId"], tables["people_csv"]["VersionId"]) == ("1", "2")
    assert tables["people_csv"]["Parameters"]["recordCount"] == "3"
    assert f"INFO : Left table orders_csv in database {lake.name} as it is (unchanged)" in lake.log()
    assert f"INFO : Updated table people_csv in database {lake.name}: sizes and counts only" in lake.log()


def test_a_changed_schema_follows_the_update_behavior(lake: Lake) -> None:
    lake.put("read/orders.csv", ORDERS)
    lake.put("read/people.csv", PEOPLE)
    lake.crawler()
    lake.crawl()
    lake.put("read/people.csv", "Name,Age,Zip\nAnn,x,1\n")
    lake.crawler(SchemaChangePolicy=LOG_ONLY)
    lake.crawl()
    assert lake.columns("people_csv") == {"name": "string", "age": "bigint", "city": "string"}
    drift = [line for line in lake.log() if "Drift" in line]
    assert drift == [
        "WARN : Drift in table people_csv: column age is bigint in the catalog and string in the data",
        "WARN : Drift in table people_csv: column zip bigint is new",
        "WARN : Drift in table people_csv: column city string is in no object sampled",
        "WARN : Drift in table people_csv: delimiter: ';' in the catalog and ',' in the data",
    ]
    lake.crawler(SchemaChangePolicy=DELETE)
    lake.crawl()
    assert lake.columns("people_csv") == {"name": "string", "age": "string", "zip": "bigint"}
    assert lake.tables()["people_csv"]["Parameters"]["delimiter"] == ","


@pytest.mark.parametrize("body", [None, "Name;Age;City\n"], ids=["deleted", "without rows"])
@pytest.mark.parametrize("behavior", ["LOG", "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE"])
def test_a_table_whose_data_is_gone_follows_the_delete_behavior(
    lake: Lake, body: str | None, behavior: str
) -> None:
    for key, text in (("orders.csv", ORDERS), ("people.csv", PEOPLE), ("days.csv", "Day;Sum\n1;2.5\n")):
        lake.put(f"read/{key}", text)
    lake.declare("mine", {"id": "int"})
    lake.crawler(SchemaChangePolicy={"DeleteBehavior": behavior})
    lake.crawl()
    if body is None:
        lake.delete("read/people.csv")
    else:
        lake.put("read/people.csv", body)
    assert lake.crawl()["Status"] == "SUCCEEDED"
    gone = f"WARN : Drift in table people_csv: there is no data for it at s3://{lake.name}/read/people.csv"
    assert gone in lake.log()
    tables = lake.tables()
    assert ("people_csv" in tables) is (behavior != "DELETE_FROM_DATABASE")
    assert {"orders_csv", "days_csv", "mine"} <= set(tables)
    deprecated = tables.get("people_csv", {}).get("Parameters", {}).get("DEPRECATED_BY_CRAWLER", "0")
    seconds_ago = time.time() - int(deprecated) / 1000
    assert (0 <= seconds_ago < 60) is (behavior == "DEPRECATE_IN_DATABASE")
    lake.put("read/people.csv", PEOPLE)
    lake.crawl()
    assert "DEPRECATED_BY_CRAWLER" not in lake.tables()["people_csv"]["Parameters"]


def test_partitions_are_created_updated_and_taken_away(lake: Lake) -> None:
    for day in range(120):  # more than one call takes
        lake.put(f"sales/day={day}/a.json", '{"id": 1}')
    lake.crawler("sales/", SchemaChangePolicy=DELETE)
    lake.crawl()
    (table,) = lake.tables().values()
    assert (table["Name"], table["PartitionKeys"]) == ("sales", [{"Name": "day", "Type": "string"}])
    assert len(lake.glue.get_partitions(DatabaseName=lake.name, TableName="sales")["Partitions"]) == 120
    lake.delete("sales/day=0/a.json")
    lake.put("sales/day=1/b.json", '{"id": 2}')
    lake.put("sales/day=500/a.json", '{"id": 3}')
    lake.crawl()
    partitions = lake.glue.get_partitions(DatabaseName=lake.name, TableName="sales")["Partitions"]
    by_day = {partition["Values"][0]: partition for partition in partitions}
    assert by_day.keys() == {str(day) for day in range(1, 120)} | {"500"}
    assert by_day["1"]["Parameters"]["objectCount"] == "2"
    assert by_day["500"]["StorageDescriptor"]["Location"] == f"s3://{lake.name}/sales/day=500/"
    assert "INFO : Partitions of table sales: 120 found, 1 new, 1 changed, 1 gone" in lake.log()


def test_combining_and_single_objects(lake: Lake) -> None:
    lake.put("data/year=2017/1.json", '{"A": 1}')
    lake.put("data/year=2018/2.json", '{"B": 2}')
    lake.put("one.csv", ORDERS)
    policy = {"Version": 1.0, "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}
    lake.crawler("data/", "one.csv", Configuration=json.dumps(policy))
    lake.crawl()
    assert set(lake.tables()) == {"data", "one_csv"}
    assert lake.columns("data") == {"a": "int", "b": "int"}


def test_a_custom_classifier(lake: Lake) -> None:
    names = {"Name": lake.name, "Delimiter": "#", "ContainsHeader": "ABSENT", "Header": ["who", "where"]}
    lake.glue.create_classifier(CsvClassifier=names)
    lake.put("read/people.txt", "Ann#Oslo\nBob#Rome\n")
    lake.crawler(Classifiers=[lake.name])
    lake.crawl()
    assert lake.columns("read") == {"who": "string", "where": "string"}
    assert lake.tables()["read"]["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"field.delim": "#"}


def test_classifiers_as_the_api_gives_them() -> None:
    unused = {
        "DisableValueTrimming": False,
        "Serde": "None",
        "CreationTime": 1,
        "LastUpdated": 1,
        "Version": 1,
    }
    assert csv_classifier("c", {"CsvClassifier": {"Name": "c", **unused}}) == CsvClassifier()
    single = {"Name": "c", "AllowSingleColumn": True, "QuoteSymbol": '"', "ContainsHeader": "PRESENT"}
    wanted = CsvClassifier(contains_header="PRESENT", min_columns=1)
    assert csv_classifier("c", {"CsvClassifier": single}) == wanted


@pytest.mark.parametrize(
    ("classifier", "named"),
    [
        ({"JsonClassifier": {"Name": "c", "JsonPath": "$[*]"}}, "Classifier c: kind JsonClassifier"),
        ({"CsvClassifier": {"Name": "c", "QuoteSymbol": "'"}}, "Classifier c: QuoteSymbol '"),
        ({"CsvClassifier": {"Name": "c", "Serde": "OpenCSVSerDe"}}, "Classifier c: Serde"),
        ({"CsvClassifier": {"Name": "c", "CustomDatatypes": ["INT"]}}, "Classifier c: CustomDatatypes"),
    ],
)
def test_classifiers_that_are_not_supported(classifier: Row, named: str) -> None:
    with pytest.raises(CrawlError, match=re.escape(f"{named} is not supported here; supported: ")):
        csv_classifier("c", classifier)


def test_declared_tables_are_compared_with_their_data(lake: Lake) -> None:
    lake.declare(
        "orders", {"id": "bigint", "day": "date", "due": "decimal(19,4)", "gone": "int", "text": "int"}
    )
    lake.declare("empty", {"id": "bigint"})
    lake.put("write/orders/1.json", '{"id": 1, "day": "2011-05-31", "due": 1.5, "text": "x", "new": true}')
    catalog = {"CatalogTargets": [{"DatabaseName": lake.name, "Tables": ["orders", "empty"]}]}
    before = lake.tables()
    lake.crawler(Targets=catalog, SchemaChangePolicy=LOG_ONLY)
    assert lake.crawl()["Status"] == "SUCCEEDED"
    assert lake.tables() == before
    drift = [line.removeprefix("WARN : Drift in table ") for line in lake.log() if "Drift" in line]
    assert drift == [
        "orders: column text is int in the catalog and string in the data",
        "orders: column new boolean is new",
        "orders: column gone int is in no object sampled",
        f"empty: there is no data for it at s3://{lake.name}/write/empty/",
    ]
    lake.crawler(Targets=catalog, SchemaChangePolicy={**LOG_ONLY, "UpdateBehavior": "UPDATE_IN_DATABASE"})
    lake.crawl()
    assert lake.columns("orders") == {
        "id": "bigint",
        "day": "date",
        "due": "decimal(19,4)",
        "text": "string",
        "new": "boolean",
    }
    lake.crawl()
    assert not [line for line in lake.log() if "Drift in table orders" in line]


def test_partitions_of_declared_tables_are_added_where_their_keys_are_declared(lake: Lake) -> None:
    lake.declare("sales", {"id": "int"}, "day")
    lake.declare("plain", {"id": "int"})
    for table in ("sales", "plain"):
        lake.put(f"write/{table}/day=1/a.json", '{"id": 1}')
    catalog = {"CatalogTargets": [{"DatabaseName": lake.name, "Tables": ["sales", "plain"]}]}
    lake.crawler(Targets=catalog, SchemaChangePolicy=LOG_ONLY)
    lake.crawl()
    partitions = {
        table: lake.glue.get_partitions(DatabaseName=lake.name, TableName=table)["Partitions"]
        for table in ("sales", "plain")
    }
    assert [partition["Values"] for partition in partitions["sales"]] == [["1"]]
    assert partitions["plain"] == []
    drift = "WARN : Drift in table plain: partition keys: [] in the catalog and ['day'] in the data"
    assert [line for line in lake.log() if "Drift" in line] == [drift]


def test_what_a_declared_type_holds() -> None:
    assert holds("decimal(19,4)", "double")
    assert holds("bigint", "int")
    assert holds("date", "string")
    assert holds("int", "void")
    assert not holds("int", "bigint")
    assert not holds("bigint", "string")
    assert not holds("", "void")


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (
            {"Targets": {"JdbcTargets": [{"Path": "db/%"}]}},
            "Targets JdbcTargets is not supported here; supported: CatalogTargets, S3Targets.",
        ),
        (
            {"Targets": {"S3Targets": [{"Path": "s3://b/", "SampleSize": 5}]}},
            "S3Targets SampleSize is not supported here; supported: Exclusions, Path.",
        ),
        (
            {"Targets": {"S3Targets": [{"Path": "/tmp"}]}},
            "'/tmp' is no S3 path; write it as s3://bucket/folder/.",
        ),
        (
            {"Targets": {"S3Targets": [{"Path": "s3://no-such-bucket-here/"}]}},
            "Bucket no-such-bucket-here of the crawler's target does not exist.",
        ),
        (
            {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}},
            "RecrawlBehavior CRAWL_NEW_FOLDERS_ONLY is not supported here; supported: CRAWL_EVERYTHING.",
        ),
        ({"DatabaseName": "nowhere"}, "nowhere"),
        ({"Classifiers": ["nobody"]}, "nobody"),
        ({"Configuration": "{"}, "is no JSON object: {"),
        (
            {"Configuration": '{"Version": 1.0, "Grouping": {"TableLevelConfiguration": 2}}'},
            "Configuration Grouping.TableLevelConfiguration=2 is not supported here",
        ),
        (
            {"Targets": {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}},
            "DeleteBehavior DEPRECATE_IN_DATABASE is not valid with CatalogTargets: set it to LOG.",
        ),
    ],
)
def test_what_is_wrong_or_not_supported_fails_the_crawl(lake: Lake, definition: Row, message: str) -> None:
    lake.put("read/orders.csv", ORDERS)
    lake.crawler(**definition)
    assert message in lake.failure()
    assert lake.tables() == {}
    assert any(line.startswith("ERROR") and message in line for line in lake.log())


def test_a_missing_declared_table_fails_the_crawl(lake: Lake) -> None:
    targets = {"CatalogTargets": [{"DatabaseName": lake.name, "Tables": ["nothing"]}]}
    lake.crawler(Targets=targets, SchemaChangePolicy=LOG_ONLY)
    assert lake.failure() == f"Table nothing of the catalog target is not in database {lake.name}."


def test_states_and_times_of_crawls(lake: Lake) -> None:
    for n in range(40):
        lake.put(f"read/{n}.csv", ORDERS)
    lake.crawler()
    lake.glue.start_crawler(Name=lake.name)
    with pytest.raises(lake.glue.exceptions.CrawlerRunningException) as error:
        lake.glue.start_crawler(Name=lake.name)
    assert error.value.response["Error"]["Message"] == f"Crawler with name {lake.name} has already started"
    starts = [lake.ended()["StartTime"], lake.crawl()["StartTime"]]
    began = time.monotonic()
    starts.append(lake.crawl()["StartTime"])
    seconds = time.monotonic() - began
    assert starts == sorted(set(starts))
    crawler = lake.glue.get_crawler(Name=lake.name)["Crawler"]
    assert 0 < crawler["CrawlElapsedTime"] < seconds * 1000
    last = crawler["LastCrawl"]
    assert (last["LogGroup"], last["LogStream"]) == ("/aws-glue/crawlers", lake.name)
    assert "ErrorMessage" not in last


def test_a_crawl_can_be_stopped_and_writes_nothing(lake: Lake) -> None:
    for n in range(120):
        lake.put(f"read/{n}.csv", ORDERS)
    lake.crawler()
    lake.glue.start_crawler(Name=lake.name)
    lake.glue.stop_crawler(Name=lake.name)
    (crawl,) = lake.glue.list_crawls(CrawlerName=lake.name)["Crawls"]
    assert (crawl["State"], "EndTime" in crawl) in {("RUNNING", False), ("STOPPED", True)}
    assert lake.ended()["Status"] == "CANCELLED"
    assert lake.glue.list_crawls(CrawlerName=lake.name)["Crawls"][0]["State"] == "STOPPED"
    assert lake.tables() == {}
    assert "INFO : Crawl cancelled by StopCrawler" in lake.log()
    with pytest.raises(lake.glue.exceptions.CrawlerNotRunningException):
        lake.glue.stop_crawler(Name=lake.name)
    assert lake.crawl()["Status"] == "SUCCEEDED"


def test_the_crawls_of_a_crawler_are_listed_newest_first(lake: Lake) -> None:
    lake.crawler()
    lake.crawl()
    nothing = {"CatalogTargets": [{"DatabaseName": lake.name, "Tables": ["nothing"]}]}
    lake.crawler(Targets=nothing, SchemaChangePolicy=LOG_ONLY)
    message = lake.failure()

    newest, oldest = lake.glue.list_crawls(CrawlerName=lake.name)["Crawls"]
    assert (newest["State"], newest["ErrorMessage"]) == ("FAILED", message)
    assert (oldest["State"], "ErrorMessage" in oldest) == ("COMPLETED", False)
    assert newest["StartTime"] > oldest["EndTime"]
    assert newest["CrawlId"] != oldest["CrawlId"]
    seconds = (newest["EndTime"] - newest["StartTime"]).total_seconds()
    assert seconds > 0
    assert newest["DPUHour"] == pytest.approx(2 * seconds / 3600, rel=0.01)


def test_crawls_are_listed_page_by_page(lake: Lake) -> None:
    lake.crawler()
    assert lake.glue.list_crawls(CrawlerName=lake.name) == {"Crawls": [], "ResponseMetadata": ANY}
    began = [lake.crawl()["StartTime"] for _ in range(3)]

    first = lake.glue.list_crawls(CrawlerName=lake.name, MaxResults=2)
    rest = lake.glue.list_crawls(CrawlerName=lake.name, MaxResults=2, NextToken=first["NextToken"])
    assert [crawl["StartTime"] for crawl in first["Crawls"] + rest["Crawls"]] == began[::-1]
    assert "NextToken" not in rest


def test_a_crawler_that_is_made_anew_has_no_crawls(lake: Lake) -> None:
    lake.crawler()
    lake.crawl()
    lake.glue.delete_crawler(Name=lake.name)
    with pytest.raises(lake.glue.exceptions.EntityNotFoundException):
        lake.glue.list_crawls(CrawlerName=lake.name)

    lake.crawler()
    assert lake.glue.list_crawls(CrawlerName=lake.name)["Crawls"] == []


def test_filters_of_crawls_are_refused(lake: Lake) -> None:
    lake.crawler()
    wanted = [{"FieldName": "STATE", "FilterOperator": "EQ", "FieldValue": "FAILED"}]
    with pytest.raises(lake.glue.exceptions.InvalidInputException, match="without Filters"):
        lake.glue.list_crawls(CrawlerName=lake.name, Filters=wanted)


def test_an_object_deleted_during_the_crawl_is_skipped(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "client", {"s3": lake.s3, "glue": lake.glue}.get)
    for key in ("orders", "people", "days"):
        lake.put(f"read/{key}.csv", {"orders": ORDERS, "people": PEOPLE}.get(key, "Day;Sum\n1;2.5\n"))
    lake.crawler()
    log = CrawlLog(lake.logs, lake.name, "id")
    # Asked after the objects are listed and before the first is read.
    Crawl(lake.settings(), log, is_stopped=lambda: bool(lake.delete("read/days.csv"))).run()
    log.flush()
    assert set(lake.tables()) == {"orders_csv", "people_csv"}
    assert f"Skipped s3://{lake.name}/read/days.csv: it was deleted during the crawl" in "".join(
        lake.log("id")
    )


def test_what_does_not_fit_in_is_logged(lake: Lake) -> None:
    for n in range(4):
        lake.put(f"write/orders/{n}.json", '{"id": 1}')
    lake.put("write/orders/odd.json", '{"name": "x"}')
    lake.put("write/mixed/1.json", '{"id": 1}')
    lake.put("write/mixed/2.csv", ORDERS)
    lake.crawler("write/orders/")
    lake.crawl()
    stranger = f"s3://{lake.name}/write/orders/odd.json is not like the other objects of table orders"
    assert f"WARN : {stranger}" in lake.log()
    lake.declare("mixed", {"id": "int"})
    targets = {"CatalogTargets": [{"DatabaseName": lake.name, "Tables": ["mixed"]}]}
    lake.crawler(Targets=targets, SchemaChangePolicy=LOG_ONLY)
    assert lake.crawl()["Status"] == "SUCCEEDED"
    formats = f"the objects at s3://{lake.name}/write/mixed/ are of several formats"
    assert f"WARN : Drift in table mixed: {formats}" in lake.log()


def test_a_long_log_is_written_whole(lake: Lake) -> None:
    log = CrawlLog(lake.logs, lake.name, "id")
    for n in range(1100):
        log.info(str(n))
    log.flush()
    log.flush()
    events = lake.logs.get_log_events(
        logGroupName="/aws-glue/crawlers", logStreamName=lake.name, startFromHead=True
    )["events"]
    assert [event["message"] for event in events] == [f"[id] INFO : {n}" for n in range(1100)]
    assert abs(events[0]["timestamp"] / 1000 - time.time()) < 60


@pytest.mark.parametrize("operation", ["start_crawler", "stop_crawler"])
def test_crawlers_that_do_not_exist(lake: Lake, operation: str) -> None:
    with pytest.raises(ClientError) as error:
        getattr(lake.glue, operation)(Name="nobody")
    assert error.value.response["Error"]["Code"] == "EntityNotFoundException"


def test_objects_are_read_by_range(lake: Lake) -> None:
    lake.put("read/a.txt", "0123456789")
    (found,) = IncludePath.parse(f"s3://{lake.name}/read/").objects(lake.s3)
    assert (found.size, found.read(2, 3), found.read(8, 100), found.read(10, 1)) == (10, b"234", b"89", b"")


def test_a_large_object_is_read_by_its_head_only(lake: Lake) -> None:
    row = "12345;a text of a row\n"
    lake.put("read/big.csv", "Id;Text\n" + row * 300_000)
    lake.crawler()
    lake.crawl()
    table = lake.tables()["read"]
    assert int(table["Parameters"]["recordCount"]) == pytest.approx(300_000, rel=0.01)
    assert int(table["Parameters"]["averageRecordSize"]) == len(row)
