"""The library that Glue scripts import, used as scripts use it: each test is a script that runs as a job."""

from typing import Any

import pytest

from tests.localcloud.glue.catalog import Catalog
from tests.localcloud.glue.job_client import Account

SALES = '\ufeffid;name;qty;price;sold\r\n1;"a ""q"";\u00e9";NULL;1,5;2.5\r\n2;;7;2;\r\n3;x;;3;1e3\r\n'
SALES_COLUMNS = {"id": "bigint", "name": "string", "qty": "bigint", "price": "string", "sold": "double"}


def literal(line: str) -> Any:
    return eval(line, {"Decimal": str})


def test_arguments(account: Account) -> None:
    script = """
    import sys
    from awsglue.utils import GlueArgumentError, getResolvedOptions
    args = getResolvedOptions(sys.argv, ["JOB_NAME", "month", "min-due", "TempDir"])
    print(args["month"], args["min_due"], args["TempDir"], args["JOB_NAME"] == sys.argv[2], args["JOB_RUN_ID"][:3])
    print(getResolvedOptions(["s", "--a=1=2", "--b", ""], ["a", "b"])["a"])
    for wanted in (["absent"], ["month", "JOB_RUN_ID"]):
        try:
            getResolvedOptions(sys.argv, wanted)
        except (GlueArgumentError, RuntimeError) as error:
            print(type(error).__name__, error)
    """
    arguments = {"--month": "2011-09", "--min-due": "1000", "--TempDir": "s3://b/t", "--other": "x"}
    assert account.succeed(script, arguments) == [
        "2011-09 1000 s3://b/t True jr_",
        "1=2",
        "GlueArgumentError the following arguments are required: --absent",
        "RuntimeError Using reserved arguments JOB_RUN_ID",
    ]


def test_a_csv_table_as_glue_reads_it(catalog: Catalog) -> None:
    """Quotes, BOM and header; '' in string columns, null in others; NULL tokens make a bigint column a choice."""
    catalog.put("in/sales.csv", SALES)
    catalog.table("sales", "in/sales.csv", SALES_COLUMNS)
    out = catalog.run(
        "f = catalog(database=db, table_name='sales')\ntypes(f); rows(f); f.printSchema(); print(f.count())"
    )
    assert literal(out[0]) == {
        "id": "bigint",
        "name": "string",
        "qty": "struct<long:bigint,string:string>",
        "price": "string",
        "sold": "double",
    }
    assert literal(out[1]) == [
        (1, 'a "q";\u00e9', {"long": None, "string": "NULL"}, "1,5", 2.5),
        (2, "", {"long": 7, "string": None}, "2", None),
        (3, "x", None, "3", 1000.0),
    ]
    assert out[2:] == [
        *("root", "|-- id: long", "|-- name: string", "|-- qty: choice", "|    |-- long", "|    |-- string"),
        *("|-- price: string", "|-- sold: double", "3"),
    ]


@pytest.mark.parametrize("closed", ["shut/*", "*"])
@pytest.mark.parametrize("location", ["shut/", "shut/x.csv", "shut/absent.csv", "shut/deep/y.csv"])
def test_a_table_that_the_role_may_not_list(catalog: Catalog, location: str, closed: str) -> None:
    """It is not one without rows."""
    for key in ("shut/x.csv", "shut/deep/y.csv"):
        catalog.put(key, "id\n1\n")
    catalog.table("x", location, {"id": "bigint"})
    role = catalog.account.role_without_listing(catalog.bucket, StringLike={"s3:prefix": closed})
    run = catalog.account.run(catalog.script("print(catalog(db, 'x').count())"), Role=role)
    assert f"perform: s3:ListBucket on resource: arn:aws:s3:::{catalog.bucket}" in run["ErrorMessage"]


def test_a_table_without_files_in_the_one_folder_that_the_role_may_list(catalog: Catalog) -> None:
    catalog.put("shut/x.csv", "id\n1\n")
    catalog.table("x", "open/x.csv", {"id": "bigint"})
    role = catalog.account.role_without_listing(catalog.bucket, StringNotLike={"s3:prefix": "open/*"})
    assert catalog.account.succeed(catalog.script("print(catalog(db, 'x').count())"), Role=role) == ["0"]


