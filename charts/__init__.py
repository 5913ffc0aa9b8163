"""A QuickSight dashboard's definition and a source of rows, drawn: the same charts where there is no QuickSight."""

from charts.dashboard import Chart, Rows, dashboard
from charts.drawing import Table
from charts.layout import Place
from charts.query import Query

__all__ = ["Chart", "Place", "Query", "Rows", "Table", "dashboard"]
