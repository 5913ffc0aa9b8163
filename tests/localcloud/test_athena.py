"""Athena's engine, through the endpoint: catalog tables over objects in S3, errors and results as Athena's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from botocore.exceptions import ClientError

from localcloud.athena import engine, results, sql
from localcloud.athena.results import column, csv_line, double_text, read_csv, write_csv
from tests.localcloud.waiting import Clients, until

JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe"
LAZY_SERDE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
CSV_SERDE = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
PARQUET_SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"

Run = Callable[..., dict[str, Any]]
Rows = list[list[str | None]]


class Athena:
    """What the tests ask of an account: objects, tables, and a query's execution or rows."""

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self.athena, self.s3, self.glue = clients("athena"), clients("s3"), clients("glue")

    def put(self, key: str, body: bytes | str) -> None:
        self.s3.put_object(Bucket="lake", Key=key, Body=body)

    def table(self, name: str, columns: dict[str, str], serde: str = JSON_SERDE, **more: Any) -> None:
        """A table over s3://lake/<name>/; `more` are the SerDe's parameters or TableInput's PartitionKeys."""
        keys = [{"Name": k, "Type": t} for k, t in more.pop("partitions", {}).items()]
        storage = {
            "Columns": [{"Name": column, "Type": type_} for column, type_ in columns.items()],
            "Location": f"s3://lake/{name}/",
            "SerdeInfo": {"SerializationLibrary": serde, "Parameters": more},
        }
        self.glue.create_table(
            DatabaseName="sales",
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": storage,
                "PartitionKeys": keys,
            },
        )

    def start(self, query: str, **request: Any) -> str:
        request.setdefault("ResultConfiguration", {"OutputLocation": "s3://lake/results/"})
        request.setdefault("QueryExecutionContext", {"Database": "sales"})
        return str(self.athena.start_query_execution(QueryString=query, **request)["QueryExecutionId"])

    def run(self, query: str, **request: Any) -> dict[str, Any]:
        """The execution of `query`, when it has ended."""
        query_id = self.start(query, **request)

        def ended() -> Any:
            execution = self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            return execution if execution["Status"]["State"] not in ("QUEUED", "RUNNING") else None

        execution: dict[str, Any] = until(ended)
        return execution

    def result(self, query: str, **request: Any) -> dict[str, Any]:
        execution = self.run(query, **request)
        assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
        result: dict[str, Any] = self.athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])
        return result

    def rows(self, query: str, **request: Any) -> Rows:
        """The rows after the header."""
        rows = self.result(query, **request)["ResultSet"]["Rows"]
        return [[datum.get("VarCharValue") for datum in row["Data"]] for row in rows[1:]]

    def failure(self, query: str) -> str:
        status = self.run(query)["Status"]
        assert status["State"] == "FAILED", status
        return str(status["StateChangeReason"])


def lines(*rows: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(row)}\n" for row in rows)


@pytest.fixture(scope="module")
def athena(account: Clients) -> Athena:
    lake = Athena(account)
    lake.put("orders/part-0.json", lines({"id": 1, "day": "2011-09-01", "total": 10.5, "who": "Ann"}))
    lake.put("orders/sub/part-1.json", lines({"id": 2, "day": "2011-09-30", "total": 20.25, "who": "Bo"}))
    lake.put("orders/_SUCCESS", "not json")
    lake.put("orders/_temporary/0/part.json", "not json")
    lake.put("orders/.part-0.json.crc", "not json")
    lake.table("orders", {"id": "bigint", "day": "date", "total": "decimal(19,4)", "who": "string"})
    lake.put("lines/part.json", lines({"id": 2, "n": 3}, {"id": 3, "n": 4}))
    lake.table("lines", {"id": "bigint", "n": "int"})
    lake.table("nothing", {"id": "bigint", "day": "date", "total": "decimal(19,4)"})
    return lake


