"""Each event to its function in a container, with the account behind it: `make test-sam-local`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import DockerException

from tests.conftest import PROJECT
from tests.pipeline.conftest import Account
from tests.pipeline.relay import relay
from tests.pipeline.sam import sam
from tests.template import resources

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine")]
NO_ENGINE = "sam local runs functions in containers: start Docker, or set DOCKER_HOST to an engine that runs"
HOST = "host.docker.internal"
"""This machine as containers know it."""
EVENTS = sorted(path.stem for path in (PROJECT / "events").glob("*.json") if path.stem != "environment")


@pytest.fixture(scope="session")
def engine() -> docker.DockerClient:
    """The container engine; asked for first, since nothing else needs to begin without one."""
    try:
        return docker.from_env()
    except DockerException:
        pytest.exit(NO_ENGINE, returncode=1)


@pytest.fixture(scope="module")
def endpoint(engine: docker.DockerClient, account: Account) -> Iterator[str]:
    """The account as containers reach it: through Docker Desktop's own way, or over the bridge of a Linux engine."""
    if engine.info()["OperatingSystem"] == "Docker Desktop":
        yield f"http://{HOST}:{account.port}"
        return
    gateway = engine.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
    with relay(gateway, account.port) as port:
        yield f"http://{gateway}:{port}"


@pytest.fixture(scope="module")
def local_template(account: Account, endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The functions as they were built, with the environment of those in the account.

    It is written here because sam local sets no variable that the template does not name, such as the endpoint.
    """
    functions = {name: _local(name, account, endpoint) for name in resources("AWS::Serverless::Function")}
    path = tmp_path_factory.mktemp("sam") / "template.json"
    path.write_text(json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": functions}))
    return path


def _local(name: str, account: Account, endpoint: str) -> dict[str, Any]:
    (stack,) = account.client("cloudformation").describe_stack_resources(
        StackName="csv-to-charts", LogicalResourceId=name
    )["StackResources"]
    deployed = account.client("lambda").get_function_configuration(FunctionName=stack["PhysicalResourceId"])
    variables = {**deployed["Environment"]["Variables"], "AWS_ENDPOINT_URL": endpoint}
    source = resources("AWS::Serverless::Function")[name]["Properties"]
    kept = {key: source[key] for key in ("Handler", "Runtime", "Architectures", "MemorySize")}
    code = str(PROJECT / ".aws-sam" / "build" / name)
    # The first call in a container takes longer than in Lambda.
    properties = {**kept, "CodeUri": code, "Timeout": 60, "Environment": {"Variables": variables}}
    return {"Type": "AWS::Serverless::Function", "Properties": properties}


@pytest.mark.parametrize("event", EVENTS)
def test_the_function_answers(account: Account, local_template: Path, event: str) -> None:
    alert = event.startswith("alert_")
    function = "AlertFunction" if alert else "StartPipelineFunction"
    options = ["--template", str(local_template), "--event", f"events/{event}.json"]
    answer = json.loads(sam(account, "local", "invoke", function, *options).stdout.splitlines()[-1])

    assert answer is None if alert else list(answer) == ["batchItemFailures"]
