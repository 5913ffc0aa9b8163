"""Amazon Athena: queries over the Data Catalog's tables, run by DuckDB.

A query is parsed in Athena's dialect, checked against the catalog's names and types, and only then
translated: what Athena would refuse is refused here, with Athena's error code.
"""

from localcloud.athena.operations import athena_operations

__all__ = ["athena_operations"]
