"""The results as charts: QuickSight's dashboard of the stack, its queries answered by Athena."""

from typing import Any

from botocore.exceptions import ClientError

from charts import Chart, dashboard, theme
from charts.athena import QueryFailedError, athena_rows
from operate.errors import OperateError
from operate.stack import Clients

View = dict[str, Any]


class Results:
    """The dashboard that is named as its stack is."""

    def __init__(self, client: Clients, account_id: str, stack_name: str) -> None:
        self._client, self._account_id, self._stack_name = client, account_id, stack_name

    def view(self) -> View:
        """The charts, sheet by sheet, and the colours to draw them in.

        Raises OperateError where there is no dashboard, or a query fails.
        """
        definition = self._definition()
        try:
            charts = dashboard(definition, athena_rows(self._client, self._account_id, definition))
        except QueryFailedError as error:
            raise OperateError(f"Athena could not read the results: {error}") from None
        themes = {name: theme.config(name) for name in ("light", "dark")}
        return {"charts": [_view(chart) for chart in charts], "themes": themes}

    def _definition(self) -> dict[str, Any]:
        try:
            told = self._client("quicksight").describe_dashboard_definition(
                AwsAccountId=self._account_id, DashboardId=self._stack_name
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            raise OperateError(
                f"there is no QuickSight dashboard {self._stack_name}; deploy the stack with EnableQuickSight=true"
            ) from None
        definition: dict[str, Any] = told["Definition"]
        return definition


def _view(chart: Chart) -> View:
    return {
        "sheet": chart.sheet,
        "id": chart.visual_id,
        "title": chart.title,
        "subtitle": chart.subtitle,
        "place": vars(chart.place),
        "spec": chart.spec,
        "figure": chart.figure,
        "words": chart.words,
        "note": chart.note,
        "columns": [
            {"label": column.label, "isNumber": column.format.kind == "number"}
            for column in chart.table.columns
        ],
        "rows": chart.table.texts(),
    }
