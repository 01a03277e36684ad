"""Gate 2 of the India–China mirror."""

from __future__ import annotations

from warehouse.expectations.facts import drift
from warehouse.expectations.rules import Suite, between, in_set, no_rows, not_empty

_BASES = ("both_weighted", "both_unweighted", "exporter_only", "importer_only", "none")

SUITE = Suite(
    table="fct_trade_mirror",
    gate=2,
    rules=(
        not_empty("the corridor is what the warehouse is about"),
        *in_set("value_basis", _BASES, "a closed list, never null"),
        *in_set("weight_basis", _BASES, "a closed list, never null"),
        *in_set("exporter_code", ("IND", "CHN"), "the corridor has two ends"),
        between(
            "cif_ratio",
            1.0,
            1.3,
            "the method keeps the ratio between 1.02 and 1.30, and at 1 for importers that report FOB",
        ),
        no_rows(
            "reconciled_lies_between_low_and_high",
            "select * from {batch} where value_usd not between value_low_usd and value_high_usd"
            " or weight_kg not between weight_low_kg and weight_high_kg",
            "an interval that misses its own middle",
        ),
        no_rows(
            "one_sided_flows_keep_the_sole_report",
            "select * from {batch} where (value_basis = 'exporter_only' and value_usd <> x_fob_usd)"
            " or (value_basis = 'importer_only' and value_usd <> m_fob_usd)",
            "nothing is invented where one side is silent",
        ),
        no_rows(
            "no_country_trades_with_itself",
            "select * from {batch} where exporter_code = importer_code",
            "re-imports are not the corridor",
        ),
        no_rows(
            "both_sides_stay_within_a_factor_of_twenty",
            "select * from {batch} where abs(value_log_gap) > ln(20)",
            "such a gap is a unit or a code, not a dispute",
            severity="warning",
        ),
        *drift(
            "fct_trade_mirror",
            "value_usd",
            "exporter_code, importer_code, product_key, period_type, period_start",
            latest="true",
        ),
    ),
)
