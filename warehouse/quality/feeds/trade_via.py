"""Gate 1 of re-exports, other parts of flows, and flows by second partner.

A partition may have no row: it has none where its reporter does not state such flows.
"""

from __future__ import annotations

from warehouse.quality.expectations.rules import Rule, in_closed_list, no_rows
from warehouse.quality.feeds.loads import PARTITIONS_ARE_NAMED, REJECTS_ARE_EXPECTED, UNKNOWN_PARTNERS
from warehouse.quality.feeds.trade import FLOW_RULES

WHOLE_FLOWS_ARE_TRADE = no_rows(
    "imports_and_exports_have_a_second_partner",
    "select * from {batch} where flow_detail in ('import', 'export') and second_partner_code is null",
    "a whole flow is a statement of trade; here it would be stated twice",
)
DIRECTIONS_FIT = no_rows(
    "flow_is_the_direction_of_its_detail",
    "select * from {batch} where not regexp_matches(flow_detail, flow || '($|_)')",
    "a re-export counted among imports turns the flow round",
)

RULES: tuple[Rule, ...] = (
    *FLOW_RULES,
    *in_closed_list("flow_detail", "which part of a flow it is"),
    WHOLE_FLOWS_ARE_TRADE,
    DIRECTIONS_FIT,
    no_rows(
        "a_number_stands_where_the_status_says_so",
        "select * from {batch} where (value_usd is not null) <> (value_status in ('reported', 'zero'))"
        " or (net_weight_kg is not null) <> (weight_status in ('reported', 'estimated'))"
        " or isnan(value_usd) or isnan(net_weight_kg)",
        "an unknown figure is not zero, and nothing that is no number counts as one",
    ),
    PARTITIONS_ARE_NAMED,
    UNKNOWN_PARTNERS,
    REJECTS_ARE_EXPECTED,
)
