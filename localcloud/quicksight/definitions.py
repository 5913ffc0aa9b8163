"""What QuickSight checks in the definition of an analysis or a dashboard before anybody looks at it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from localcloud.quicksight.datasets import invalid, output_columns
from localcloud.service import JSON

COLUMN_TYPES = {"Numerical": ("INTEGER", "DECIMAL"), "Categorical": ("STRING",), "Date": ("DATETIME",)}
"""The types of columns that a field may be of, by how its name begins."""

Reference = tuple[str, str, str]
"""A column where a definition names it: the field's kind, the data set's identifier, the column."""


def check_definition(definition: JSON) -> None:
    """InvalidParameterValueException for what is wrong in the definition alone."""
    declared = {declaration["Identifier"] for declaration in definition["DataSetIdentifierDeclarations"]}
    for _, identifier, column in references(definition):
        if identifier not in declared:
            raise invalid(f"Column {column} is of the data set {identifier}, which is not declared")
    for kind, ids in (("visual", visual_ids(definition)), ("field", field_ids(definition))):
        repeated = [name for name, count in Counter(ids).items() if count > 1]
        if repeated:
            raise invalid(f"More than one {kind} has the id {', '.join(sorted(repeated))}")


def errors(definition: JSON, data_sets: dict[str, JSON]) -> list[JSON]:
    """What of the data sets does not fit, as Errors has it: they are reported when the creation has failed."""
    by_arn = {data_set["Arn"]: data_set for data_set in data_sets.values()}
    arns = {d["Identifier"]: d["DataSetArn"] for d in definition["DataSetIdentifierDeclarations"]}
    missing = [arn for arn in arns.values() if arn not in by_arn]
    found = [error("DATA_SET_NOT_FOUND", f"Data set '{arn}' is not found") for arn in missing]
    calculated = {(f["DataSetIdentifier"], f["Name"]) for f in definition.get("CalculatedFields", [])}
    for kind, identifier, column in sorted(set(references(definition))):
        if arns[identifier] not in missing and (identifier, column) not in calculated:
            found += column_errors(by_arn[arns[identifier]], kind, column)
    return found


def column_errors(data_set: JSON, kind: str, column: str) -> Iterator[JSON]:
    types = {shown["Name"]: shown["Type"] for shown in output_columns(data_set)}
    where = f"in data set '{data_set['Arn']}'"
    if column not in types:
        yield error("COLUMN_REPLACEMENT_MISSING", f"Required column '{column}' is missing {where}")
        return
    wanted = next((types for name, types in COLUMN_TYPES.items() if kind.startswith(name)), ())
    if wanted and types[column] not in wanted:
        message = f"Column '{column}' {where} is {types[column]}, which {kind} cannot be"
        yield error("COLUMN_TYPE_MISMATCH", message)


def error(type_: str, message: str) -> JSON:
    return {"Type": type_, "Message": message}


def references(value: Any, kind: str = "") -> Iterator[Reference]:
    """Every column that the definition names, in fields, filters, sorts and formats."""
    if isinstance(value, list):
        for item in value:
            yield from references(item, kind)
    elif isinstance(value, dict):
        if "ColumnName" in value:
            yield kind, value.get("DataSetIdentifier", ""), value["ColumnName"]
        for name, item in value.items():
            yield from references(item, kind if name in ("Column", "Columns") else name)


def visual_ids(definition: JSON) -> list[str]:
    sheets = definition.get("Sheets", [])
    return [body["VisualId"] for s in sheets for visual in s.get("Visuals", []) for body in visual.values()]


def field_ids(definition: JSON) -> list[str]:
    """The ids of fields within their visuals: each visual has its own."""
    sheets = definition.get("Sheets", [])
    visuals = [body for s in sheets for visual in s.get("Visuals", []) for body in visual.values()]
    return [
        f"{visual['VisualId']}: {field_id}"
        for visual in visuals
        for field_id in wells_field_ids(visual.get("ChartConfiguration", {}).get("FieldWells", {}))
    ]


def wells_field_ids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "FieldId" in value:
            yield value["FieldId"]
        for item in value.values():
            yield from wells_field_ids(item)
    elif isinstance(value, list):
        for item in value:
            yield from wells_field_ids(item)
