"""Grain: one reporter in one role and kind of figure, and one row (role panel) on each kind's panel as a whole.

The decomposition is in warehouse/reliability.py, tested there; this model only hands it the panel.
"""

import polars as pl

from warehouse.reliability import estimate


def model(dbt, session):
    """Estimate from the panel of pairs; parameters of the panel stand on its own row."""
    dbt.config(materialized="table")
    estimated = estimate(dbt.ref("int_mirror__panel").pl())
    panels = estimated.panels.rename({"n_pairs": "n_panel_pairs"}).with_columns(pl.lit("panel").alias("reporter_role"))
    return pl.concat([estimated.reporters, panels], how="diagonal").to_arrow()
