"""Visuals as QuickSight's definitions have them: what is drawn, and what is named because it is not."""

import copy
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from charts import Chart, Query, dashboard

ROWS = """
select * from (values
    ('pear', timestamp '2011-05-30', 1, 1.5), ('fig', timestamp '2011-05-31', 7, 1234.5),
    ('fig', timestamp '2011-06-01', 2, 0), ('plum', timestamp '2011-06-02', 4, 3)
) rows (fruit, day, sold, price)
"""
JSON = dict[str, Any]


def column(name: str) -> JSON:
    return {"DataSetIdentifier": "shop", "ColumnName": name}


FRUIT = {"CategoricalDimensionField": {"FieldId": "fruit", "Column": column("fruit")}}
DAY = {"DateDimensionField": {"FieldId": "day", "Column": column("day")}}
SOLD = {"NumericalMeasureField": {"FieldId": "sold", "Column": column("sold")}}
BAR = {
    "VisualId": "bar",
    "Title": {"FormatText": {"PlainText": "Fruit"}},
    "ChartConfiguration": {
        "FieldWells": {"BarChartAggregatedFieldWells": {"Category": [FRUIT], "Values": [SOLD]}}
    },
}


def drawn(kind: str, body: JSON, rows: str = ROWS, **more: Any) -> Chart:
    definition = {"Sheets": [{"SheetId": "sheet", "Visuals": [{kind: body}]}], **more}

    def answer(identifier: str, query: Query) -> Iterable[Any]:
        assert identifier == "shop"
        with duckdb.connect(":memory:") as connection:
            return connection.execute(query.sql(f"({rows})")).fetchall()

    (chart,) = dashboard(definition, answer)
    return chart


def bar(**configuration: Any) -> JSON:
    body: JSON = copy.deepcopy(BAR)
    body["ChartConfiguration"] |= configuration
    return body


def wells(kind: str, **fields: list[JSON]) -> JSON:
    return {
        "VisualId": "visual",
        "ChartConfiguration": {"FieldWells": {f"{kind}AggregatedFieldWells": fields}},
    }


def measure(**more: Any) -> JSON:
    return {"NumericalMeasureField": {"FieldId": "m", "Column": column("price"), **more}}


def test_a_number_is_added_up_unless_another_aggregation_is_said() -> None:
    assert drawn("BarChartVisual", BAR).table.rows == (("fig", 9), ("pear", 1), ("plum", 4))


def test_a_date_is_cut_to_days_unless_another_granularity_is_said() -> None:
    chart = drawn("LineChartVisual", wells("LineChart", Category=[DAY], Values=[SOLD]))

    assert chart.table.rows[0] == ("2011-05-30T00:00:00", 1)
    assert chart.spec
    assert chart.spec["encoding"]["x"]["type"] == "temporal"


def test_categories_are_in_the_order_of_the_sort_and_others_come_last() -> None:
    sort = {
        "CategorySort": [{"FieldSort": {"FieldId": "sold", "Direction": "DESC"}}],
        "CategoryItemsLimit": {"ItemsLimit": 1},
    }
    chart = drawn("BarChartVisual", bar(SortConfiguration=sort))

    assert chart.table.rows == (("fig", 9), ("Other", 5))
    assert chart.spec
    assert chart.spec["encoding"]["y"]["sort"] == ["fig", "Other"]


def test_the_table_says_what_the_spec_draws() -> None:
    colours = wells("BarChart", Category=[DAY], Values=[SOLD], Colors=[FRUIT])
    chart = drawn("BarChartVisual", colours)

    assert chart.spec
    values = [(p["category"], p["series"], p["value"]) for p in chart.spec["data"]["values"]]
    assert values == list(chart.table.rows)
    assert values[1] == ("2011-05-31T00:00:00", "fig", 7)


