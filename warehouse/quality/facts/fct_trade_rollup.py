"""Gate 2 of flows added up from national lines."""

from __future__ import annotations

from warehouse.figures import exceeds
from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import KNOWN_TOGETHER, ONE_CURRENT_STATEMENT, OXIDE_BOUNDS, drift, no_failed_rule
from warehouse.quality.limits import MOST_TRADE_KG, MOST_TRADE_USD

MOST_LINES = 60
"""National lines of one heading, with room: more are counted twice."""


SUITE = Suite(
    table="fct_trade_rollup",
    gate=2,
    rules=(
        not_empty("the corridor's weights come from national lines"),
        *in_closed_list("flow", "imports and exports are never mixed"),
        *in_closed_list("value_status", "a closed list, never null"),
        *in_closed_list("completeness", "a sum of some lines is no sum"),
        between("n_lines", 1, MOST_LINES, "more lines than a heading has would be counted twice"),
        between("value_usd", 0, MOST_TRADE_USD, "US$: world trade in these codes is a fraction of this"),
        between("net_weight_kg", 0, MOST_TRADE_KG, "kg; a weight of zero is unknown and stays out"),
        ONE_CURRENT_STATEMENT,
        OXIDE_BOUNDS,
        no_rows(
            "an_hs6_does_not_exceed_its_hs4",
            "select child.reporter_code, child.partner_code, child.product_key, child.period_start from {batch}"
            " as child inner join {batch} as parent on child.source_code = parent.source_code"
            f" and {KNOWN_TOGETHER.format(fact='child', other='parent')}"
            " and child.reporter_code = parent.reporter_code"
            " and child.partner_code = parent.partner_code and child.flow = parent.flow"
            " and child.period_type = parent.period_type and child.period_start = parent.period_start"
            " and child.period_end = parent.period_end and left(child.hs_code, 4) = parent.hs_code"
            f" and length(child.hs_code) = 6 where {exceeds('child.value_usd', 'parent.value_usd + 1')}"
            f" or {exceeds('child.net_weight_kg', 'parent.net_weight_kg + 0.5')}",
            "the same lines add up to both",
        ),
        no_failed_rule(
            "added_up_lines_agree_with_the_same_publishers_own_heading",
            "a line is missing from the sum, or belongs to another heading",
        ),
        *drift(
            "fct_trade_rollup",
            "coalesce(value_usd, net_weight_kg)",
            "source_code, reporter_code, partner_code, flow, product_key, period_type, period_start, period_end",
            latest="is_latest and is_preferred",
        ),
    ),
)
