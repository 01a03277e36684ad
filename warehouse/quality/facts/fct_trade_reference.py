"""Gate 2 of the reference flows."""

from __future__ import annotations

from warehouse.figures import exceeds
from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import ONE_CURRENT_STATEMENT, drift
from warehouse.quality.limits import MOST_TRADE_KG, MOST_TRADE_USD

_ADDED_UP = """
with added as (
    select product_key, period_start,
        sum(value_usd) filter (where coverage <> 'world_total') as flows_usd,
        max(value_usd) filter (where coverage = 'world_total') as world_usd,
        bool_or(coverage = 'complete') as is_complete
    from {batch} where is_latest group by source_code, product_key, period_start
)
"""

WORLD_WITHIN = 0.001
"""Difference of the flows of a complete year from its world total (assumption)."""


SUITE = Suite(
    table="fct_trade_reference",
    gate=2,
    rules=(
        not_empty("the mirror is scored against it"),
        *in_closed_list("coverage", "a part of the flows must not pass for all of them"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("value_usd", 0, MOST_TRADE_USD, "US$: world trade in these codes is a fraction of this"),
        between("net_weight_kg", 0, MOST_TRADE_KG, "kg; an unknown weight is null"),
        ONE_CURRENT_STATEMENT,
        no_rows(
            "no_reference_flow_is_an_input",
            "select * from {batch} where fact_id in (select exporter_fact_id from fct_trade_mirror"
            " where exporter_fact_id is not null union all select importer_fact_id from fct_trade_mirror"
            " where importer_fact_id is not null)",
            "what the mirror is scored against must not be in it",
        ),
        no_rows(
            "complete_years_add_up_to_their_world_total",
            _ADDED_UP
            + "select * from added where is_complete and "
            + exceeds("abs(flows_usd / world_usd - 1)", str(WORLD_WITHIN)),
            "a flow is missing from a year that counts as complete",
        ),
        no_rows(
            "partial_years_stay_below_their_world_total",
            _ADDED_UP
            + "select * from added where not is_complete and "
            + exceeds("flows_usd", f"world_usd * (1 + {WORLD_WITHIN})"),
            "the largest flows cannot exceed all flows",
        ),
        *drift(
            "fct_trade_reference",
            "value_usd",
            "source_code, exporter_code, importer_code, product_key, period_type, period_start",
        ),
    ),
)
