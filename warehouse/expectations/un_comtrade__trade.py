"""Gate 1 of UN Comtrade: one partition of one reporter's or one code's trade."""

from __future__ import annotations

from sources.un_comtrade.parse import HS_CODES
from warehouse.expectations import trade
from warehouse.expectations.rules import Suite, in_set, no_rows

SUITE = Suite(
    table="un_comtrade__trade",
    gate=1,
    rules=(
        *trade.RULES,
        *in_set("hs_code", HS_CODES, "a code the warehouse does not follow was not asked for"),
        no_rows(
            "reported_weights_do_not_share_one_unit_value",
            "select partition_name, reporter_code, flow, hs_code, period_start, shown, count(*) as n_partners from"
            " (select *, printf('%.3e', value_usd / net_weight_kg) as shown from {batch}"
            " where weight_status = 'reported' and not is_partner_world and value_usd > 0)"
            " group by partition_name, reporter_code, flow, hs_code, period_start, shown having count(*) >= 5",
            "weights made from one unit value for all partners are estimates, flagged or not",
            severity="warning",
        ),
    ),
)
