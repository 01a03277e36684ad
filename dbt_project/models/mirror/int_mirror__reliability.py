"""Grain: one reporter in one role and kind of figure, and one row (role panel) on each kind's panel as a whole.

The decomposition is in warehouse/statistics/reliability.py, tested there; this model only hands it the panel.
"""

import polars as pl

from warehouse.statistics.reliability import estimate


def model(dbt, session):
    """Estimate from the panel of pairs, knowing whose figures are suspect; the panel itself has a row of its own."""
    dbt.config(materialized="table")
    estimated = estimate(dbt.ref("int_mirror__panel").pl(), dbt.ref("int_mirror__anomalies").pl())
    panels = estimated.panels.rename({"n_pairs": "n_panel_pairs"}).with_columns(pl.lit("panel").alias("reporter_role"))
    return pl.concat([estimated.reporters, panels], how="diagonal").to_arrow()
