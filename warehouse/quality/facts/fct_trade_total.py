"""Gate 2 of printed trade totals."""

from __future__ import annotations

from warehouse.quality.expectations.rules import Suite, between, in_closed_list, in_set, no_rows, not_empty
from warehouse.quality.facts.common import ONE_CURRENT_STATEMENT, OXIDE_BOUNDS, drift, no_failed_rule
from warehouse.quality.limits import MOST_TRADE_USD

SUITE = Suite(
    table="fct_trade_total",
    gate=2,
    rules=(
        not_empty("partners are checked against the printed totals"),
        *in_closed_list("flow", "imports and exports are never mixed"),
        *in_closed_list("value_status", "a closed list, never null"),
        *in_set("partner_code", ("WLD",), "totals are with the world"),
        between("value_usd", 0, MOST_TRADE_USD, "US$: world trade in these codes is a fraction of this"),
        ONE_CURRENT_STATEMENT,
        OXIDE_BOUNDS,
        no_rows(
            "no_month_of_india_is_missing_between_the_first_and_the_last",
            "select product_key, flow from {batch} where reporter_code = 'IND'"
            " and source_code = 'india_tradestat' and period_type = 'month' and product_key = 'HS:2846'"
            " group by product_key, flow"
            " having count(distinct period_start) <> date_diff('month', min(period_start), max(period_start)) + 1",
            "India publishes every month of the heading the warehouse follows month by month, so a missing one was "
            "not fetched yet, which must not hold back the others. A month that the portal withdraws is not missing: "
            "it was stated, and has ended",
            severity="warning",
        ),
        no_failed_rule(
            "partners_and_their_total_agree",
            "the publisher's figures do not add up: one was revised or withdrawn without its total",
        ),
        no_failed_rule(
            "weights_of_partners_add_up_to_their_total",
            "a weight in another unit, or a partner missing",
        ),
        no_failed_rule("no_child_code_exceeds_its_parent", "one publisher's code and its heading cannot both be right"),
        *drift(
            "fct_trade_total",
            "value_usd",
            "source_code, reporter_code, flow, product_key, period_type, period_start, period_end",
            latest="is_latest and is_preferred",
        ),
    ),
)
