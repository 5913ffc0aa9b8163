"""The sample data is what the real files are like, and holds every case that a wrong script gets wrong."""

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import duckdb
import pytest

from localcloud.sampledata import HEADERS, generate

GUID = "[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"
TIMESTAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"
COMMA = r"\d+,\d{2,4}"
DIALECT = {
    "Person.Person": {"Demographics": r"<IndividualSurvey xmlns=\"http://.*", "MiddleName": r"\S+"},
    "Production.Product": {"StandardCost": COMMA, "ListPrice": COMMA, "Weight": r"\d+\.\d\d", "Class": ". "},
    "Sales.Customer": {"PersonID": r"\d+", "StoreID": r"\d+", "AccountNumber": r"AW\d{8}"},
    "Sales.SalesOrderDetail": {
        "UnitPrice": COMMA,
        "UnitPriceDiscount": r"0,\d\d",
        "LineTotal": r"\d+\.\d{6}",
    },
    "Sales.SalesOrderHeader": dict.fromkeys(["SubTotal", "TaxAmt", "Freight", "TotalDue"], COMMA)
    | {"OrderDate": TIMESTAMP, "PurchaseOrderNumber": r"PO\d+"},
    "Sales.SpecialOfferProduct": {"SpecialOfferID": r"\d+", "ProductID": r"\d+"},
}


@pytest.fixture(scope="module", params=[(0.01, 2011), (0.01, 7), (0.05, 2011)], ids=str)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sample")
    size, seed = request.param
    generate(directory, size, seed)
    return directory


@pytest.fixture(scope="module")
def tables(sample: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for name in HEADERS:
            connection.read_csv(
                str(sample / f"{name}.csv"), sep=";", quotechar='"', na_values="NULL", all_varchar=True
            ).create_view(name.split(".")[1])
        yield connection


def test_same_size_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in [("one", 1), ("again", 1), ("other", 2)]:
        generate(tmp_path / name, 0.001, seed)
    files = [
        {p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in ("one", "again", "other")
    ]
    assert files[0].keys() == {f"{name}.csv" for name in HEADERS}
    assert files[0] == files[1]
    assert all(files[0][name] != files[2][name] for name in files[0])


@pytest.mark.parametrize("size", [0, -1, float("nan")])
def test_size_must_be_above_zero(tmp_path: Path, size: float) -> None:
    with pytest.raises(ValueError, match="give a number above 0"):
        generate(tmp_path, size)


def test_size_1_is_the_real_size(tmp_path: Path) -> None:
    generate(tmp_path)
    rows = {path.stem: path.read_bytes().count(b"\n") - 1 for path in tmp_path.iterdir()}
    lines = rows.pop("Sales.SalesOrderDetail")
    assert 115_000 < lines < 127_000
    assert rows == {
        "Person.Person": 19_972,
        "Production.Product": 504,
        "Sales.Customer": 19_820,
        "Sales.SalesOrderHeader": 31_465,
        "Sales.SpecialOfferProduct": 538,
    }


@pytest.mark.parametrize("name", HEADERS)
def test_dialect(sample: Path, name: str) -> None:
    content = (sample / f"{name}.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf" + HEADERS[name].encode() + b"\n")
    assert content.endswith(b"\n")
    assert b"\r" not in content
    lines = content.decode("utf-8-sig").splitlines()
    for record in csv.DictReader(lines, delimiter=";", quotechar='"', strict=True):
        assert None not in record  # no row is longer than the header
        assert None not in record.values()
        assert re.fullmatch(GUID, record["rowguid"])
        assert re.fullmatch(TIMESTAMP, record["ModifiedDate"])
        for column, pattern in DIALECT[name].items():
            assert record[column] == "NULL" or re.fullmatch(pattern, record[column]), (column, record)


def test_each_row_is_one_line_and_only_text_that_needs_it_is_quoted(sample: Path) -> None:
    persons = (sample / "Person.Person.csv").read_text("utf-8-sig").splitlines()
    assert any(';"Ward; Jr.";' in line for line in persons)
    assert all(';"<IndividualSurvey xmlns=""' in line for line in islice(persons, 1, None))
    assert any('ask for ""the boss""' in line for line in persons)
    assert '"' not in (sample / "Sales.SalesOrderHeader.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    "orphans",
    [
        "SalesOrderDetail anti join SalesOrderHeader using (SalesOrderID)",
        "SalesOrderHeader anti join SalesOrderDetail using (SalesOrderID)",
        "SalesOrderDetail anti join SpecialOfferProduct using (SpecialOfferID, ProductID)",
        "SpecialOfferProduct anti join Product using (ProductID)",
        "SalesOrderHeader anti join Customer using (CustomerID)",
        "(from Customer where PersonID is not null) c anti join Person p on c.PersonID = p.BusinessEntityID",
        "(from SalesOrderHeader where SalesPersonID is not null) h anti join Person p "
        "on h.SalesPersonID = p.BusinessEntityID",
    ],
)
def test_references_hold(tables: duckdb.DuckDBPyConnection, orphans: str) -> None:
    assert tables.execute(f"select count(*) from {orphans}").fetchone() == (0,)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("Person", "BusinessEntityID"),
        ("Product", "ProductID"),
        ("Product", "Name"),
        ("Customer", "CustomerID"),
        ("SalesOrderHeader", "SalesOrderID"),
        ("SalesOrderDetail", "SalesOrderDetailID"),
        ("SpecialOfferProduct", "(SpecialOfferID, ProductID)"),
    ],
)
def test_keys_are_unique(tables: duckdb.DuckDBPyConnection, table: str, key: str) -> None:
    assert tables.execute(f"select count(distinct {key}) = count(*) from {table}").fetchone() == (True,)


