"""Requests to REST services by their operations: botocore writes one for each operation, and it must be recognised."""

from typing import Any

import botocore.session
import pytest
from botocore.model import OperationModel, Shape
from botocore.serialize import create_serializer

from localcloud import aws
from localcloud.faults.actions import Request, actions_of
from localcloud.rest import routes


def value(shape: Shape) -> Any:
    """The least that the model lets stand for the shape."""
    match shape.type_name:
        case "structure":
            return members(shape)
        case "list":
            return [value(shape.member)]
        case "map":
            return {"key": value(shape.value)}
        case "string":
            return shape.enum[0] if shape.enum else "some-text"
        case "boolean":
            return True
        case "blob":
            return b"some-bytes"
        case "timestamp":
            return 0
    return 1


def members(shape: Any) -> dict[str, Any]:
    return {name: value(shape.members[name]) for name in shape.required_members}


def request_of(operation: OperationModel) -> Request:
    protocol = operation.service_model.protocol
    parameters = members(operation.input_shape) if operation.input_shape else {}
    written = create_serializer(protocol, include_validation=False).serialize_to_request(
        parameters, operation
    )
    path, _, literals = written["url_path"].partition("?")
    query = dict(part.partition("=")[::2] for part in literals.split("&") if part) | written["query_string"]
    return Request(
        method=written["method"],
        path=path,
        headers={name.lower(): str(text) for name, text in written["headers"].items()},
        body=b"",
        query={name: [str(text)] for name, text in query.items()},
    )


@pytest.mark.parametrize("service", ["s3", "quicksight", "lambda"])
def test_every_operation_is_recognised(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    named = {
        name: actions_of(service, request_of(model.operation_model(name))) for name in model.operation_names
    }

    assert [name for name, actions in named.items() if name not in actions] == []
    # More than one only where the model has two names for one request, as it has for notifications.
    assert {len(actions) for actions in named.values()} <= {1, 2}


def test_a_client_that_was_used_changes_nothing() -> None:
    """A call rewrites the path in the client's own model, from which routes are made."""
    aws.client("s3").generate_presigned_url("list_objects_v2", {"Bucket": "lake"})
    routes.cache_clear()

    assert actions_of("s3", Request("GET", "/lake", {}, b"", {"list-type": ["2"]})) == {"ListObjectsV2"}
    assert actions_of("s3", Request("GET", "/", {}, b"", {})) == {"ListBuckets", "ListDirectoryBuckets"}


def test_what_a_request_has_more_tells_operations_apart() -> None:
    def actions(method: str, path: str, **more: Any) -> set[str]:
        return actions_of(
            "s3",
            Request(method, path, more.get("headers", {}), b"", {k: [""] for k in more.get("query", ())}),
        )

    assert actions("PUT", "/lake/a/b.csv") == {"PutObject"}
    assert actions("PUT", "/lake/a/b.csv", headers={"x-amz-copy-source": "lake/c"}) == {"CopyObject"}
    assert actions("PUT", "/lake/a/b.csv", query=["partNumber", "uploadId"]) == {"UploadPart"}
    assert actions("PUT", "/lake/folder/") == {"PutObject"}
    assert actions("PUT", "/lake/") == {"CreateBucket"}
    assert actions("GET", "/lake", query=["location"]) == {"GetBucketLocation"}


def test_only_a_name_with_a_plus_holds_slashes() -> None:
    paths = {route.name: route.path for route in routes("lambda")}

    assert paths["GetFunction"].fullmatch("/2015-03-31/functions/start-pipeline")
    assert not paths["GetFunction"].fullmatch("/2015-03-31/functions/start-pipeline/policy")
