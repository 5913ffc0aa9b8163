"""The services' models tell an answer, an argument and an error that cannot be from one that can."""

import pytest

from tests.statemachine import models


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"Crawler": {"Name": "raw", "Condition": "READY"}}, "Condition (not a name in Step Functions)"),
        ({"Crawler": {"name": "raw"}}, "name (not a name in Step Functions)"),
        ({"Crawler": {"Name": 1}}, "Invalid type for parameter Crawler.Name"),
        ({"Crawler": {"State": "ASLEEP"}}, "ASLEEP is no CrawlerState: READY, RUNNING, STOPPING"),
        ({"Crawler": {"LastCrawl": {"StartTime": "soon"}}}, "Crawler.LastCrawl.StartTime"),
    ],
)
def test_an_answer_that_the_service_does_not_give(answer: dict[str, object], says: str) -> None:
    wrong = models.wrong_answer("aws-sdk:glue:getCrawler", answer)

    assert len(wrong) == 1
    assert says in wrong[0]


def test_the_answer_of_work_that_was_waited_for_is_its_description() -> None:
    assert models.wrong_answer("glue:startJobRun.sync", {"JobRunState": "SUCCEEDED"}) == []
    assert models.wrong_answer("glue:startJobRun", {"JobRunState": "SUCCEEDED"}) != []
    assert "executionArn" in models.wrong_answer("states:startExecution.sync:2", {"Output": {}})[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, 'Missing required parameter in input: "Name"'),
        ({"Name": "raw", "Wait": True}, "Wait"),
        ({"Name": 5}, "Invalid type for parameter Name"),
    ],
)
def test_arguments_that_the_service_does_not_take(arguments: dict[str, object], says: str) -> None:
    assert says in models.wrong_arguments("aws-sdk:glue:startCrawler", arguments)[0]


def test_errors_that_a_resource_throws() -> None:
    assert models.can_throw("aws-sdk:glue:startCrawler", "Glue.CrawlerRunningException")
    assert models.can_throw("states:startExecution.sync:2", "StepFunctions.ExecutionLimitExceededException")
    assert models.can_throw("aws-sdk:s3:putObject", "S3.SdkClientException")


@pytest.mark.parametrize(
    ("resource", "error"),
    [
        ("aws-sdk:glue:startCrawler", "Glue.CrawlerBusyException"),
        ("aws-sdk:glue:startCrawler", "Athena.TooManyRequestsException"),
        ("aws-sdk:glue:startCrawler", "CrawlerRunningException"),
        ("aws-sdk:glue:startCrawler", "States.TaskFailed"),
        ("athena:getQueryResults", "S3.SdkClientException"),
    ],
)
def test_errors_that_a_resource_does_not_throw(resource: str, error: str) -> None:
    assert not models.can_throw(resource, error)
