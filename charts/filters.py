"""The filters of a definition as SQL conditions."""

from collections.abc import Iterator
from typing import Any

from charts.errors import NotDrawnError
from charts.fields import JSON
from charts.query import literal, quoted


def conditions(definition: JSON, sheet_id: str, visual_id: str, data_set: str) -> tuple[str, ...]:
    """What rows must meet to be in a visual. Raises NotDrawnError for a filter on it that is not known."""
    return tuple(
        condition
        for group in definition.get("FilterGroups", [])
        if group.get("Status", "ENABLED") == "ENABLED" and in_scope(group, sheet_id, visual_id)
        for condition in group_conditions(group, data_set)
    )


def in_scope(group: JSON, sheet_id: str, visual_id: str) -> bool:
    scope = group["ScopeConfiguration"]
    if "AllSheets" in scope:
        return True
    for sheet in scope.get("SelectedSheets", {}).get("SheetVisualScopingConfigurations", []):
        every = sheet["Scope"] == "ALL_VISUALS"
        if sheet["SheetId"] == sheet_id and (every or visual_id in sheet.get("VisualIds", [])):
            return True
    return False


def group_conditions(group: JSON, data_set: str) -> Iterator[str]:
    for filter_ in group["Filters"]:
        ((kind, body),) = filter_.items()
        if body["Column"].get("DataSetIdentifier") != data_set:
            if group["CrossDataset"] == "ALL_DATASETS":
                raise NotDrawnError(f"the filter {body['FilterId']} of another data set")
            continue
        if kind not in READERS:
            raise NotDrawnError(f"{kind} {body['FilterId']}")
        yield from READERS[kind](quoted(body["Column"]["ColumnName"]), body)


def category(column: str, body: JSON) -> Iterator[str]:
    """A list of values to keep or to leave out."""
    chosen = body["Configuration"].get("FilterListConfiguration", {})
    if chosen.get("SelectAllOptions") == "FILTER_ALL_VALUES":
        return
    negation = {"CONTAINS": "", "DOES_NOT_CONTAIN": "not "}.get(chosen.get("MatchOperator", ""))
    if negation is None or chosen.get("NullOption", "NON_NULLS_ONLY") != "NON_NULLS_ONLY":
        raise NotDrawnError(f"the configuration of CategoryFilter {body['FilterId']}")
    values = ", ".join(literal(value) for value in chosen.get("CategoryValues", []))
    without_values = f"{column} is not null" if negation else "1 = 0"
    yield f"{column} {negation}in ({values})" if values else without_values


def numeric_equality(column: str, body: JSON) -> Iterator[str]:
    only_known(body, {"Value", "MatchOperator", "NullOption"})
    operator = {"EQUALS": "=", "DOES_NOT_EQUAL": "<>"}[body["MatchOperator"]]
    yield with_nulls(column, f"{column} {operator} {body['Value']!r}", body)


def numeric_range(column: str, body: JSON) -> Iterator[str]:
    only_known(body, {"RangeMinimum", "RangeMaximum", "IncludeMinimum", "IncludeMaximum", "NullOption"})
    bounds = {">": ("RangeMinimum", "IncludeMinimum"), "<": ("RangeMaximum", "IncludeMaximum")}
    for operator, (bound, inclusive) in bounds.items():
        if bound not in body:
            continue
        if "StaticValue" not in body[bound]:
            raise NotDrawnError(f"the parameter of NumericRangeFilter {body['FilterId']}")
        sign = f"{operator}=" if body.get(inclusive) else operator
        yield with_nulls(column, f"{column} {sign} {body[bound]['StaticValue']!r}", body)


def only_known(body: JSON, known: set[str]) -> None:
    unknown = body.keys() - known - {"FilterId", "Column", "DefaultFilterControlConfiguration"}
    if unknown:
        raise NotDrawnError(f"{', '.join(sorted(unknown))} of the filter {body['FilterId']}")


def with_nulls(column: str, condition: str, body: JSON) -> str:
    return {
        "NON_NULLS_ONLY": condition,
        "NULLS_ONLY": f"{column} is null",
        "ALL_VALUES": f"{condition} or {column} is null",
    }[body["NullOption"]]


READERS: dict[str, Any] = {
    "CategoryFilter": category,
    "NumericEqualityFilter": numeric_equality,
    "NumericRangeFilter": numeric_range,
}
