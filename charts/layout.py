"""Where on its sheet each visual is: the grid of 36 columns."""

from dataclasses import dataclass

from charts.fields import JSON

COLUMNS = 36
ROW_HEIGHT = 24
"""Pixels of a row, at a width of 1280."""
WIDTH, HEIGHT = 18, 12
"""Of a visual that has no place, in columns and rows: two side by side."""


@dataclass(frozen=True)
class Place:
    """A rectangle of the grid; columns and rows count from 0."""

    column: int
    row: int
    width: int
    height: int


def places(sheet: JSON, visual_ids: list[str]) -> dict[str, Place]:
    """The place of each visual; those that the layout has none for follow below, two side by side."""
    found = {
        element["ElementId"]: Place(
            element["ColumnIndex"], element["RowIndex"], element["ColumnSpan"], element["RowSpan"]
        )
        for layout in sheet.get("Layouts", [])
        for element in layout["Configuration"].get("GridLayout", {}).get("Elements", [])
        if {"ColumnIndex", "RowIndex"} <= element.keys()
    }
    below = max((place.row + place.height for place in found.values()), default=0)
    homeless = [visual_id for visual_id in visual_ids if visual_id not in found]
    for i, visual_id in enumerate(homeless):
        found[visual_id] = Place(i % 2 * WIDTH, below + i // 2 * HEIGHT, WIDTH, HEIGHT)
    return {visual_id: found[visual_id] for visual_id in visual_ids}