def test_what_parses_as_a_type_and_what_makes_a_choice(catalog: Catalog) -> None:
    """`12.5` is no bigint and `1d` no double, though Spark's casts take them."""
    columns = {
        "a": "bigint",
        "b": "double",
        "c": "boolean",
        "d": "date",
        "e": "decimal(9,2)",
        "f": "timestamp",
    }
    catalog.put("good/x", "a;b;c;d;e;f\n 12 ;-.5;true;2011-05-31;1.25;2011-05-31 00:00:00.000\n")
    catalog.put("odd/x", "a;b;c;d;e;f\n12.5;1d;si;31.5.2011;1,25;soon\n")
    catalog.table("good", "good/", columns)
    catalog.table("odd", "odd/", columns)
    out = catalog.run(
        "f = catalog(db, 'good'); types(f); rows(f); types(catalog(db, 'odd')); rows(catalog(db, 'odd'))"
    )
    assert list(literal(out[0]).values()) == [
        "bigint",
        "double",
        "boolean",
        "date",
        "decimal(9,2)",
        "timestamp",
    ]
    assert out[1].startswith(
        "[(12, -0.5, True, datetime.date(2011, 5, 31), Decimal('1.25'), datetime.datetime(2011"
    )
    kinds = [
        "long:bigint",
        "double:double",
        "boolean:boolean",
        "date:date",
        "decimal:decimal(9,2)",
        "timestamp:timestamp",
    ]
    assert list(literal(out[2]).values()) == [f"struct<{kind},string:string>" for kind in kinds]
    assert [value["string"] for value in literal(out[3])[0]] == [
        "12.5",
        "1d",
        "si",
        "31.5.2011",
        "1,25",
        "soon",
    ]


def test_resolving_choices(catalog: Catalog) -> None:
    """From the raw text where there is a guess, without reading the data; from the choice where it is settled."""
    catalog.put("in/x.csv", "id;qty\n1;NULL\n2;7\n3;\n")
    catalog.table("x", "in/x.csv", {"id": "bigint", "qty": "bigint"})
    actions = (
        "cast:string",
        "cast:long",
        "cast:double",
        "project:long",
        "project:string",
        "make_cols",
        "make_struct",
    )
    out = catalog.run(
        "tracker = SparkContext.getOrCreate().statusTracker()\n"
        "jobs = lambda: len(tracker.getJobIdsForGroup(None))\n"
        "before = jobs()\n"
        "specs = [('qty', 'cast:string'), ('id', 'cast:int')]\n"
        "catalog(db, 'x').resolveChoice(specs=specs).select_fields(['qty']).toDF()\n"
        "print(jobs() - before)\n"
        "settled = catalog(db, 'x'); settled.toDF()\n"
        f"for action in {actions}:\n"
        "    for frame in (catalog(db, 'x'), settled):\n"
        "        rows(frame.resolveChoice(specs=[('qty', action)]))\n"
        "    rows(catalog(db, 'x').resolveChoice(choice=action))\n"
        "types(ResolveChoice.apply(frame=settled, choice='make_cols'))\n"
        "refused(settled.resolveChoice, choice='match_catalog', database=db, table_name='x')\n"
        "refused(settled.resolveChoice, specs=[('qty', 'guess')])\n"
        "refused(settled.resolveChoice)\n"
    )
    assert out[0] == "0", "a cast of every guessed column needs no pass over the data"
    expected = {
        "cast:string": [(1, "NULL"), (2, "7"), (3, None)],
        "cast:long": [(1, None), (2, 7), (3, None)],
        "cast:double": [(1, None), (2, 7.0), (3, None)],
        "project:long": [(1, None), (2, 7), (3, None)],
        "project:string": [(1, "NULL"), (2, None), (3, None)],
        "make_cols": [(1, None, "NULL"), (2, 7, None), (3, None, None)],
        "make_struct": [(1, {"long": None, "string": "NULL"}), (2, {"long": 7, "string": None}), (3, None)],
    }
    assert [literal(line) for line in out[1:22]] == [rows for rows in expected.values() for _ in range(3)]
    assert literal(out[22]) == {"id": "bigint", "qty_long": "bigint", "qty_string": "string"}
    assert out[23:25] == [
        "NotImplementedError: DynamicFrame.resolveChoice database is not supported by localcloud",
        "NotImplementedError: The resolve action guess is not supported by localcloud",
    ]
    assert out[25] == "Exception: resolveChoice takes specs or choice: one of the two"


