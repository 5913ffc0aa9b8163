"""Visuals that are read rather than looked at: one number, or a table."""

from charts.drawing import Column, Drawing, Table
from charts.errors import NotDrawnError
from charts.fields import JSON, Field
from charts.values import format_of
from charts.visual import Visual, one

MOST_ROWS = 100
"""Of a table that are shown; QuickSight's scrolls on."""


def kpi(visual: Visual) -> Drawing:
    """KPIVisual: its value alone."""
    value = one(visual.wells("", ("Values",)), "Values")
    rows = visual.ask([], [value])
    table = Table((Column(value.label, format_of(value)),), tuple(row for row in rows if row[0] is not None))
    return Drawing(table, figure=format_of(value).text(rows[0][0]) if table.rows else "")


def table(visual: Visual) -> Drawing:
    """TableVisual of groups and their values."""
    wells = visual.wells("TableAggregatedFieldWells", ("GroupBy", "Values"))
    groups, values = wells["GroupBy"], wells["Values"]
    if not groups:
        raise NotDrawnError("no field in GroupBy")
    sorts = tuple(position(option, groups, values) for option in visual.sort.get("RowSort") or [])
    rows = visual.ask(groups, values, sorts=sorts, limit=MOST_ROWS + 1)
    labels = custom_labels(visual.configuration)
    columns = tuple(Column(labels.get(f.field_id, f.label), format_of(f)) for f in [*groups, *values])
    shown = tuple((*row[: len(groups)], *row[2 * len(groups) :]) for row in rows[:MOST_ROWS])
    note = f"The first {MOST_ROWS} rows" if len(rows) > MOST_ROWS else ""
    return Drawing(Table(columns, shown), note=note)


def position(option: JSON, groups: list[Field], values: list[Field]) -> tuple[int, bool]:
    """Which column of the query a RowSort is by, and whether it is descending."""
    ((kind, body),) = option.items()
    for i, field in enumerate([*groups, *groups, *values]):
        # A group's place comes between the groups and the values.
        if kind == "FieldSort" and field.field_id == body["FieldId"]:
            return i, body["Direction"] == "DESC"
    raise NotDrawnError(f"{kind} of the rows")


def custom_labels(configuration: JSON) -> dict[str, str]:
    options = (configuration.get("FieldOptions") or {}).get("SelectedFieldOptions") or []
    return {option["FieldId"]: option["CustomLabel"] for option in options if option.get("CustomLabel")}
