"""How good a country's reports are, from measures of its record, and the weight of one report against another.

A reporter's record is the log of its error variance. It adds up measures, each an effect of `gap_effects`:

- `value_gap`, `weight_gap`, `unit_value_gap`: how far its figures lie from its partners';
- `omitted`: how often it lacks what its partner reports;
- `unmatched`: how often its partner lacks what it reports.

With v the variance of each side, the exporter's weight is v_m / (v_x + v_m): BACI's rule (Gaulier and Zignago 2010,
CEPII working paper 2010-23). The coefficients were chosen once, on thirty minerals' codes
(benchmarks/mirror_choice.py); the measures come from the reports alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from warehouse.figures import settled
from warehouse.statistics.gap_effects import EFFECT_SCHEMA, fitted, log_square, observations
from warehouse.statistics.mixed_effects import DIGITS


@dataclass(frozen=True, slots=True)
class Term:
    """A part of the record in `role`: `coefficient` times a measure of the same country in the role `measured_in`."""

    role: str
    measure: str
    measured_in: str
    coefficient: float


TERMS = (
    Term("exporter", "value_gap", "exporter", 0.75),
    Term("exporter", "weight_gap", "exporter", 0.75),
    Term("exporter", "unit_value_gap", "exporter", -0.95),
    Term("exporter", "unit_value_gap", "importer", 0.95),
    Term("exporter", "omitted", "exporter", 2.0),
    Term("exporter", "omitted", "importer", 2.0),
    Term("importer", "value_gap", "importer", 0.75),
    Term("importer", "weight_gap", "importer", 0.75),
    Term("importer", "omitted", "importer", 2.0),
    Term("importer", "omitted", "exporter", 2.0),
    Term("importer", "unmatched", "importer", 4.4),
)
"""What the record adds up. An exporter's own gaps of unit value count against those of weight: gaps that value and
weight share are goods that one side books under another partner, as re-exporters do, and count most."""

LOGIT = {"value": -0.63, "weight": -1.25}
"""Logit of the exporter's weight where both records are 0."""

GAIN = {"value": 1.0, "weight": 0.65}
"""What a unit of the record adds to the logit. Weights in kg follow the record less closely than values."""

RECORD_SCHEMA = {
    "reporter_role": pl.String,
    "reporter_code": pl.String,
    "n_pairs": pl.Int64,
    "record": pl.Float64,
}
"""One row per reporter and role: pairs of reports behind it, and the log of its variance, 0 for the usual reporter."""

MEASURES = ("value_gap", "weight_gap", "unit_value_gap", "omitted", "unmatched")
"""Measures of a record, each a column of `reliability`: an effect above 0 of a worse reporter."""


def measures(flows: pl.DataFrame, prior: pl.DataFrame | None = None) -> pl.DataFrame:
    """Measures of every reporter, those of the prior updated.

    Args:
        flows: FLOW_SCHEMA, a panel of all reporters; one-sided flows too.
        prior: EFFECT_SCHEMA, measures from another panel, with which this one shares no flow.

    Returns:
        EFFECT_SCHEMA, sorted: reporters of the panel and of the prior.
    """
    observed = observations(flows)
    models = (
        (log_square(pl.col("value_gap")), ("value_gap", "value_gap")),
        (log_square(pl.col("weight_gap")), ("weight_gap", "weight_gap")),
        (log_square(pl.col("unit_value_gap")), ("unit_value_gap", "unit_value_gap")),
        (pl.col("is_x_missing"), ("omitted", "unmatched")),
        (pl.col("is_m_missing"), ("unmatched", "omitted")),
    )
    known = pl.DataFrame(schema=EFFECT_SCHEMA) if prior is None else prior.select(list(EFFECT_SCHEMA))
    found = [fitted(observed, y, names, known) for y, names in models]
    updated = [model.effects for model in found if model]
    return (
        pl.concat([*updated, known])
        .unique(["reporter_role", "reporter_code", "measure"], keep="first", maintain_order=True)
        .pipe(settled, DIGITS)
        .sort("reporter_role", "reporter_code", "measure")
    )


def records(measured: pl.DataFrame) -> pl.DataFrame:
    """Records (RECORD_SCHEMA) of every reporter in each role, from measures (EFFECT_SCHEMA).

    A measure that a reporter lacks counts as the usual reporter's. A country that only exports has a record as importer
    too, from the terms that its exports give.
    """
    countries = measured.select("reporter_code").unique()
    total = countries.join(pl.DataFrame({"reporter_role": ["exporter", "importer"]}), how="cross").with_columns(
        record=pl.lit(0.0)
    )
    for term in TERMS:
        part = measured.filter(pl.col("reporter_role") == term.measured_in, pl.col("measure") == term.measure).select(
            "reporter_code", pl.lit(term.role).alias("reporter_role"), part=term.coefficient * pl.col("effect")
        )
        total = (
            total.join(part, on=["reporter_code", "reporter_role"], how="left")
            .with_columns(record=pl.col("record") + pl.col("part").fill_null(0.0))
            .drop("part")
        )
    pairs = measured.filter(pl.col("measure") == "value_gap").select("reporter_role", "reporter_code", n_pairs="n")
    return (
        total.join(pairs, on=["reporter_role", "reporter_code"], how="left")
        .with_columns(pl.col("n_pairs").fill_null(0))
        .select(list(RECORD_SCHEMA))
        .pipe(settled, DIGITS)
        .sort("reporter_role", "reporter_code")
    )


def reliability(flows: pl.DataFrame, prior: pl.DataFrame) -> pl.DataFrame:
    """Records of every reporter in each role, with what they rest on.

    Args:
        flows: FLOW_SCHEMA, a panel of all reporters; without rows the prior stands alone.
        prior: EFFECT_SCHEMA, measures from another panel, with which this one shares no flow.

    Returns:
        RECORD_SCHEMA, `n_panel_pairs` (pairs of this panel among `n_pairs`) and a column for each of MEASURES, null
        where neither panel shows it; sorted by role and code.
    """
    measured = measures(flows, prior)
    key = ["reporter_role", "reporter_code"]
    of_measure = (pl.col("effect").filter(pl.col("measure") == measure).first().alias(measure) for measure in MEASURES)
    before = prior.filter(pl.col("measure") == "value_gap").select(*key, n_before="n")
    return (
        records(measured)
        .join(before, on=key, how="left")
        .with_columns(n_panel_pairs=pl.col("n_pairs") - pl.col("n_before").fill_null(0))
        .drop("n_before")
        .join(measured.group_by(key).agg(*of_measure), on=key, how="left")
        .sort(key)
    )


def exporter_weight(exporter_record: pl.Expr, importer_record: pl.Expr, figure_kind: str) -> pl.Expr:
    """The exporter's weight, between 0 and 1, from both records; a side without one counts as the usual."""
    difference = importer_record.fill_null(0.0) - exporter_record.fill_null(0.0)
    return 1.0 / (1.0 + (-(LOGIT[figure_kind] + GAIN[figure_kind] * difference)).exp())