def test_fields(catalog: Catalog) -> None:
    catalog.put("in/sales.csv", SALES)
    catalog.table("sales", "in/sales.csv", SALES_COLUMNS)
    out = catalog.run(
        "f = catalog(db, 'sales')\n"
        "types(f.select_fields(['SOLD', 'absent', 'qty']))\n"
        "types(DropFields.apply(frame=f, paths=['name', '`price`', 'absent']))\n"
        "types(RenameField.apply(f, 'qty', 'how many').rename_field('id', 'key').drop_fields('name'))\n"
        "m = [('id', 'long', 'ID', 'int'), ('qty', 'string', 'q', 'double'), ('absent', 'int', 'a', 'int'),\n"
        "     ('price', 'string', '`p.x`', 'string')]\n"
        "types(f.apply_mapping(m)); rows(ApplyMapping.apply(frame=f, mappings=m))\n"
        "f.toDF(); rows(f.apply_mapping([('qty', 'choice', 'qty', 'string')]))\n"
        "types(f.apply_mapping([('id', 'number')]))\n"
        "empty = DynamicFrame.fromDF(spark.sql('select 1 a, cast(null as int) b'), glueContext, 'x')\n"
        "types(DropNullFields.apply(frame=empty))\n"
        "refused(f.apply_mapping, [('id', 'long', 'a.b', 'int')])\n"
        "refused(f.apply_mapping, [('id',)])\n"
    )
    assert literal(out[0]) == {"sold": "double", "qty": "struct<long:bigint,string:string>"}
    assert list(literal(out[1])) == ["id", "qty", "sold"]
    assert list(literal(out[2])) == ["key", "how many", "price", "sold"]
    assert literal(out[3]) == {"ID": "int", "q": "double", "p.x": "string"}
    assert literal(out[4]) == [(1, None, "1,5"), (2, 7.0, "2"), (3, None, "3")]
    assert sorted(literal(out[5]), key=str) == [("7",), ("NULL",), (None,)]
    assert literal(out[6]) == {"number": "bigint"}
    assert literal(out[7]) == {"a": "int"}
    assert out[8].startswith("NotImplementedError: a.b: a target inside a struct")
    assert out[9].startswith("ValueError: A mapping is (source, source type, target, target type)")


def test_functions_over_records(catalog: Catalog) -> None:
    """In Python workers; a choice is its value, and a filter that cannot tell leaves the row out."""
    catalog.put("in/sales.csv", SALES)
    catalog.table("sales", "in/sales.csv", SALES_COLUMNS)
    out = catalog.run(
        "f = catalog(db, 'sales')\n"
        "rows(Filter.apply(frame=f, f=lambda r: r['qty'] > 5).select_fields(['id', 'qty']))\n"
        "def change(r):\n"
        "    r['twice'] = 2 * r['id']\n"
        "    r['nothing'] = None\n"
        "    del r['name'], r['sold']\n"
        "    return r\n"
        "g = Map.apply(frame=f, f=change); types(g); rows(g)\n"
        "types(f.filter(lambda r: False).map(change))\n"
        "rows(f.repartition(3).coalesce(1).select_fields(['id']))\n"
        "refused(f.map, lambda r: r['absent'])\n"
    )
    assert literal(out[0]) == [(2, {"long": 7, "string": None})]
    assert literal(out[1])["twice"] == "bigint"
    assert [row[0] for row in literal(out[2])] == [1, 2, 3]
    assert list(literal(out[1])) == ["id", "qty", "price", "twice", "nothing"]
    assert list(literal(out[3])) == list(SALES_COLUMNS)
    assert literal(out[4]) == [(1,), (2,), (3,)]
    assert out[5].startswith("Py4JJavaError")


