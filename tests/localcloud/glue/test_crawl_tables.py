"""Which objects make which tables, and what the tables are called."""

from collections.abc import Iterable

import pytest

from localcloud.glue.crawl_objects import IncludePath, glob_pattern
from localcloud.glue.crawl_tables import (
    CrawledObject,
    FoundTable,
    find_tables,
    partition_inputs,
    table_input,
    table_name,
)
from localcloud.glue.crawl_types import Column
from localcloud.glue.schema import Schema

ORDERS, PEOPLE = "id quantity price", "name city country"


def crawled(key: str, columns: str, size: int = 100, classification: str = "json") -> CrawledObject:
    names = [Column(name, "bigint") for name in columns.split()]
    return CrawledObject(key, size, Schema(classification, tuple(names), records=10, record_size=10))


def tables(objects: Iterable[CrawledObject], *, combine: bool = False) -> dict[str, FoundTable]:
    found = list(find_tables("lake", "data/", list(objects), combine=combine))
    assert len({table.location for table in found}) == len(found)
    return {table.location.removeprefix("s3://lake/"): table for table in found}


def test_files_that_differ_are_a_table_each() -> None:
    found = tables([crawled("data/Sales.Orders.csv", ORDERS), crawled("data/Person.csv", PEOPLE)])
    assert {where: table.name for where, table in found.items()} == {
        "data/Sales.Orders.csv": "Sales.Orders.csv",
        "data/Person.csv": "Person.csv",
    }


def test_a_folder_of_alike_files_is_one_table() -> None:
    (table,) = tables([crawled("data/1.json", ORDERS), crawled("data/2.json", ORDERS)]).values()
    assert (table.name, table.location, len(table.members)) == ("data", "s3://lake/data/", 2)
    assert table.partition_keys == ()


def test_a_single_file_is_its_folders_table() -> None:
    assert list(tables([crawled("data/1.json", ORDERS)])) == ["data/"]


def test_folders_that_differ_are_a_table_each() -> None:
    found = tables([crawled("data/orders/1.json", ORDERS), crawled("data/people/1.json", PEOPLE)])
    assert {where: table.name for where, table in found.items()} == {
        "data/orders/": "orders",
        "data/people/": "people",
    }


def test_files_beside_folders_are_a_table_each() -> None:
    found = tables(crawled(key, ORDERS) for key in ("data/1.json", "data/2.json", "data/old/3.json"))
    assert set(found) == {"data/1.json", "data/2.json", "data/old/"}


def test_a_lone_folder_inside_is_the_table() -> None:
    (table,) = tables([crawled("data/orders/1.json", ORDERS), crawled("data/orders/2.json", ORDERS)]).values()
    assert (table.name, table.partition_keys) == ("orders", ())


def test_hive_folders_are_partitions() -> None:
    keys = [f"data/sales/Year=2019/month={month}/{n}.json" for month in ("Jan", "Feb") for n in (1, 2)]
    (table,) = tables(crawled(key, ORDERS) for key in keys).values()
    assert (table.name, table.partition_keys) == ("sales", ("year", "month"))
    assert [(each["Values"], each["StorageDescriptor"]["Location"]) for each in partition_inputs(table)] == [
        (["2019", "Jan"], "s3://lake/data/sales/Year=2019/month=Jan/"),
        (["2019", "Feb"], "s3://lake/data/sales/Year=2019/month=Feb/"),
    ]
    assert partition_inputs(table)[0]["Parameters"]["objectCount"] == "2"
    assert table_input(table, "sales", "c")["PartitionKeys"] == [
        {"Name": "year", "Type": "string"},
        {"Name": "month", "Type": "string"},
    ]


def test_alike_folders_of_other_names_are_numbered_partitions() -> None:
    keys = ["data/east/day=1/a.json", "data/west/day=1/a.json"]
    (table,) = tables(crawled(key, ORDERS) for key in keys).values()
    assert (table.name, table.partition_keys) == ("data", ("partition_0", "day"))
    assert list(table.partitions) == [("east", "1"), ("west", "1")]


def test_a_partition_key_that_is_a_column_too_is_numbered() -> None:
    keys = ["data/id=1/a.json", "data/id=2/a.json"]
    (table,) = tables(crawled(key, ORDERS) for key in keys).values()
    assert table.partition_keys == ("partition_0",)


def test_partitions_that_differ_are_tables_unless_combined() -> None:
    objects = [crawled("data/year=2017/1.json", "a b"), crawled("data/year=2018/2.json", "c d")]
    assert {table_name(table, "", {}) for table in tables(objects).values()} == {"year_2017", "year_2018"}
    (table,) = tables(objects, combine=True).values()
    assert [column.name for column in table.columns] == ["a", "b", "c", "d"]
    assert table.partition_keys == ("year",)


def test_formats_are_never_combined() -> None:
    objects = [crawled("data/1", "a b"), crawled("data/2", "a b", classification="parquet")]
    assert set(tables(objects, combine=True)) == {"data/1", "data/2"}


