"""Gate 2 of shares that an authority printed."""

from __future__ import annotations

from warehouse.figures import exceeds
from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import ONE_CURRENT_STATEMENT, drift

SUITE = Suite(
    table="fct_published_share",
    gate=2,
    rules=(
        not_empty("the government's own figures are what a hearing starts from"),
        *in_closed_list("share_measure", "a share of value is not a share of quantity"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("share", 0, 1, "a share, not a percentage"),
        ONE_CURRENT_STATEMENT,
        no_rows(
            "printed_and_computed_shares_stay_within_15_points",
            "select printed.product_key, printed.period_start, printed.share_measure, printed.share from {batch}"
            " as printed inner join mart_import_dependence as computed on printed.reporter_code ="
            " computed.reporter_code and printed.product_key = computed.product_key and printed.period_type ="
            " computed.period_type and printed.period_start = computed.period_start where printed.is_latest and"
            " printed.partner_code = 'CHN' and printed.flow = 'import' and "
            + exceeds(
                "abs(printed.share - case printed.share_measure when 'value_share' then computed.china_value_share"
                " else computed.china_weight_share end)",
                "0.15",
            ),
            "a share that far from customs figures is of other goods or another year",
            severity="warning",
        ),
        no_rows(
            "a_printed_share_of_value_is_that_of_the_values_printed_with_it",
            "select printed.product_key, printed.period_start, printed.share, flows.value_usd,"
            " totals.value_usd as total_usd from {batch} as printed"
            " inner join fct_trade_flow as flows using (source_code, release, reporter_code, partner_code, flow,"
            " product_key, period_type, period_start) inner join fct_trade_total as totals on"
            " flows.source_code = totals.source_code and flows.release = totals.release and flows.reporter_code ="
            " totals.reporter_code and flows.flow = totals.flow and flows.product_key = totals.product_key and"
            " flows.period_type = totals.period_type and flows.period_start = totals.period_start"
            " where printed.share_measure = 'value_share' and "
            + exceeds(
                "abs(printed.share - flows.value_usd / totals.value_usd)",
                "printed.share_rounding + 2 * flows.value_rounding_usd / totals.value_usd",
            ),
            "the table prints values and their share side by side: one of them is another line's or year's",
        ),
        *drift(
            "fct_published_share",
            "share",
            "source_code, share_measure, reporter_code, partner_code, flow, product_key, period_type, period_start",
        ),
    ),
)