def test_json_and_parquet_tables(catalog: Catalog) -> None:
    catalog.put("json/a.json", '{"id": 1, "d": "2011-09-01", "v": 1.5}\n')
    catalog.put("json/deep/b.json", '{"id": 2, "d": "2011-09-02", "extra": [1]}\n')
    catalog.put("bad/a.json", '{"id": \n')
    for name in ("json", "bad", "none"):
        catalog.table(name, f"{name}/", {"id": "bigint", "d": "date"}, "json")
    catalog.table("parquet", "parquet/", {"id": "bigint"}, "parquet")
    catalog.table("orc", "json/", {"id": "bigint"}, "orc")
    out = catalog.run(
        "f = catalog(db, 'json'); types(f); rows(f, 'id')\n"
        "glueContext.write_dynamic_frame.from_options(f, 's3', {'path': bucket + '/parquet/'}, format='parquet')\n"
        "rows(catalog(db, 'parquet').select_fields(['id', 'd']))\n"
        "print(catalog(db, 'none').count()); types(catalog(db, 'none'))\n"
        "refused(lambda: catalog(db, 'bad').toDF().collect())\n"
        "refused(catalog, db, 'orc')\n"
    )
    assert literal(out[0]) == {"d": "string", "extra": "array<bigint>", "id": "bigint", "v": "double"}
    assert literal(out[2]) == [(1, "2011-09-01"), (2, "2011-09-02")]
    assert out[3] == "0"
    assert "nothing raised" not in out[5]
    assert out[6] == "NotImplementedError: The classification orc is not supported by localcloud"


def test_partitions(catalog: Catalog) -> None:
    catalog.table("p", "p/", {"id": "bigint"}, keys={"year": "int", "kind": "string"})
    for year, kind in ((2010, "a"), (2011, "a"), (2011, "b")):
        catalog.put(f"p/{year}/{kind}/x.csv", f"id\n{year}{ord(kind)}\n")
        catalog.partition("p", [str(year), kind], f"p/{year}/{kind}/")
    catalog.put("p/2012/c/x.csv", "id\n1\n")
    out = catalog.run(
        "f = catalog(db, 'p'); types(f); rows(f)\n"
        "rows(catalog(database=db, table_name='p', push_down_predicate=\"year > 2010 and kind = 'b'\"))\n"
        "print(catalog(db, 'p', push_down_predicate='year = 1').count())\n"
        "refused(catalog, db, 'p', push_down_predicate='id = 1')\n"
    )
    assert literal(out[0]) == {"id": "bigint", "year": "int", "kind": "string"}
    assert literal(out[1]) == [(201097, 2010, "a"), (201197, 2011, "a"), (201198, 2011, "b")]
    assert literal(out[2]) == [(201198, 2011, "b")]
    assert out[3] == "0"
    assert out[4].startswith("AnalysisException: [UNRESOLVED_COLUMN")


def test_files_by_path(catalog: Catalog) -> None:
    catalog.put("csv/a.csv", "x|y\n1|'a|b'\n2|\n")
    catalog.put("csv/deep/b.csv", "x|y\n3|c\n")
    catalog.put("other/a.csv", "y|x\n1|2\n")
    read = "glueContext.create_dynamic_frame.from_options"
    out = catalog.run(
        f"read = {read}\n"
        "fmt = {'separator': '|', 'quoteChar': \"'\"}\n"
        "rows(read('s3', {'paths': [bucket + '/csv/']}, 'csv', {**fmt, 'withHeader': True}))\n"
        "rows(read('s3', {'paths': [bucket + '/csv/'], 'recurse': True}, 'csv', fmt), 'col0')\n"
        "refused(lambda: read('s3', {'paths': [bucket + '/csv/', bucket + '/other/']}, 'csv',"
        " {**fmt, 'withHeader': True}).toDF().collect())\n"
        "refused(read, 'mysql', {'url': 'x'})\n"
        "refused(read, 's3', {'paths': [], 'jobBookmarkKeys': ['x']}, 'csv')\n"
        "refused(read, 's3', {'paths': []}, 'xml')\n"
        "refused(read, 's3', {'paths': []}, 'csv', {'strictCheckForQuoting': True})\n"
    )
    assert literal(out[0]) == [("1", "a|b"), ("2", "")]
    assert literal(out[1]) == [("1", "a|b"), ("2", ""), ("3", "c"), ("x", "y"), ("x", "y")]
    assert "CSV header does not conform to the schema" in out[2] or "nothing raised" not in out[2]
    assert out[3:] == [
        "NotImplementedError: The connection type mysql is not supported by localcloud",
        "NotImplementedError: The connection option jobBookmarkKeys is not supported by localcloud",
        "NotImplementedError: The format xml is not supported by localcloud",
        "NotImplementedError: The csv format option strictCheckForQuoting is not supported by localcloud",
    ]


