"""Jobs as they were defined: MiniStack's store drops some of a job's properties, and runs depend on them."""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import glue

from localcloud.service import JSON, Operation, ServiceError

DROPPED = (
    "ExecutionProperty",
    "ExecutionClass",
    "JobMode",
    "LogUri",
    "NotificationProperty",
    "MaintenanceWindow",
)


def definition_operations() -> dict[str, Operation]:
    """CreateJob and UpdateJob, by their API names."""
    return {"CreateJob": create_job, "UpdateJob": update_job}


def create_job(request: JSON) -> JSON:
    """CreateJob."""
    answer = _ministack(glue._create_job, request)
    _keep(request["Name"], request)
    return answer


def update_job(request: JSON) -> JSON:
    """UpdateJob: what the update does not name is left as it is."""
    answer = _ministack(glue._update_job, request)
    _keep(request["JobName"], request["JobUpdate"])
    return answer


def _keep(name: str, properties: JSON) -> None:
    glue._jobs[name].update({dropped: properties[dropped] for dropped in DROPPED if dropped in properties})


def _ministack(operation: Callable[[JSON], tuple[int, Any, bytes]], request: JSON) -> JSON:
    status, _, body = operation(request)
    answer: JSON = json.loads(body)
    if status >= 300:
        raise ServiceError(answer["__type"], answer["message"], status)
    return answer