def test_json_values_have_the_catalogs_types(athena: Athena) -> None:
    athena.put(
        "typed/a.json",
        '{"I": 7, "big": 9007199254740993, "amount": 123456789012345.6789, "ok": true, "d": "2011-05-31",'
        ' "ts": "2011-05-31 01:02:03.456", "s": 12, "x": 2.5e-5, "list": [1, 2], "point": {"a": 1, "b": "z"}}\n'
        '{"big": "12", "amount": "99999999999999.0001", "s": {"k": 1}}\n',
    )
    types = {"i": "int", "big": "bigint", "amount": "decimal(19,4)", "ok": "boolean", "d": "date"}
    more = {
        "ts": "timestamp",
        "s": "string",
        "x": "double",
        "list": "array<int>",
        "point": "struct<a:int,b:string>",
    }
    athena.table("typed", types | more)
    result = athena.result("select * from typed order by big desc")
    info = result["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [(c["Name"], c["Type"]) for c in info] == [
        *[("i", "integer"), ("big", "bigint"), ("amount", "decimal"), ("ok", "boolean"), ("d", "date")],
        *[("ts", "timestamp"), ("s", "varchar"), ("x", "double"), ("list", "array"), ("point", "row")],
    ]
    assert (info[2]["Precision"], info[2]["Scale"]) == (19, 4)
    assert athena.rows("select * from typed order by big desc") == [
        [
            *("7", "9007199254740993", "123456789012345.6789", "true", "2011-05-31"),
            *("2011-05-31 01:02:03.456", "12", "2.5E-5", "[1, 2]", "{a=1, b=z}"),
        ],
        [None, "12", "99999999999999.0001", None, None, None, '{"k":1}', None, None, None],
    ]


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("cut", '{"id": 1}\n{"id": 2', "HIVE_BAD_DATA: Row is not a valid JSON Object: line 2 of s3://"),
        (
            "text",
            '{"id": 1}\n' * 2 + "{no}\n" * 2,
            "HIVE_BAD_DATA: Row is not a valid JSON Object: line 3 of s3://",
        ),
        (
            "word",
            '{"id": 1}\n{"id": "abc"}\n',
            "HIVE_BAD_DATA: Error parsing field value 'abc' for field id: ",
        ),
        ("half", '{"id": 1.5}\n', "HIVE_BAD_DATA: Error parsing field value '1.5' for field id: "),
        ("list", "[1, 2]\n", "HIVE_BAD_DATA: Row is not a valid JSON Object"),
    ],
)
def test_malformed_json_fails_naming_the_object(athena: Athena, name: str, body: str, reason: str) -> None:
    athena.put(f"bad_{name}/part.json", body)
    athena.table(f"bad_{name}", {"id": "bigint"})
    failure = athena.failure(f"select sum(id) from bad_{name}")
    assert failure.startswith(reason)
    assert f"s3://lake/bad_{name}/part.json" in failure


def test_delimited_text_knows_no_quotes_and_what_does_not_convert_is_null(athena: Athena) -> None:
    athena.put("lazy/a.csv", '\ufeffid;name;price\r\n1;"a";1.5\n2;b;1,5\n3\nx;d;2;extra\n4;\\N;\n')
    columns = {"id": "bigint", "name": "string", "price": "double"}
    athena.table("lazy", columns, LAZY_SERDE, **{"field.delim": ";", "skip.header.line.count": "1"})
    assert athena.rows("select * from lazy") == [
        ["1", '"a"', "1.5"],
        ["2", "b", None],
        ["3", None, None],
        [None, "d", "2.0"],
        ["4", None, None],
    ]


def test_quoted_csv(athena: Athena) -> None:
    athena.put("quoted/a.csv", 'id,name,day\n"1","say ""hi"", you","15125"\n2,,"0"\n')
    columns = {"id": "int", "name": "string", "day": "date"}
    athena.table("quoted", columns, CSV_SERDE, **{"skip.header.line.count": "1"})
    assert athena.rows("select * from quoted order by id") == [
        ["1", 'say "hi", you', "2011-05-31"],
        ["2", "", "1970-01-01"],
    ]


def test_parquet_and_partitions(athena: Athena, tmp_path: Path) -> None:
    for year, query in {
        "2010": "select 1::bigint AS Id, 'a' AS name",
        "2011": "select 2::bigint AS Id",
    }.items():
        duckdb.sql(f"COPY ({query}) TO '{tmp_path}/part.parquet'")
        athena.put(f"parts/year={year}/part.parquet", (tmp_path / "part.parquet").read_bytes())
    athena.table("parts", {"id": "bigint", "name": "string"}, PARQUET_SERDE, partitions={"year": "int"})
    assert athena.rows("select * from parts order by id") == [["1", "a", "2010"], ["2", None, "2011"]]


