"""What all of QuickSight's things have: an id, an ARN, a place in a list."""

import datetime as dt
import re

from localcloud import aws
from localcloud.quicksight.datasets import invalid
from localcloud.service import JSON, ServiceError

PAGE = 100


def find(records: dict[str, JSON], kind: str, record_id: str) -> JSON:
    if record_id not in records:
        raise ServiceError("ResourceNotFoundException", f"{kind} {record_id} is not found", 404)
    return records[record_id]


def exists(kind: str, record_id: str) -> ServiceError:
    return ServiceError("ResourceExistsException", f"{kind} {record_id} already exists", 409)


def checked_id(record_id: str) -> str:
    if not re.fullmatch(r"[\w-]{1,512}", record_id, re.ASCII):
        raise invalid(f"'{record_id}' is no id: letters, digits, - and _ are")
    return record_id


def identity(record: JSON, key: str) -> JSON:
    return {"Arn": record["Arn"], key: record[key]}


def summary(record: JSON, keys: tuple[str, ...]) -> JSON:
    return {key: record[key] for key in keys}


def page(member: str, records: list[JSON], request: JSON) -> JSON:
    """A page of `records`; the token is where the next one begins."""
    token = request.get("NextToken", "0")
    if not token.isdigit():
        raise ServiceError("InvalidNextTokenException", f"NextToken {token} is not valid")
    end = int(token) + request.get("MaxResults", PAGE)
    more = {"NextToken": str(end)} if end < len(records) else {}
    return {member: records[int(token) : end], **more}


def arn(resource: str) -> str:
    return f"arn:aws:quicksight:{aws.REGION}:{aws.ACCOUNT_ID}:{resource}"


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
