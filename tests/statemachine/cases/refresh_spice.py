"""refresh_spice: succeeds once an ingestion of its own has completed."""

from typing import Any

from tests.statemachine.case import UUID, Call, Case, Step

GIVEN = {"data_set_id": "csv-to-charts-top_products"}
DATA_SET = {"AwsAccountId": "123456789012", "DataSetId": "csv-to-charts-top_products"}


def start(times: int = 1) -> list[Step]:
    """Each try has an id of its own, so no call is like another."""
    create = Call("StartIngestion", "aws-sdk:quicksight:createIngestion", {**DATA_SET, "IngestionId": UUID})
    return [create] * times


def look(times: int = 1) -> list[Step]:
    ingestion = {**DATA_SET, "IngestionId": "0c7a"}
    see = Call("SeeIngestion", "aws-sdk:quicksight:describeIngestion", ingestion, times)
    return ["WaitForIngestion", "CountPoll", see, "IsIngestionDone"]


def completed(ingested: int = 12, dropped: int = 0) -> dict[str, Any]:
    """The output."""
    return {
        "data_set_id": "csv-to-charts-top_products",
        "ingestion_id": "0c7a",
        "rows_ingested": ingested,
        "rows_dropped": dropped,
    }


CASES = [
    Case(
        "HappyPath",
        GIVEN,
        steps=[*start(), *look(), "IngestionCompleted"],
        output=completed(),
        waits=[10],
    ),
    Case(
        # INITIALIZED, QUEUED, RUNNING.
        "RunsThenCompletes",
        GIVEN,
        steps=[*start(), *look() * 4, "IngestionCompleted"],
        output=completed(),
        waits=[10] * 4,
    ),
    Case(
        "RowsDropped",
        GIVEN,
        steps=[*start(), *look(), "IngestionCompleted"],
        output=completed(ingested=9, dropped=3),
        waits=[10],
    ),
    Case(
        "FailedWithReason",
        GIVEN,
        steps=[*start(), *look(), "IngestionFailed"],
        error="IngestionFailed",
        cause="Data set csv-to-charts-top_products was not refreshed: Athena cannot read the table",
        waits=[10],
    ),
    Case(
        "FailedWithoutReason",
        GIVEN,
        steps=[*start(), *look(), "IngestionStopped"],
        error="IngestionStopped",
        cause="Data set csv-to-charts-top_products was not refreshed: ingestion 0c7a is FAILED.",
        waits=[10],
    ),
    Case(
        "Cancelled",
        GIVEN,
        steps=[*start(), *look(), "IngestionStopped"],
        error="IngestionStopped",
        cause="Data set csv-to-charts-top_products was not refreshed: ingestion 0c7a is CANCELLED.",
        waits=[10],
    ),
    Case(
        # An error is one once the ingestion has failed.
        "ErrorWhileRunning",
        GIVEN,
        steps=[*start(), *look() * 2, "IngestionCompleted"],
        output=completed(),
        waits=[10, 10],
    ),
    Case(
        "StartThrottled",
        GIVEN,
        steps=[*start(times=4), *look(), "IngestionCompleted"],
        output=completed(),
        waits=[5, 10, 10, 20],
    ),
    Case(
        "StartThrottledTooLong",
        GIVEN,
        steps=start(times=7),
        error="QuickSight.ThrottlingException",
        cause="ThrottlingException: Rate exceeded",
        waits=[5, 10, 20, 40, 60, 60],
    ),
    Case(
        "DataSetMissing",
        GIVEN,
        steps=start(),
        error="QuickSight.ResourceNotFoundException",
        cause="DataSet csv-to-charts-top_products is not found",
    ),
    Case(
        "LookThrottled",
        GIVEN,
        steps=[*start(), *look(times=4), "IngestionCompleted"],
        output=completed(),
        waits=[5, 10, 10, 20],
    ),
    Case(
        "LookThrottledTooLong",
        GIVEN,
        steps=[*start(), *look(times=7)[:-1]],
        error="QuickSight.ThrottlingException",
        cause="ThrottlingException: Rate exceeded",
        waits=[5, 10, 10, 20, 40, 60, 60],
    ),
    Case(
        "CancelledAtTheLastLook",
        GIVEN,
        steps=[*start(), *look() * 360, "IngestionStopped"],
        error="IngestionStopped",
        cause="Data set csv-to-charts-top_products was not refreshed: ingestion 0c7a is CANCELLED.",
        waits=[10] * 360,
    ),
    Case(
        "TookTooLong",
        GIVEN,
        steps=[*start(), *look() * 360, "IngestionTookTooLong"],
        error="IngestionTookTooLong",
        cause="Data set csv-to-charts-top_products: ingestion 0c7a is still RUNNING after 360 looks, "
        "10 seconds apart.",
        waits=[10] * 360,
    ),
]
