"""The dashboard as it is after a run: QuickSight's definition of it, drawn from what is in SPICE."""

import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from charts import Chart, Query, Rows, bundle, dashboard, page, picture
from charts.athena import athena_rows
from charts.drawing import Spec
from functions.alert.failure import Event
from localcloud import aws, own_api
from localcloud.deploy import PROJECT
from localcloud.service import JSON
from operate.stack import STACK_NAME


def prepare() -> None:
    """Begin what takes seconds the first time: the script of the page."""
    if not bundle.path().exists():
        subprocess.Popen([sys.executable, "-m", "charts.bundle"], cwd=PROJECT, stdin=subprocess.DEVNULL)


def load() -> None:
    """Load what the account is asked with, while it is at work."""
    for service in ("quicksight", "athena"):
        aws.client(service)


class Preparation:
    """Lets the account get ready to draw once the jobs of the run that it is shown have ended, if it is not.

    That takes a second of all cores, which the jobs need, and what follows them leaves idle.
    """

    def __init__(self) -> None:
        self._has_begun = False

    def __call__(self, events: list[Event]) -> None:
        if not self._has_begun and any(event["type"] == "ParallelStateSucceeded" for event in events):
            self._has_begun = True
            own_api.call("PrepareToDraw", {})


class Engine:
    """Draws in the account, as charts.engine does. Raises OwnApiError."""

    def svg(self, wanted: Spec) -> str:
        return _drawn("svg", wanted)

    def png(self, svg: str) -> bytes:
        return b64decode(_drawn("png", svg))


def _drawn(kind: str, source: Spec | str) -> str:
    drawing: str = own_api.call("Draw", {"Kind": kind, "Source": source})["Drawing"]
    return drawing


def published() -> JSON | None:
    """The dashboard as DescribeDashboardDefinition answers; none where QuickSight is off."""
    key = {"AwsAccountId": aws.ACCOUNT_ID, "DashboardId": STACK_NAME}
    try:
        described: JSON = aws.client("quicksight").describe_dashboard_definition(**key)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    return described


@dataclass(frozen=True)
class Drawn:
    """The dashboard as a page and as a picture, which may still be made."""

    html: str
    png: Future[bytes]

    def write(self, directory: Path) -> None:
        """Write `dashboard.html` and `dashboard.png`."""
        (directory / "dashboard.html").write_text(self.html, encoding="utf-8")
        (directory / "dashboard.png").write_bytes(self.png.result())


def draw(beside: Executor) -> Drawn | None:
    """The dashboard that is published, with what is in SPICE now; none where QuickSight is off.

    The charts take all cores; the picture of them, which is made in `beside`, one.
    """
    if (described := published()) is None:
        return None
    engine = Engine()
    drawings: dict[str, str] = {}

    def made(chart: Chart) -> None:
        drawings[chart.visual_id] = picture.drawing(chart, engine=engine)

    name, definition = described["Name"], described["Definition"]
    charts = dashboard(definition, rows(definition), made)
    png = beside.submit(engine.png, picture.svg(charts, name, drawings=drawings))
    return Drawn(page.html(charts, name), png)


def rows(definition: JSON) -> Rows:
    """The rows of its data sets: those in SPICE from there, the others from their tables."""
    arns = {d["Identifier"]: d["DataSetArn"] for d in definition["DataSetIdentifierDeclarations"]}
    direct = athena_rows(aws.client, aws.ACCOUNT_ID, definition)
    modes = import_modes()

    def of(identifier: str, query: Query) -> Iterable[Any]:
        if modes[arns[identifier]] != "SPICE":
            return direct(identifier, query)
        request = {"DataSetId": arns[identifier].rpartition("/")[2], "Query": query.sql(own_api.RELATION)}
        answered: Iterable[Any] = own_api.call("QueryDataSet", request)["Rows"]
        return answered

    return of


def import_modes() -> dict[str, str]:
    pages = aws.client("quicksight").get_paginator("list_data_sets").paginate(AwsAccountId=aws.ACCOUNT_ID)
    return {summary["Arn"]: summary["ImportMode"] for page in pages for summary in page["DataSetSummaries"]}
