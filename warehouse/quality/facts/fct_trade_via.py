"""Gate 2 of re-exports and flows by second partner. The table may be empty: a reporter need not state any."""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, between, in_closed_list
from warehouse.quality.facts.common import ONE_CURRENT_STATEMENT, drift
from warehouse.quality.feeds.trade_via import DIRECTIONS_FIT, WHOLE_FLOWS_ARE_TRADE
from warehouse.quality.limits import MOST_TRADE_KG, MOST_TRADE_USD

SUITE = Suite(
    table="fct_trade_via",
    gate=2,
    rules=(
        *in_closed_list("flow", "imports and exports are never mixed"),
        *in_closed_list("flow_detail", "which part of a flow it is"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("value_usd", 0, MOST_TRADE_USD, "US$: world trade in these codes is a fraction of this"),
        between("net_weight_kg", 0, MOST_TRADE_KG, "kg; an unknown weight is null"),
        ONE_CURRENT_STATEMENT,
        WHOLE_FLOWS_ARE_TRADE,
        DIRECTIONS_FIT,
        *drift(
            "fct_trade_via",
            "value_usd",
            "source_code, reporter_code, partner_code, partner_label, second_partner_code, second_partner_label, flow,"
            " flow_detail, product_key, period_type, period_start",
        ),
    ),
)
