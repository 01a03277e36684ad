"""Grain: one kind of figure and family of products (product, chapter or all): how far two reports usually lie apart.

The estimate is in warehouse/statistics/gap_spread.py, tested there; this model hands it the panel and the priors.
"""

from warehouse.statistics.gap_spread import with_prior
from warehouse.statistics.mirror_panel import trusted


def model(dbt, session):
    """Levels of the panel's products, and those of the prior's chapters and of all products."""
    dbt.config(materialized="table")
    flows = trusted(dbt.ref("int_mirror__panel").pl(), dbt.ref("int_mirror__anomalies").pl())
    measures, levels = dbt.ref("seed_reporter_prior").pl(), dbt.ref("seed_gap_spread_prior").pl()
    return with_prior(flows, measures, levels).to_arrow()