def test_an_area_that_is_piled_up_has_nothing_where_there_is_no_value() -> None:
    body = wells("LineChart", Category=[DAY], Values=[SOLD], Colors=[FRUIT])
    body["ChartConfiguration"]["Type"] = "STACKED_AREA"
    chart = drawn("LineChartVisual", body)

    assert chart.spec
    assert chart.spec["encoding"]["y"]["impute"] == {"value": 0}


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ({}, "1,239"),
        (
            {"NumberDisplayFormatConfiguration": {"DecimalPlacesConfiguration": {"DecimalPlaces": 2}}},
            "1,239.00",
        ),
        ({"CurrencyDisplayFormatConfiguration": {"Symbol": "EUR", "NumberScale": "THOUSANDS"}}, "€1.24K"),
        (
            {"PercentageDisplayFormatConfiguration": {"DecimalPlacesConfiguration": {"DecimalPlaces": 0}}},
            "123,900%",
        ),
    ],
)
def test_a_figure_is_written_as_its_format_says(format_: JSON, text: str) -> None:
    field = measure(FormatConfiguration={"FormatConfiguration": format_})
    chart = drawn("KPIVisual", {"VisualId": "kpi", "ChartConfiguration": {"FieldWells": {"Values": [field]}}})

    assert chart.figure == text


def test_a_table_has_its_own_headings_and_order() -> None:
    body = wells("Table", GroupBy=[FRUIT], Values=[SOLD])
    body["ChartConfiguration"] |= {
        "SortConfiguration": {"RowSort": [{"FieldSort": {"FieldId": "sold", "Direction": "DESC"}}]},
        "FieldOptions": {"SelectedFieldOptions": [{"FieldId": "sold", "CustomLabel": "Sold"}]},
    }
    chart = drawn("TableVisual", body)

    assert [column.label for column in chart.table.columns] == ["fruit", "Sold"]
    assert chart.table.rows == (("fig", 9), ("plum", 4), ("pear", 1))


def test_a_table_says_that_there_are_more_rows() -> None:
    chart = drawn(
        "TableVisual",
        wells("Table", GroupBy=[FRUIT], Values=[SOLD]),
        "select i as fruit, 1 as sold from range(101) r(i)",
    )

    assert (len(chart.table.rows), chart.note) == (100, "The first 100 rows")


def test_a_heat_map_takes_its_colours_from_the_definition() -> None:
    body = wells("HeatMap", Rows=[FRUIT], Columns=[DAY], Values=[SOLD])
    colours = [{"Color": "#D1495B", "DataValue": 0}, {"Color": "#1B8A84", "DataValue": 1}]
    body["ChartConfiguration"]["ColorScale"] = {"ColorFillType": "GRADIENT", "Colors": colours}
    chart = drawn("HeatMapVisual", body)

    assert chart.spec
    scale = chart.spec["encoding"]["color"]["scale"]
    assert (scale["range"], scale["domain"]) == (["#D1495B", "#1B8A84"], [0, 1])


def filtered(filter_: JSON) -> Chart:
    group = {"FilterGroupId": "g", "Filters": [filter_], "ScopeConfiguration": {"AllSheets": {}}}
    return drawn("BarChartVisual", BAR, FilterGroups=[{**group, "CrossDataset": "SINGLE_DATASET"}])


def test_filters_leave_rows_out() -> None:
    chosen = {"MatchOperator": "CONTAINS", "CategoryValues": ["fig"], "NullOption": "NON_NULLS_ONLY"}
    only_figs = {
        "FilterId": "f",
        "Column": column("fruit"),
        "Configuration": {"FilterListConfiguration": chosen},
    }
    above = {"RangeMinimum": {"StaticValue": 2}, "NullOption": "NON_NULLS_ONLY"}
    more_than_two = {"FilterId": "f", "Column": column("sold"), **above}

    assert filtered({"CategoryFilter": only_figs}).table.rows == (("fig", 9),)
    assert filtered({"NumericRangeFilter": more_than_two}).table.rows == (("fig", 7), ("plum", 4))


