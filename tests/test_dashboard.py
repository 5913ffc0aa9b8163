"""The template's dashboard: what QuickSight would refuse, and what people would miss."""

from typing import Any

import pytest

from charts.dashboard import KINDS
from localcloud.quicksight.definitions import check_definition, errors, references
from localcloud.quicksight.rest import check
from localcloud.rest import service_model
from tests.template import properties, resources

(DASHBOARD,) = properties("AWS::QuickSight::Dashboard")
(ANALYSIS,) = properties("AWS::QuickSight::Analysis")
DEFINITION = DASHBOARD["Definition"]
VISUALS = [body for visual in DEFINITION["Sheets"][0]["Visuals"] for body in visual.values()]
OWNER = "arn:aws:quicksight:us-east-1:000000000000:user/default/local"


def resolved(value: Any) -> Any:
    """The value with its intrinsics as a deployment might have them."""
    if isinstance(value, list):
        return [resolved(item) for item in value]
    if not isinstance(value, dict):
        return value
    intrinsics = {
        "AWS::AccountId": "000000000000",
        "AWS::StackName": "csv-to-charts",
        "QuickSightPrincipalArn": OWNER,
    }
    if "Ref" in value:
        return intrinsics.get(value["Ref"], value["Ref"])
    if "Fn::GetAtt" in value:
        return arn(str(value["Fn::GetAtt"][0]))
    if "Fn::Sub" in value:
        return value["Fn::Sub"]
    return {key: resolved(item) for key, item in value.items()}


def arn(logical_id: str) -> str:
    return f"arn:aws:quicksight:us-east-1:000000000000:dataset/{logical_id}"


def data_sets() -> dict[str, Any]:
    found = resources("AWS::QuickSight::DataSet")
    return {name: resolved({**body["Properties"], "Arn": arn(name)}) for name, body in found.items()}


@pytest.mark.parametrize(
    ("operation", "request_"), [("CreateDashboard", DASHBOARD), ("CreateAnalysis", ANALYSIS)]
)
def test_the_service_s_model_takes_it(operation: str, request_: dict[str, Any]) -> None:
    check(service_model("quicksight").operation_model(operation), resolved(request_))


def test_the_analysis_is_the_dashboard() -> None:
    assert ANALYSIS["Definition"] == DEFINITION


def test_every_data_set_is_declared_and_used() -> None:
    declared = {
        d["Identifier"]: resolved(d["DataSetArn"]) for d in DEFINITION["DataSetIdentifierDeclarations"]
    }

    assert declared == {data_set["Name"]: data_set["Arn"] for data_set in data_sets().values()}
    assert {identifier for _, identifier, _ in references(DEFINITION)} == set(declared)


def test_every_column_is_there_and_of_its_field_s_type() -> None:
    check_definition(DEFINITION)

    assert errors(resolved(DEFINITION), data_sets()) == []


def test_no_id_and_no_title_is_there_twice() -> None:
    titles = [visual["Title"]["FormatText"]["PlainText"] for visual in VISUALS]

    assert len(set(titles)) == len(titles) == len({visual["VisualId"] for visual in VISUALS})


def test_every_visual_has_a_place_of_its_own_on_the_grid() -> None:
    (layout,) = DEFINITION["Sheets"][0]["Layouts"]
    elements = layout["Configuration"]["GridLayout"]["Elements"]
    cells = [
        (row, column)
        for e in elements
        for row in range(e["RowIndex"], e["RowIndex"] + e["RowSpan"])
        for column in range(e["ColumnIndex"], e["ColumnIndex"] + e["ColumnSpan"])
    ]

    assert [e["ElementId"] for e in elements] == [visual["VisualId"] for visual in VISUALS]
    assert len(set(cells)) == len(cells)
    assert max(column for _, column in cells) < 36


def test_every_kind_of_visual_is_drawn_here_too() -> None:
    assert {kind for visual in DEFINITION["Sheets"][0]["Visuals"] for kind in visual} <= set(KINDS)


def test_the_owner_is_who_the_parameter_names() -> None:
    for asset in (DASHBOARD, ANALYSIS):
        (permission,) = asset["Permissions"]
        assert permission["Principal"] == {"Ref": "QuickSightPrincipalArn"}
        assert len(permission["Actions"]) == len(set(permission["Actions"])) >= 7