@pytest.mark.parametrize(
    "table", ["orders", "sales.orders", '"sales"."orders"', "AwsDataCatalog.Sales.ORDERS"]
)
def test_tables_by_every_name(athena: Athena, table: str) -> None:
    assert athena.rows(f"select ID from {table} as o where O.who = 'Bo'") == [["2"]]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("select count(*) from orders", [["2"]]),
        ("select count(*), sum(total), min(day) from nothing", [["0", None, None]]),
        ("select date_trunc('month', day), count(*) from orders group by 1", [["2011-09-01", "2"]]),
        ("select id from orders where day between date '2011-09-01' and date '2011-09-15'", [["1"]]),
        ("select id from orders o where not exists (select 1 from lines l where l.id = o.id)", [["1"]]),
        (
            "select coalesce(o.id, l.id) as id, o.who, l.n "
            "from orders o full outer join lines l on o.id = l.id order by 1",
            [["1", "Ann", None], ["2", "Bo", "3"], ["3", None, "4"]],
        ),
        (
            "with orders as (select 9 as id) "
            "select if(id = 9, 'cte', 'table') as found, count(*) from orders group by id",
            [["cte", "1"]],
        ),
        ("select who, count(*) from orders group by who having count(*) > 1", []),
        ("select cast(id as varchar) || '-' || who from orders order by total desc", [["2-Bo"], ["1-Ann"]]),
        (
            "select id, row_number() over (order by total desc) as rank from orders order by id",
            [["1", "2"], ["2", "1"]],
        ),
        (
            "select count_if(total > 15), count(*) filter (where id = 1), approx_distinct(who) from orders",
            [["1", "1", "2"]],
        ),
        (
            "select 7 / 2, -7 / 2, 7 % 2, 7e0 / 2, 7.00 / 2, avg(total) from orders",
            [["3", "-3", "1", "3.5", "3.50", "15.3750"]],
        ),
        (
            "select day + interval '1' day, date_add('day', 1, day) from orders where id = 1",
            [["2011-09-02", "2011-09-02"]],
        ),
        ("select date_diff('month', date '2011-01-31', date '2011-02-01')", [["0"]]),
        ("select from_iso8601_timestamp('2011-05-31T00:00:00Z')", [["2011-05-31 00:00:00.000 UTC"]]),
        (
            "select timestamp '2011-05-31 00:00:00', cast(timestamp '2011-05-31 00:00:00' as varchar)",
            [["2011-05-31 00:00:00.000", "2011-05-31 00:00:00.000"]],
        ),
        ("select date_format(timestamp '2011-05-31 13:04:05', '%Y-%m %H:%i:%s')", [["2011-05 13:04:05"]]),
        (
            "select try_cast('x' as bigint), regexp_replace('aaa', 'a', 'b'), format('%s=%d', 'n', 3)",
            [[None, "bbb", "n=3"]],
        ),
        ("select id from (values (3, 'c'), (1, null)) as t (id, name) order by name", [["3"], ["1"]]),
        ('select "order" from (select 1 as "order")', [["1"]]),
        ("select e from (select array[1, 2] as a) cross join unnest(a) as t (e)", [["1"], ["2"]]),
        ("select id from orders union all select id from lines order by id desc limit 2", [["3"], ["2"]]),
    ],
)
def test_queries(athena: Athena, query: str, rows: Rows) -> None:
    assert athena.rows(query) == rows


def test_unnamed_outputs_are_named_by_position(athena: Athena) -> None:
    result = athena.result(
        "select l.*, count(*) over (), cast(n as varchar), n as total from lines l limit 1"
    )
    assert [c["VarCharValue"] for c in result["ResultSet"]["Rows"][0]["Data"]] == [
        "id",
        "n",
        "_col2",
        "_col3",
        "total",
    ]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (
            "select * from gone",
            "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.sales.gone' does not exist",
        ),
        ("select 1\nfrom x.gone", "SCHEMA_NOT_FOUND: line 2:6: Schema 'x' does not exist"),
        ("select * from other.sales.orders", "CATALOG_NOT_FOUND: line 1:15: Catalog 'other' does not exist"),
        ("select id, nope from orders", "COLUMN_NOT_FOUND: line 1:12: Column 'nope' cannot be resolved"),
        (
            "select id as k from orders where k = 1",
            "COLUMN_NOT_FOUND: line 1:34: Column 'k' cannot be resolved",
        ),
        ("select frobnicate(id) from orders", "FUNCTION_NOT_FOUND: Function 'frobnicate' not registered"),
        ("select id / 0 from orders", "DIVISION_BY_ZERO: / by zero"),
        ("select cast(who as bigint) from orders", "INVALID_CAST_ARGUMENT: "),
        (
            "select id from orders where day > '2011-09-01'",
            "TYPE_MISMATCH: line 1:29: Cannot apply operator to date, varchar",
        ),
        ("select id from orders where who > 1000", "TYPE_MISMATCH: line 1:29: "),
        ("select id || who from orders", "TYPE_MISMATCH: line 1:8: "),
        ("insert into orders values (1)", "NOT_SUPPORTED: INSERT INTO statements are not supported here"),
        ("create table t as select 1 as a", "NOT_SUPPORTED: "),
        ("select who, count(*) from orders", "SYNTAX_ERROR: "),
        ("select * from read_csv('/etc/passwd')", "NOT_SUPPORTED: Function read_csv in the place of a table"),
        (
            "select * from orders cross join lateral read_csv('/etc/passwd')",
            "NOT_SUPPORTED: Function read_csv",
        ),
    ],
)
def test_failures_carry_athenas_codes(athena: Athena, query: str, reason: str) -> None:
    assert athena.failure(query).startswith(reason)


