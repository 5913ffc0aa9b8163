"""Input that is wrong: exit code 1, the failed state, one clear sentence, and former results untouched."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from localcloud import faults
from tests.oracle import read_results
from tests.pipeline.conftest import Account, Run

Change = Callable[[Path], None]


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig").splitlines()


def write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")


def set_cell(path: Path, number: int, column: str, text: str) -> None:
    """Put `text` into a column of a row, the first after the header being 1."""
    lines = lines_of(path)
    row = lines[number].split(";")
    row[lines[0].split(";").index(column)] = text
    lines[number] = ";".join(row)
    write(path, lines)


def a_missing_file(directory: Path) -> None:
    (directory / "Sales.Customer.csv").unlink()


def a_column_that_is_gone(directory: Path) -> None:
    path = directory / "Sales.Customer.csv"
    rows = [line.split(";") for line in lines_of(path)]
    place = rows[0].index("PersonID")
    write(path, [";".join(row[:place] + row[place + 1 :]) for row in rows])


def a_total_that_is_no_number(directory: Path) -> None:
    set_cell(directory / "Sales.SalesOrderHeader.csv", 1234, "TotalDue", "abc")


def an_empty_file(directory: Path) -> None:
    (directory / "Sales.Customer.csv").write_bytes(b"")


def a_file_in_latin_1(directory: Path) -> None:
    path = directory / "Person.Person.csv"
    path.write_bytes("\n".join(lines_of(path)).encode("latin-1", errors="replace"))


def a_row_with_a_field_too_few(directory: Path) -> None:
    path = directory / "Sales.SpecialOfferProduct.csv"
    lines = lines_of(path)
    lines[7] = lines[7].rpartition(";")[0]
    write(path, lines)


def a_header_without_rows(directory: Path) -> None:
    path = directory / "Sales.Customer.csv"
    write(path, lines_of(path)[:1])


def a_quantity_below_zero(directory: Path) -> None:
    set_cell(directory / "Sales.SalesOrderDetail.csv", 1, "OrderQty", "-100000")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            a_missing_file,
            (
                "FAILED  CountCustomerOrders failed: ",
                "There is no table sales_customer_csv in database sales_raw",
            ),
        ),
        (
            a_column_that_is_gone,
            (
                "FAILED  CountCustomerOrders failed: ",
                "sales_customer_csv has no column PersonID; it has customerid, ",
            ),
        ),
        (
            a_total_that_is_no_number,
            (
                "FAILED  FindLargeOrders failed: ",
                "sales_salesorderheader_csv.TotalDue: 1 value is not a decimal(19,4), for example 'abc'",
            ),
        ),
        (
            an_empty_file,
            (
                "FAILED  CountCustomerOrders failed: ",
                "There is no table sales_customer_csv in database sales_raw",
            ),
        ),
        (
            a_header_without_rows,
            (
                "FAILED  CountCustomerOrders failed: ",
                "There is no table sales_customer_csv in database sales_raw",
            ),
        ),
        (
            a_file_in_latin_1,
            (
                "FAILED  CountCustomerOrders failed: ValueError: There is no table person_person_csv in database "
                "sales_raw; upload person.person.csv under read/, or see in the crawler's log what became of it\n",
                "/read/Person.Person.csv: it is not UTF-8 text (byte 0x",
            ),
        ),
        (
            a_row_with_a_field_too_few,
            (
                "FAILED  RankTopProducts failed: ValueError: sales_specialofferproduct_csv.ModifiedDate: 1 value is "
                "not a timestamp, for example NULL (ProductID ",
                "/read/Sales.SpecialOfferProduct.csv: 1 of the ",
            ),
        ),
        (
            a_quantity_below_zero,
            (
                "FAILED  ValidateOutput > ChecksFailed failed: ",
                '1 of 16 checks failed: ["product_daily_quantity_above_zero"]',
            ),
        ),
    ],
)
def test_wrong_input(
    change: Change,
    says: tuple[str, ...],
    changed_sample: Path,
    former_output: Path,
    run: Callable[[Path, Path], Run],
) -> None:
    change(changed_sample)

    assert_fails(run(changed_sample, former_output), says)


def test_a_script_that_raises(
    account: Account, changed_sample: Path, former_output: Path, run: Callable[[Path, Path], Run]
) -> None:
    with script(account, "csv-to-charts-top_products", "raise RuntimeError('out of ideas')"):
        assert_fails(
            run(changed_sample, former_output),
            ("FAILED  RankTopProducts failed: RuntimeError: out of ideas",),
        )


@pytest.fixture
def no_fault_stays(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield
    monkeypatch.setenv("AWS_ENDPOINT_URL", account.environment["AWS_ENDPOINT_URL"])
    faults.clear()


@pytest.mark.usefixtures("no_fault_stays")
def test_a_fault_of_the_command_line(
    changed_sample: Path, former_output: Path, run: Callable[..., Run]
) -> None:
    done = run(changed_sample, former_output, "--fault", "fail crawl csv-to-charts-input")

    assert_fails(
        done,
        ("FAILED  CrawlInput > CrawlFailed failed: ", "fail crawl csv-to-charts-input (an injected fault"),
    )
    assert done.printed.endswith("Faults\n    struck   1  fail crawl csv-to-charts-input\n")


@pytest.mark.usefixtures("no_fault_stays")
def test_a_call_of_the_command_itself_that_fails(
    changed_sample: Path, former_output: Path, run: Callable[..., Run]
) -> None:
    done = run(changed_sample, former_output, "--fault", "throttle states:ListExecutions")

    assert done.code == 1
    assert done.printed.splitlines()[-1].startswith(
        "localcloud: An error occurred (ThrottlingException) when calling the ListExecutions operation"
    )
    assert "Traceback" not in done.printed


def assert_fails(done: Run, says: tuple[str, ...]) -> None:
    assert done.code == 1
    for part in says:
        assert part in done.printed
    sentence = next(line for line in done.printed.splitlines() if line.startswith("FAILED"))
    assert len(sentence) < 500
    assert "Traceback" not in done.printed
    assert json.loads((done.output / "execution.json").read_text())["status"] == "FAILED"


@pytest.fixture(autouse=True)
def results_stay(account: Account, first_run: Run, former_output: Path) -> Iterator[None]:
    """What people look at, the fetched results and the data sets, is the same after the failed run."""
    before = read_results(former_output / "write"), spice(account)
    yield
    assert (read_results(former_output / "write"), spice(account)) == before


def spice(account: Account) -> dict[str, int]:
    """The newest ingestion's number of each data set."""
    quicksight = account.client("quicksight")
    data_sets = quicksight.list_data_sets(AwsAccountId="000000000000")["DataSetSummaries"]
    return {
        data_set["DataSetId"]: len(
            quicksight.list_ingestions(AwsAccountId="000000000000", DataSetId=data_set["DataSetId"])[
                "Ingestions"
            ]
        )
        for data_set in data_sets
    }


@contextmanager
def script(account: Account, job_name: str, text: str) -> Iterator[None]:
    """The job runs another script meanwhile, which is where its role may read scripts: beside the deployed one."""
    glue = account.client("glue")
    command = glue.get_job(JobName=job_name)["Job"]["Command"]
    location = f"{command['ScriptLocation'].rpartition('/')[0]}/other.py"
    bucket, _, key = location.removeprefix("s3://").partition("/")
    account.client("s3").put_object(Bucket=bucket, Key=key, Body=text.encode())
    glue.update_job(JobName=job_name, JobUpdate={"Command": {**command, "ScriptLocation": location}})
    try:
        yield
    finally:
        glue.update_job(JobName=job_name, JobUpdate={"Command": command})
