"""The results as charts: QuickSight's dashboard of the stack, its queries answered by Athena."""

from typing import Any

from botocore.exceptions import ClientError

from charts import Chart, Query, dashboard, theme
from charts.query import quoted
from console.tables import Row, Tables
from operate.errors import OperateError
from operate.stack import Clients

View = dict[str, Any]


class Results:
    """The dashboard that is named as its stack is."""

    def __init__(self, client: Clients, account_id: str, stack_name: str, tables: Tables) -> None:
        self._quicksight = client("quicksight")
        self._account_id, self._stack_name, self._tables = account_id, stack_name, tables

    def view(self) -> View:
        """The charts, sheet by sheet, and the colours to draw them in.

        Raises OperateError where there is no dashboard, or a query fails.
        """
        definition = self._definition()
        relations = {
            data_set["Identifier"]: self._relation(data_set["DataSetArn"])
            for data_set in definition["DataSetIdentifierDeclarations"]
        }

        def rows(identifier: str, query: Query) -> list[Row]:
            return self._tables.query(query.sql(relations[identifier]))[1]

        charts = [_view(chart) for chart in dashboard(definition, rows)]
        return {"charts": charts, "themes": {name: theme.config(name) for name in ("light", "dark")}}

    def _definition(self) -> dict[str, Any]:
        try:
            told = self._quicksight.describe_dashboard_definition(
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

    def _relation(self, data_set_arn: str) -> str:
        """The table that a data set is of, as it may stand after FROM. Raises OperateError where it is of none."""
        name = data_set_arn.rpartition("/")[2]
        data_set = self._quicksight.describe_data_set(AwsAccountId=self._account_id, DataSetId=name)[
            "DataSet"
        ]
        (table,) = data_set["PhysicalTableMap"].values()
        if "RelationalTable" not in table or data_set.get("LogicalTableMap"):
            raise OperateError(
                f"data set {name} is not just a table, so the console cannot ask Athena for it"
            )
        relational = table["RelationalTable"]
        return f"{quoted(relational['Schema'])}.{quoted(relational['Name'])}"


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
