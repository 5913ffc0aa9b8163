"""Which operation of a REST service a request is for, by the service's own model in botocore."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from localcloud import aws

if TYPE_CHECKING:  # see `aws`
    from botocore.model import OperationModel, ServiceModel


@dataclass(frozen=True)
class Route:
    """What a request must have to be for the operation `name`."""

    name: str
    method: str
    path: re.Pattern[str]
    """With a group for each value in it."""
    query: tuple[tuple[str, str], ...]
    """Parameters of the query string, "" for any value."""
    headers: tuple[str, ...]

    @property
    def precedence(self) -> tuple[int, int]:
        """Less comes first: what asks for more, in a path that leaves less open."""
        return -len(self.query + self.headers), self.path.groups

    def has(self, query: dict[str, list[str]], headers: dict[str, str]) -> bool:
        """Whether what must be beside method and path is there."""
        return all(name in query and value in ("", *query[name]) for name, value in self.query) and all(
            name in headers for name in self.headers
        )


def service_model(service: str) -> ServiceModel:
    """The client's own: models are large, and one reading of each is enough."""
    model: ServiceModel = aws.client(service).meta.service_model
    return model


@functools.cache
def routes(service: str) -> list[Route]:
    """Every operation's route, by precedence."""
    model = service_model(service)
    found = [_route(model.operation_model(name)) for name in model.operation_names]
    return sorted(found, key=lambda route: route.precedence)


def _route(model: OperationModel) -> Route:
    path, _, literals = model.http["requestUri"].partition("?")
    # Once an S3 client has called an operation, its model has the bucket in authPath only.
    path = model.http.get("authPath", path)
    query = [
        (name, value) for name, _, value in (part.partition("=") for part in literals.split("&")) if name
    ]
    shape = model.input_shape
    required = [shape.members[name].serialization for name in shape.required_members] if shape else []
    return Route(
        name=model.name,
        method=model.http["method"],
        path=re.compile(_pattern(path)),
        query=(
            *query,
            *((place["name"], "") for place in required if place.get("location") == "querystring"),
        ),
        headers=tuple(place["name"].lower() for place in required if place.get("location") == "header"),
    )


def _pattern(template: str) -> str:
    """`/{Bucket}/{Key+}` as a regular expression: only a name with a plus may hold slashes."""
    literal = re.escape(template.rstrip("/")).replace(r"\{", "{").replace(r"\}", "}").replace(r"\+", "+")
    labelled = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", literal)
    return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", labelled) + "/?"