def test_writing_adds_to_what_is_there(catalog: Catalog) -> None:
    catalog.put("out/old.json", '{"id": 0}\n')
    catalog.put("table/old.csv", "b;a\n0;x\n")
    catalog.table("t", "table/", {"b": "bigint", "a": "string"})
    catalog.run(
        "f = DynamicFrame.fromDF(spark.sql(\"select 1 id, 'k' part, date'2011-09-01' d\"), glueContext, 'f')\n"
        "write = glueContext.write_dynamic_frame\n"
        "out, parts = {'path': bucket + '/out/'}, {'path': bucket + '/csv/', 'partitionKeys': ['part']}\n"
        "write.from_options(frame=f, connection_type='s3', connection_options=out, format='json')\n"
        "write.from_options(f, 's3', parts, 'csv', {'separator': ';'})\n"
        "g = DynamicFrame.fromDF(spark.sql(\"select 'a;b' a, 1 b\"), glueContext, 'g')\n"
        "write.from_catalog(frame=g, database=db, table_name='t')\n"
    )
    objects = catalog.account.objects(catalog.bucket)
    assert sorted(body for key, body in objects.items() if key.startswith("out/")) == [
        b'{"id": 0}\n',
        b'{"id":1,"part":"k","d":"2011-09-01"}\n',
    ]
    [csv] = [key for key in objects if key.startswith("csv/")]
    assert csv.startswith("csv/part=k/")
    assert objects[csv] == b"id;d\n1;2011-09-01\n"
    assert b'b;a\n1;"a;b"\n' in objects.values()
    assert not [key for key in objects if "_SUCCESS" in key]


def test_purging_a_path(catalog: Catalog) -> None:
    catalog.put("gone/a/x.json", "{}")
    catalog.put("kept/x.json", "{}")
    catalog.run(
        "glueContext.purge_s3_path(bucket + '/gone/', {'retentionPeriod': 0})\n"
        "glueContext.purge_s3_path(bucket + '/kept/')\n"
        "glueContext.purge_s3_path(bucket + '/never/', {'retentionPeriod': 0})\n"
    )
    assert list(catalog.account.objects(catalog.bucket)) == ["kept/x.json"]


def test_what_is_missing_says_its_name(catalog: Catalog) -> None:
    catalog.table("plain", "in/", {"a": "string"}, parameters={"classification": ""})
    catalog.twice("in/", "a")
    out = catalog.run(
        "job = Job(glueContext); job.init('x', {}); print(job.isInitialized())\n"
        "job.commit(); print(job.isInitialized())\n"
        "f = DynamicFrame.fromDF(spark.range(1), glueContext, 'f')\n"
        "glueContext.get_logger().info('noted'); f.show()\n"
        "refused(catalog, db, 'nowhere')\n"
        "refused(catalog, db, 'plain')\n"
        "refused(catalog, db, 'twice')\n"
        "refused(lambda: f.relationalize('a', 'b'))\n"
        "refused(lambda: f.errorsAsDynamicFrame())\n"
        "refused(lambda: glueContext.getSink('s3'))\n"
        "refused(lambda: glueContext.create_dynamic_frame.from_jdbc())\n"
        "refused(lambda: job.reset())\n"
        "refused(lambda: Join.apply(f, f, 'id', 'id'))\n"
        "refused(lambda: __import__('awsglue.gluetypes', fromlist=['x']).StructType)\n"
        "refused(lambda: f.select_fields(['id'], stageThreshold=1))\n"
    )
    assert out == [
        *("True", "False", '{"id":0}'),
        f"EntityNotFoundException: There is no table nowhere in database {catalog.database}",
        f"Exception: No classification or connection in {catalog.database}.plain",
        "NotImplementedError: Two columns of one name are not supported by localcloud",
        "NotImplementedError: DynamicFrame.relationalize is not supported by localcloud",
        "NotImplementedError: DynamicFrame.errorsAsDynamicFrame is not supported by localcloud",
        "NotImplementedError: GlueContext.getSink is not supported by localcloud",
        "NotImplementedError: DynamicFrameReader.from_jdbc is not supported by localcloud",
        "NotImplementedError: Job.reset is not supported by localcloud",
        "NotImplementedError: The transform Join is not supported by localcloud",
        "NotImplementedError: awsglue.gluetypes.StructType is not supported by localcloud",
        "NotImplementedError: DynamicFrame stageThreshold is not supported by localcloud",
    ]