def test_a_filter_on_another_visual_does_nothing() -> None:
    scope = {"SheetId": "sheet", "Scope": "SELECTED_VISUALS", "VisualIds": ["other"]}
    group = {
        "FilterGroupId": "g",
        "Filters": [{"NestedFilter": {"FilterId": "f", "Column": column("fruit")}}],
        "ScopeConfiguration": {"SelectedSheets": {"SheetVisualScopingConfigurations": [scope]}},
        "CrossDataset": "SINGLE_DATASET",
    }

    assert not drawn("BarChartVisual", BAR, FilterGroups=[group]).words


FIELD = {"FieldId": "f", "Column": column("price")}
PARETO = {"SortConfiguration": {"CategoryItemsLimit": {"ItemsLimit": 3}}}


@pytest.mark.parametrize(
    ("kind", "body", "named"),
    [
        ("SankeyDiagramVisual", {"VisualId": "v"}, "SankeyDiagramVisual is not drawn here"),
        ("BarChartVisual", bar(ReferenceLines=[{"DataConfiguration": {}}]), "ReferenceLines"),
        ("BarChartVisual", bar(**PARETO), "CategoryItemsLimit without CategorySort"),
        (
            "BarChartVisual",
            wells("BarChart", Category=[FRUIT], Values=[SOLD], SmallMultiples=[DAY]),
            "SmallMultiples",
        ),
        (
            "BarChartVisual",
            wells(
                "BarChart",
                Category=[FRUIT],
                Values=[{"CalculatedMeasureField": {"FieldId": "c", "Expression": "1"}}],
            ),
            "CalculatedMeasureField c",
        ),
        (
            "BarChartVisual",
            wells(
                "BarChart",
                Category=[FRUIT],
                Values=[measure(AggregationFunction={"PercentileAggregation": {"PercentileValue": 90}})],
            ),
            "the aggregation PercentileAggregation",
        ),
        (
            "BarChartVisual",
            wells(
                "BarChart",
                Category=[FRUIT],
                Values=[measure(AggregationFunction={"SimpleNumericalAggregation": "MEDIAN"})],
            ),
            "the aggregation MEDIAN",
        ),
        (
            "LineChartVisual",
            wells(
                "LineChart",
                Category=[{"DateDimensionField": {**FIELD, "DateGranularity": "WEEK"}}],
                Values=[SOLD],
            ),
            "DateGranularity WEEK",
        ),
        (
            "KPIVisual",
            {
                "VisualId": "v",
                "ChartConfiguration": {"FieldWells": {"Values": [SOLD], "TargetValues": [SOLD]}},
            },
            "TargetValues",
        ),
    ],
)
def test_what_is_not_known_is_named_in_its_place(kind: str, body: JSON, named: str) -> None:
    chart = drawn(kind, body)

    assert named in chart.words
    assert kind in chart.words
    assert chart.spec is None
    assert not chart.figure
    assert not chart.table.rows


def test_a_calculated_field_is_named() -> None:
    calculated = [{"DataSetIdentifier": "shop", "Name": "sold", "Expression": "1"}]

    assert "the calculated field sold" in drawn("BarChartVisual", BAR, CalculatedFields=calculated).words


def test_a_filter_that_is_not_known_is_named() -> None:
    assert (
        "TopBottomFilter best"
        in filtered({"TopBottomFilter": {"FilterId": "best", "Column": column("fruit")}}).words
    )


def test_without_rows_it_says_that_there_is_no_data() -> None:
    kpi = {"VisualId": "kpi", "ChartConfiguration": {"FieldWells": {"Values": [SOLD]}}}

    for kind, body in (("BarChartVisual", BAR), ("KPIVisual", kpi)):
        assert drawn(kind, body, f"select * from ({ROWS}) where sold > 99").words == "No data yet"


def test_texts_as_athena_gives_them_are_values_too() -> None:
    def answer(identifier: str, query: Query) -> Iterable[Any]:
        return [["fig", "1", "9"], ["pear", "2", None], ["plum", "3", str(Decimal("4.5"))]]

    (chart,) = dashboard({"Sheets": [{"SheetId": "sheet", "Visuals": [{"BarChartVisual": BAR}]}]}, answer)

    assert chart.table.rows == (("fig", 9), ("pear", None), ("plum", 4.5))
