"""Amazon QuickSight's data sources, data sets and SPICE ingestions; SPICE is a Parquet file per data set."""

from localcloud.quicksight.rest import quicksight_handler

__all__ = ["quicksight_handler"]