def test_more_than_seventy_percent_alike_make_a_table_and_the_rest_are_strangers() -> None:
    alike = [crawled(f"data/{n}.json", ORDERS) for n in range(8)]
    others = [crawled("data/x.json", PEOPLE), crawled("data/y.json", PEOPLE)]
    (table,) = tables(alike + others).values()
    assert (len(table.members), table.strangers) == (8, ("s3://lake/data/x.json", "s3://lake/data/y.json"))
    assert len(tables(alike[:7] + others + [crawled("data/z.json", PEOPLE)])) == 10  # 70%, and not more


def test_unknown_objects_count_and_empty_ones_do_not() -> None:
    good = crawled("data/1.json", ORDERS)
    assert set(tables([good, CrawledObject("data/2.bin", 100)])) == {"data/1.json"}
    assert set(tables([good, CrawledObject("data/2.json", 0)])) == {"data/"}
    assert tables([CrawledObject("data/2.bin", 100)]) == {}


def test_columns_of_alike_files_come_together() -> None:
    objects = [crawled("data/1", "a b c d"), crawled("data/2", "a b c d e")]
    (table,) = tables(objects).values()
    assert [column.name for column in table.columns] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("data/Sales.SalesOrderHeader.csv", "raw_sales_salesorderheader_csv"),
        ("data/Größe 1+2%.csv", "raw_gr__e_1_2__csv"),
    ],
)
def test_names_are_lower_case_letters_digits_and_underscores(key: str, name: str) -> None:
    found = tables([crawled(key, ORDERS), crawled("data/other", PEOPLE)])[key]
    assert table_name(found, "Raw_", {}) == name


def test_a_taken_name_gets_a_hash_of_the_location() -> None:
    found = tables([crawled("data/a b.csv", ORDERS), crawled("data/other", PEOPLE)])["data/a b.csv"]
    assert table_name(found, "", {"a_b_csv": "s3://lake/data/a b.csv"}) == "a_b_csv"
    hashed = table_name(found, "", {"a_b_csv": "s3://lake/data/a-b.csv"})
    assert hashed == "a_b_csv_b9ca4ba4976dcc09312e5481d0d70e10"


def test_sizes_and_counts_are_those_of_all_objects() -> None:
    (table,) = tables([crawled("data/1", ORDERS, 200), crawled("data/2", ORDERS, 300)]).values()
    parameters = table_input(table, "data", "nightly")["Parameters"]
    assert parameters == {
        "classification": "json",
        "compressionType": "none",
        "typeOfData": "file",
        "objectCount": "2",
        "recordCount": "20",
        "averageRecordSize": "10",
        "sizeKey": "500",
        "CrawlerSchemaSerializerVersion": "1.0",
        "CrawlerSchemaDeserializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": "nightly",
    }


@pytest.mark.parametrize(
    ("glob", "key", "excluded"),
    [
        ("*.csv", "a.csv", True),
        ("*.csv", "sub/a.csv", False),
        ("**.csv", "sub/a.csv", True),
        ("sub/**", "sub/deep/a.csv", True),
        ("sub/*", "sub/deep/a.csv", False),
        ("?.csv", "a.csv", True),
        ("?.csv", "ab.csv", False),
        ("[a-c].csv", "b.csv", True),
        ("[!a-c].csv", "b.csv", False),
        ("a?b", "a/b", False),
        ("a[!x]b", "a/b", False),
        ("*.{csv,json}", "a.json", True),
        ("*.{csv,json}", "a.txt", False),
        ("a,b.csv", "a,b.csv", True),
        (r"\*.csv", "a.csv", False),
        (r"\*.csv", "*.csv", True),
        ("a.csv", "aXcsv", False),
    ],
)
def test_exclude_patterns(glob: str, key: str, excluded: bool) -> None:
    assert bool(glob_pattern(glob).fullmatch(key)) is excluded


def test_hidden_and_excluded_objects_are_ignored() -> None:
    path = IncludePath.parse("s3://lake/_data/")
    assert path.ignores("_data/a.csv", ["*.json"]) is None
    assert path.ignores("_data/b.json", ["*.json"]) == "is excluded by *.json"
    for hidden in ("_data/_SUCCESS", "_data/sub/.part.crc", "_data/_temporary/0/a.csv"):
        assert "hidden" in (path.ignores(hidden, []) or "")


def test_what_lies_on_an_include_path() -> None:
    path = IncludePath.parse("s3://lake/data")
    assert path.folder == "data/"
    assert path.holds("s3://lake/data/x.csv")
    assert path.holds("s3://lake/data/")
    assert not path.holds("s3://lake/data2/x.csv")
    assert not path.holds("s3://other/data/x.csv")
    with pytest.raises(ValueError, match="'/data' is no S3 path"):
        IncludePath.parse("/data")