def test_the_engine_itself_reads_no_file_but_s3_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (stored := tmp_path / "s3").mkdir()
    for folder in (stored, tmp_path):
        (folder / "rows.csv").write_text("a\n1\n")
    monkeypatch.setenv("S3_DATA_DIR", str(stored))
    engine._duckdb.cache_clear()
    with engine.session() as session:
        assert session.execute(f"from '{stored}/rows.csv'").fetchall() == [(1,)]
        for other in (f"{tmp_path}/rows.csv", f"{stored}/../rows.csv"):
            with pytest.raises(duckdb.PermissionException):
                session.execute(f"from '{other}'")
        with pytest.raises(duckdb.InvalidInputException, match="locked"):
            session.execute("set allowed_directories = ['/']")
    engine._duckdb.cache_clear()


@pytest.mark.parametrize(
    "query", ["selec 1", "select * from", "select from orders", "select (1", "frobnicate"]
)
def test_malformed_sql_is_refused_at_once(athena: Athena, query: str) -> None:
    with pytest.raises(ClientError, match="InvalidRequestException"):
        athena.start(query)


def test_the_result_file_and_its_pages(athena: Athena) -> None:
    query = "select x, if(x % 2 = 0, 'a\"b,\nc') as s from unnest(sequence(1, 2500)) as t (x) order by x"
    execution = athena.run(query)
    location = execution["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://lake/results/{execution['QueryExecutionId']}.csv"
    key = location.removeprefix("s3://lake/")
    body = athena.s3.get_object(Bucket="lake", Key=key)["Body"].read()
    assert body.startswith(b'"x","s"\n"1",\n"2","a""b,\nc"\n')
    assert athena.s3.head_object(Bucket="lake", Key=f"{key}.metadata")
    pages = athena.athena.get_paginator("get_query_results").paginate(
        QueryExecutionId=execution["QueryExecutionId"]
    )
    rows = [[page["ResultSet"]["Rows"]] for page in pages]
    assert [len(page) for (page,) in rows] == [1000, 1000, 501]
    assert rows[2][0][-1] == {"Data": [{"VarCharValue": "2500"}, {"VarCharValue": 'a"b,\nc'}]}


def test_statistics_are_measured(athena: Athena) -> None:
    execution = athena.run("select a.id from orders a join orders b on a.id = b.id")
    keys = ("orders/part-0.json", "orders/sub/part-1.json")
    sizes = sum(athena.s3.head_object(Bucket="lake", Key=key)["ContentLength"] for key in keys)
    statistics, status = execution["Statistics"], execution["Status"]
    assert statistics["DataScannedInBytes"] == sizes
    wall = (status["CompletionDateTime"] - status["SubmissionDateTime"]).total_seconds() * 1000
    assert statistics["TotalExecutionTimeInMillis"] == pytest.approx(wall, abs=2)
    assert 0 < statistics["EngineExecutionTimeInMillis"] <= statistics["TotalExecutionTimeInMillis"]
    assert statistics["QueryQueueTimeInMillis"] >= 0


def test_workgroups(athena: Athena) -> None:
    results = {"ResultConfiguration": {"OutputLocation": "s3://lake/enforced"}}
    configuration = {
        **results,
        "EnforceWorkGroupConfiguration": True,
        "BytesScannedCutoffPerQuery": 10_000_000,
    }
    athena.athena.create_work_group(Name="strict", Configuration=configuration)
    execution = athena.run("select 1", WorkGroup="strict")
    assert execution["ResultConfiguration"]["OutputLocation"].startswith("s3://lake/enforced/")
    athena.put("large/a.json", lines({"s": "x" * 1_000_000}) * 11)
    athena.table("large", {"s": "string"})
    status = athena.run("select count(*) from large", WorkGroup="strict")["Status"]
    assert (status["State"], status["StateChangeReason"]) == ("CANCELLED", "Bytes scanned limit was exceeded")
    assert athena.rows("select count(*) from large") == [["11"]]
    athena.athena.update_work_group(WorkGroup="strict", State="DISABLED")
    with pytest.raises(ClientError, match="WorkGroup strict is disabled"):
        athena.start("select 1", WorkGroup="strict")


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"WorkGroup": "gone"}, "WorkGroup gone is not found"),
        ({"ResultConfiguration": {}}, "No output location provided"),
        (
            {"ResultConfiguration": {"OutputLocation": "s3://gone/x"}},
            "Unable to verify/create output bucket gone",
        ),
    ],
)
def test_refused_requests(athena: Athena, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        athena.start("select 1", **request_)


def test_stopping_a_query(athena: Athena) -> None:
    numbers = "unnest(sequence(1, 200000))"
    endless = f"select count(*) from {numbers} a (x), {numbers} b (y) where x * y = 7"
    query_id = athena.start(endless)
    until(
        lambda: (
            athena.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]["State"]
            == "RUNNING"
        )
    )
    athena.athena.stop_query_execution(QueryExecutionId=query_id)
    status = athena.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]
    assert status["State"] == "CANCELLED"
    assert athena.rows("select 1") == [["1"]]
    with pytest.raises(ClientError, match="did not finish successfully"):
        athena.athena.get_query_results(QueryExecutionId=query_id)


