"""Athena's StartQueryExecution, StopQueryExecution and GetQueryResults.

Every other operation is MiniStack's, over the same records: what is written into `_executions` here is
what its GetQueryExecution, BatchGetQueryExecution and ListQueryExecutions answer from.
"""

import contextvars
import tempfile
import threading
import time
import uuid
from pathlib import Path

from botocore.exceptions import ClientError
from ministack.services import athena as ministack
from sqlglot import exp

from localcloud import aws, endings, faults, iam
from localcloud.athena import sql as athena_sql
from localcloud.athena import statements
from localcloud.athena.catalog import object_file
from localcloud.athena.engine import Query, results_folder
from localcloud.athena.errors import QueryError, ScanLimitError
from localcloud.athena.results import Column, csv_line, read_csv
from localcloud.service import JSON, Operation, ServiceError

LONGEST_QUERY = 262_144
LARGEST_PAGE = 1000
# Read ahead of a page of results; a page whose rows need more is read with twice as much.
PAGE_BYTES = 1_000_000
ENGINE = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
OTHER_STATEMENTS = {
    *(
        "alter",
        "create",
        "deallocate",
        "delete",
        "desc",
        "describe",
        "drop",
        "execute",
        "explain",
        "insert",
        "merge",
    ),
    *("msck", "optimize", "prepare", "show", "unload", "update", "use", "vacuum"),
}
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")

_slots = threading.BoundedSemaphore(8)
_running: dict[str, Query] = {}
_state = threading.Lock()


def athena_operations() -> dict[str, Operation]:
    """The operations answered here, by their API names."""
    return {
        "StartQueryExecution": start_query_execution,
        "StopQueryExecution": stop_query_execution,
        "GetQueryResults": get_query_results,
    }


def start_query_execution(request: JSON) -> JSON:
    """Queue a query.

    InvalidRequestException where Athena answers at once: bad syntax, no such workgroup, no output location.
    """
    query = request.get("QueryString", "")
    if not query.strip() or len(query.encode()) > LONGEST_QUERY:
        raise invalid(f"queryString must have between 1 and {LONGEST_QUERY} bytes")
    if request.get("ExecutionParameters"):
        raise ServiceError("NotImplementedException", "ExecutionParameters are not supported here", 501)
    if known := same_token(request):
        return {"QueryExecutionId": known}
    workgroup = enabled_workgroup(request.get("WorkGroup", "primary"))
    parsed = athena_sql.parse(query) if is_query(query) else None
    record = new_record(request, workgroup, output_location(request, workgroup), parsed is not None)
    ministack._executions[record["QueryExecutionId"]] = record
    limit = workgroup["Configuration"].get("BytesScannedCutoffPerQuery")
    run = contextvars.copy_context().run
    arguments = (execute, record, parsed, int(limit) if limit else None)
    threading.Thread(target=run, args=arguments, name="athena", daemon=True).start()
    return {"QueryExecutionId": record["QueryExecutionId"]}


def stop_query_execution(request: JSON) -> JSON:
    """Cancel a query that has not ended; one that has stays as it is."""
    record = find_record(request)
    if finish(record, "CANCELLED", "Query was cancelled by user"):
        running = _running.get(record["QueryExecutionId"])
        if running:
            running.stop()
    return {}


