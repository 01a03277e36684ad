"""Grain: one reporter in one role: its record, the measures that it adds up, and the pairs of reports behind it.

The estimate is in warehouse/statistics/reporter_record.py, tested there; this model hands it the panel and the prior.
"""

from warehouse.statistics.mirror_panel import trusted
from warehouse.statistics.reporter_record import reliability


def model(dbt, session):
    """Records of the prior, updated by the panel without flows of reporters named for a mistake of unit."""
    dbt.config(materialized="table")
    flows = trusted(dbt.ref("int_mirror__panel").pl(), dbt.ref("int_mirror__anomalies").pl())
    return reliability(flows, dbt.ref("seed_reporter_prior").pl()).to_arrow()