def test_totals_are_the_sums_of_the_lines(tables: duckdb.DuckDBPyConnection) -> None:
    wrong = tables.execute("""
        with money as (
            select SalesOrderID, columns('SubTotal|TaxAmt|Freight|TotalDue').replace(',', '.')::decimal(19, 4)
            from SalesOrderHeader
        )
        select * from money join (
            select SalesOrderID, round(sum(LineTotal::decimal(19, 6)), 4) as lines from SalesOrderDetail group by all
        ) using (SalesOrderID)
        where SubTotal <> lines or SubTotal + TaxAmt + Freight <> TotalDue or Freight < 0
    """).fetchall()
    assert wrong == []


SOLD = """
    select DaysToManufacture, ProductID, Name, sum(OrderQty::int) as sold
    from SalesOrderDetail join Product using (ProductID) group by all
"""
SEPTEMBER = "from SalesOrderHeader where OrderDate like '2011-09-%'"
ORDERED = "(select CustomerID, PersonID from SalesOrderHeader join Customer using (CustomerID))"
CASES = {
    "in each range of products two tie for rank 3, and the lower id has the later name": f"""
        with sold as ({SOLD}), ranked as (
            select *, row_number() over (partition by DaysToManufacture order by sold desc, Name) as place from sold
        )
        select count(*) = 4 from ranked a join ranked b using (DaysToManufacture, sold)
        where a.place = 3 and b.place = 4 and a.ProductID::int > b.ProductID::int
    """,
    "at least four products of each range are sold": f"""
        select count(*) = 4 from (from ({SOLD}) select DaysToManufacture group by all having count(*) >= 4)
    """,
    "products of one range outsell all of another": f"""
        from ({SOLD}) select min(sold) filter (DaysToManufacture = '0' and sold > 20)
            < max(sold) filter (DaysToManufacture = '2')
    """,
    "sales are skewed": f"from ({SOLD}) select max(sold) > 10 * median(sold)",
    "some products are never sold": "select count(*) > 200 from Product anti join SalesOrderDetail using (ProductID)",
    "joining on the offer alone multiplies rows": """
        select count(*) > 50 * (select count(*) from SalesOrderDetail)
        from SalesOrderDetail join SpecialOfferProduct using (SpecialOfferID)
    """,
    "joining on the product alone multiplies rows": """
        select count(*) > (select count(*) from SalesOrderDetail)
        from SalesOrderDetail join SpecialOfferProduct using (ProductID)
    """,
    "lines are sold under several offers": "select count(distinct SpecialOfferID) > 3 from SalesOrderDetail",
    "an order has one product twice, under different offers": """
        from (from SalesOrderDetail select count(distinct SpecialOfferID) as n group by SalesOrderID, ProductID)
        select max(n) > 1
    """,
    "orders have one line, two, three and many": """
        from (from SalesOrderDetail select count(*) as n group by SalesOrderID)
        select list_has_all(list(n), [1, 2, 3, 4]) and max(n) > 20
    """,
    "persons who ordered share a name": f"""
        select count(distinct BusinessEntityID) > count(distinct concat_ws(' ', FirstName, MiddleName, LastName))
        from Person where BusinessEntityID in (select PersonID from {ORDERED})
    """,
    "names are not all ASCII, have apostrophes, semicolons and spaces, and one is Null": r"""
        select bool_or(LastName like '%''%') and bool_or(LastName like '%;%') and bool_or(LastName like '% %')
            and bool_or(LastName = 'Null') and bool_or(regexp_matches(FirstName, '[^\x00-\x7F]'))
        from Person
    """,
    "some have a middle name": "select count(MiddleName) between 1 and count(*) - 1 from Person",
    "a person has two customer numbers": "select count(PersonID) > count(distinct PersonID) from Customer",
    "a store without a person orders": f"select count(*) > count(PersonID) from {ORDERED}",
    "customers have a person, a store or both": """
        select count(distinct (PersonID is null, StoreID is null)) = 3 from Customer
    """,
    "persons never order": f"""
        select count(*) > 9 from Person anti join {ORDERED} ordered on PersonID = BusinessEntityID
    """,
    "some persons order more than once": f"select count(PersonID) > count(distinct PersonID) from {ORDERED}",
    "as text, small totals of the month exceed 1000": f"""
        select bool_or(TotalDue = '999,90') and bool_or(TotalDue = '1000,00') and bool_or(TotalDue = '1000,0001')
        {SEPTEMBER}
    """,
    "as text, the month's totals sort otherwise": f"""
        with month as ({SEPTEMBER})
        select list(SalesOrderID order by TotalDue)
            <> list(SalesOrderID order by replace(TotalDue, ',', '.')::decimal(19, 4))
        from month
    """,
    "two of the month's totals above 1000 are equal": f"""
        select count(*) filter (TotalDue = '1500,00') = 2 {SEPTEMBER}
    """,
    "other months and other Septembers have large orders": """
        select count(distinct left(OrderDate, 7)) filter (length(TotalDue.split(',')[1]) > 3) > 20
            and count(*) filter (OrderDate like '2013-09%' and length(TotalDue.split(',')[1]) > 3) > 0
        from SalesOrderHeader
    """,
    "four calendar years": "select count(distinct left(OrderDate, 4)) = 4 from SalesOrderHeader",
}


@pytest.mark.parametrize("case", CASES)
def test_case_is_in_the_data(tables: duckdb.DuckDBPyConnection, case: str) -> None:
    assert tables.execute(CASES[case]).fetchone() == (True,)
