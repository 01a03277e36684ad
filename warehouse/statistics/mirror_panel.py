"""The flows of the mirror's panel from which records of reporters and spreads of gaps are estimated."""

from __future__ import annotations

import polars as pl

from warehouse.statistics.gap_effects import FLOW_SCHEMA

ANOMALY_SCHEMA = {
    "reporter_role": pl.String,
    "reporter_code": pl.String,
    "product_key": pl.String,
    "period_start": pl.Date,
    "anomaly": pl.String,
}
"""One row per reporter, role, product and year; `anomaly` names the unit error its figures look like, or is null."""


def trusted(panel: pl.DataFrame, anomalies: pl.DataFrame) -> pl.DataFrame:
    """Flows (FLOW_SCHEMA) of products and years of which all reporters are loaded, without those of named reporters.

    Where reporters are missing, a flow that only one side reports says nothing of the other. Flows of a reporter whose
    figures of that product and year look like a mistake of unit would widen everyone's gaps.

    Args:
        panel: FLOW_SCHEMA and `has_all_reporters`.
        anomalies: ANOMALY_SCHEMA and more columns.
    """
    flows = panel.filter("has_all_reporters").select(list(FLOW_SCHEMA)).cast(pl.Schema(FLOW_SCHEMA))
    named = anomalies.select(list(ANOMALY_SCHEMA)).drop_nulls("anomaly")
    for role in ("exporter", "importer"):
        of_role = named.filter(pl.col("reporter_role") == role).rename({"reporter_code": f"{role}_code"})
        flows = flows.join(of_role, on=[f"{role}_code", "product_key", "period_start"], how="anti")
    return flows