def get_query_results(request: JSON) -> JSON:
    """A page of rows, read from the result file as Athena does; a SELECT's first row is its column names."""
    record = find_record(request)
    limit = request.get("MaxResults", LARGEST_PAGE)
    if limit > LARGEST_PAGE:
        raise invalid(f"MaxResults is more than maximum allowed length {LARGEST_PAGE}.")
    status = record["Status"]
    if status["State"] != "SUCCEEDED":
        reason = status.get("StateChangeReason")
        ended = f"Query did not finish successfully. Final query state: {status['State']}. {reason}"
        raise invalid(
            ended
            if status["State"] in ENDED
            else f"Query has not yet finished. Current state: {status['State']}"
        )
    rows, token = page(record, int(request.get("NextToken") or 0), limit)
    data = [{"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in rows]
    metadata = {"ColumnInfo": [column.info() for column in record["_columns"]]}
    response: JSON = {"UpdateCount": 0, "ResultSet": {"Rows": data, "ResultSetMetadata": metadata}}
    return {**response, "NextToken": str(token)} if token is not None else response


def page(record: JSON, start: int, limit: int) -> tuple[list[list[str | None]], int | None]:
    """Rows of the result file from byte `start`, and where the next page begins."""
    bucket, key = bucket_and_key(record["ResultConfiguration"]["OutputLocation"])
    try:
        path = object_file(bucket, key)
    except iam.AccessDeniedError as error:
        raise ServiceError("AccessDeniedException", str(error)) from None
    with path.open("rb") as file:
        size = PAGE_BYTES
        while True:
            file.seek(start)
            data = file.read(size)
            whole = len(data) < size
            rows, taken = read_page(record, data, limit)
            if whole or len(rows) == limit:
                more = not whole or taken < len(data)
                return rows, start + taken if more else None
            size *= 2


def read_page(record: JSON, data: bytes, limit: int) -> tuple[list[list[str | None]], int]:
    if record["StatementType"] == "DML":
        return read_csv(data, limit)
    lines = data.splitlines(keepends=True)[:limit]
    return [[line.decode().rstrip("\n")] for line in lines], sum(map(len, lines))


def execute(record: JSON, parsed: exp.Query | None, scan_limit: int | None) -> None:
    """Run a query, when its turn comes, to its end state; the record says what became of it."""
    with _slots:
        if begin(record):
            run(record, parsed, scan_limit)


def run(record: JSON, parsed: exp.Query | None, scan_limit: int | None) -> None:
    try:
        faults.on_work("query", record["Query"])
        with tempfile.TemporaryDirectory(dir=results_folder()) as scratch:
            output = Path(scratch, "result")
            columns = query(record, parsed, scan_limit, output) if parsed else statement(record, output)
            if record["Status"]["State"] == "RUNNING":
                save(record, columns, output)
        finish(record, "SUCCEEDED")
    except ScanLimitError:
        finish(record, "CANCELLED", "Bytes scanned limit was exceeded")
    except QueryError as error:
        finish(record, "FAILED", str(error))
    except iam.AccessDeniedError as error:
        finish(record, "FAILED", f"PERMISSION_DENIED: {error}")
    except Exception as error:
        finish(record, "FAILED", f"GENERIC_INTERNAL_ERROR: {type(error).__name__}: {error}")


def query(record: JSON, parsed: exp.Query, scan_limit: int | None, output: Path) -> list[Column]:
    running = Query(record["Query"], parsed, record["QueryExecutionContext"]["Database"])
    _running[record["QueryExecutionId"]] = running
    planned = time.time()
    try:
        running.plan(scan_limit)
        record["Statistics"]["QueryPlanningTimeInMillis"] = milliseconds(planned)
        # A query stopped before it was in _running is found stopped here.
        return running.run(output) if record["Status"]["State"] == "RUNNING" else []
    finally:
        record["Statistics"]["DataScannedInBytes"] = running.bytes_scanned
        del _running[record["QueryExecutionId"]]
        running.close()


def statement(record: JSON, output: Path) -> list[Column]:
    words = record["Query"].replace("`", "").strip().rstrip(";").split()
    columns, lines = statements.run(words, record["Query"], record["QueryExecutionContext"]["Database"])
    output.write_text("".join(f"{line}\n" for line in lines))
    return columns


def save(record: JSON, columns: list[Column], output: Path) -> None:
    """Put the result beside its metadata under the output location."""
    bucket, key = bucket_and_key(record["ResultConfiguration"]["OutputLocation"])
    s3 = aws.client("s3")
    types = csv_line([column.name for column in columns]) + csv_line([column.type for column in columns])
    try:
        with output.open("rb") as file:
            s3.put_object(Bucket=bucket, Key=key, Body=file, ContentType="text/csv")
        s3.put_object(Bucket=bucket, Key=f"{key}.metadata", Body=types)
    except ClientError as error:
        raise QueryError(
            "FAILED", f"The result could not be written to s3://{bucket}/{key}: {error}"
        ) from None
    record["_columns"] = columns


def new_record(request: JSON, workgroup: JSON, location: str, is_select: bool) -> JSON:
    """A query execution as MiniStack keeps it: names that begin with `_` are not shown."""
    query_id = str(uuid.uuid4())
    word = athena_sql.first_word(request["QueryString"])
    kind = "DML" if is_select else "DDL" if word in ("create", "drop", "alter") else "UTILITY"
    context = request.get("QueryExecutionContext") or {}
    suffix = "csv" if is_select else "txt"
    return {
        "QueryExecutionId": query_id,
        "Query": request["QueryString"],
        "StatementType": kind,
        "ResultConfiguration": {"OutputLocation": f"{location.rstrip('/')}/{query_id}.{suffix}"},
        "QueryExecutionContext": {
            "Database": context.get("Database", "default"),
            "Catalog": context.get("Catalog", "AwsDataCatalog").lower(),
        },
        "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
        "Statistics": {"DataScannedInBytes": 0},
        "WorkGroup": workgroup["Name"],
        "EngineVersion": ENGINE,
        "_token": request.get("ClientRequestToken"),
        "_columns": [],
    }


def begin(record: JSON) -> bool:
    """QUEUED to RUNNING; False when it was cancelled in the queue."""
    with _state:
        if record["Status"]["State"] != "QUEUED":
            return False
        record["Status"]["State"] = "RUNNING"
        record["_started"] = time.time()
        record["Statistics"]["QueryQueueTimeInMillis"] = milliseconds(record["Status"]["SubmissionDateTime"])
        return True


def finish(record: JSON, state: str, reason: str = "") -> bool:
    """Enter an end state, once: False when the query had ended already."""
    with _state:
        status, statistics = record["Status"], record["Statistics"]
        if status["State"] in ENDED:
            return False
        status |= {"State": state, "CompletionDateTime": time.time()}
        if reason:
            status["StateChangeReason"] = reason
        if state == "FAILED":
            status["AthenaError"] = athena_error(reason)
        statistics["TotalExecutionTimeInMillis"] = milliseconds(status["SubmissionDateTime"])
        statistics["EngineExecutionTimeInMillis"] = milliseconds(record.get("_started", time.time()))
    endings.announce(record["QueryExecutionId"])
    return True


def athena_error(reason: str) -> JSON:
    """Category 2 is the query's own fault, 1 the system's (Athena error catalog)."""
    system = reason.startswith("GENERIC_INTERNAL_ERROR")
    return {"ErrorCategory": 1 if system else 2, "Retryable": False, "ErrorMessage": reason}


def enabled_workgroup(name: str) -> JSON:
    ministack._ensure_default_workgroup()
    workgroup: JSON | None = ministack._workgroups.get(name)
    if workgroup is None:
        raise invalid(f"WorkGroup {name} is not found.")
    if workgroup.get("State", "ENABLED") != "ENABLED":
        raise invalid(f"WorkGroup {name} is disabled.")
    return {**workgroup, "Configuration": workgroup.get("Configuration") or {}}


def output_location(request: JSON, workgroup: JSON) -> str:
    """The workgroup's location where it enforces its configuration; otherwise the client's goes first."""
    configuration = workgroup["Configuration"]
    own = (configuration.get("ResultConfiguration") or {}).get("OutputLocation")
    clients = (request.get("ResultConfiguration") or {}).get("OutputLocation")
    # A template's booleans may be texts.
    enforced = str(configuration.get("EnforceWorkGroupConfiguration", False)).lower() == "true"
    location: str | None = own if enforced else clients or own
    if not location:
        raise invalid(
            "No output location provided. An output location is required either through the "
            "Workgroup result configuration setting or as an API input."
        )
    return verified(location)


def verified(location: str) -> str:
    bucket, _ = bucket_and_key(location)
    try:
        aws.client("s3").get_bucket_location(Bucket=bucket)
    except ClientError as error:
        reason = error.response["Error"]["Message"]
        raise invalid(f"Unable to verify/create output bucket {bucket}: {reason}") from None
    return location


def bucket_and_key(location: str) -> tuple[str, str]:
    scheme, _, rest = location.partition("://")
    if scheme != "s3" or not rest:
        raise invalid(f"outputLocation is not a valid S3 path: {location}")
    bucket, _, key = rest.partition("/")
    return bucket, key


def same_token(request: JSON) -> str | None:
    """The execution a repeated ClientRequestToken belongs to."""
    token = request.get("ClientRequestToken")
    for query_id, record in ministack._executions.items():
        if token and record.get("_token") == token:
            if record["Query"] != request["QueryString"]:
                raise invalid("Idempotent parameters do not match")
            return str(query_id)
    return None


def find_record(request: JSON) -> JSON:
    record: JSON | None = ministack._executions.get(request.get("QueryExecutionId", ""))
    if record is None:
        raise invalid(f"QueryExecution {request.get('QueryExecutionId')} was not found")
    return record


def is_query(query_string: str) -> bool:
    """Whether it is for the query engine, which also says what is malformed."""
    return athena_sql.first_word(query_string) not in OTHER_STATEMENTS


def milliseconds(since: float) -> int:
    return round((time.time() - since) * 1000)


def invalid(message: str) -> ServiceError:
    return ServiceError("InvalidRequestException", message)