def test_a_repeated_token_is_one_execution(athena: Athena) -> None:
    token = "t" * 32
    assert athena.start("select 1", ClientRequestToken=token) == athena.start(
        "select 1", ClientRequestToken=token
    )


def test_catalog_statements(athena: Athena) -> None:
    ddl = f"CREATE EXTERNAL TABLE made (a int) ROW FORMAT SERDE '{JSON_SERDE}' LOCATION 's3://lake/made/'"
    assert athena.run(ddl)["Status"]["State"] == "SUCCEEDED"
    shown = athena.result("SHOW TABLES")["ResultSet"]["Rows"]
    assert {"Data": [{"VarCharValue": "made"}]} in shown
    described = athena.result("DESCRIBE made")["ResultSet"]["Rows"]
    assert described[0]["Data"][0]["VarCharValue"].split() == ["a", "int"]
    assert athena.run("DROP TABLE made")["Status"]["State"] == "SUCCEEDED"
    assert athena.failure("select * from made").startswith("TABLE_NOT_FOUND")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (1.5, "1.5"),
        (1e7, "1.0E7"),
        (123456789.0, "1.23456789E8"),
        (0.001, "0.001"),
        (-2.5e-5, "-2.5E-5"),
    ],
)
def test_doubles_are_printed_as_java_prints_them(value: float, text: str) -> None:
    assert double_text(value) == text


def test_a_result_file_reads_back() -> None:
    rows: Rows = [["a", None], ["", 'say "x",\ny']]
    data = b"".join(map(csv_line, rows))
    assert read_csv(data, 10) == (rows, len(data))
    assert read_csv(data, 1) == (rows[:1], len(csv_line(rows[0])))


PRINTED = """
select (i * 7919) % 300007 as i, true as ok, -1::tinyint as a, 2::smallint as b, 3::integer as c, sum(i) over () as d,
    ((i - 9) * 0.125)::decimal(19,4) as e, 'Zoë, "' || i || chr(10) as f, '' as g, date '0099-12-31' + i::integer as h
from range(250_000) as _(i)
union all select null, false, null, null, null, null, null, null, null, null order by 1 desc
"""


def test_what_duckdb_writes_is_what_python_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = duckdb.connect()
    described = connection.sql(PRINTED).description
    columns = [column(name, str(type_)) for name, type_, *_ in described]
    assert {column.type for column in columns} == set(results.PRINTED)
    write_csv(connection, PRINTED, columns, by_duckdb := tmp_path / "duckdb")
    monkeypatch.setattr(results, "PRINTED", ())
    write_csv(connection, PRINTED, columns, by_python := tmp_path / "python")

    assert by_duckdb.read_bytes() == by_python.read_bytes()


def test_names_of_ctes_are_no_tables() -> None:
    query = "with t as (select * from a.t) select * from t join b on true, (select 1 from c.d) s"
    found = sql.table_names(sql.parse(query), query, "base")
    assert {(table.database, table.name) for table in found} == {("a", "t"), ("base", "b"), ("c", "d")}
