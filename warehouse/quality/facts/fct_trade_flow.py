"""Gate 2 of bilateral trade flows."""

from __future__ import annotations

from warehouse.figures import exceeds
from warehouse.project_vars import project_vars
from warehouse.quality.expectations.rules import Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import ONE_CURRENT_STATEMENT, OXIDE_BOUNDS, VALID_ON, drift, no_failed_rule
from warehouse.quality.feeds.trade import CUT_SHORT, DOUBLED
from warehouse.quality.limits import MOST_TRADE_KG, MOST_TRADE_USD

_PERIOD = "period_type, period_start, period_end"
_KEY = f"source_code, reporter_code, flow, product_key, {_PERIOD}, stated_in"
_FLOWS_AND_TOTALS = """
with new_totals as (
    select * from fct_trade_total
    where year(period_start) not in (select distinct year(period_start) from {{kept}})
), stated as (
    select {key}, known_from, known_to from {{new}}
    union all select {key}, known_from, known_to from new_totals
), days as (
    select {key}, known_from as day from stated
    union select {key}, known_to from stated where known_to is not null
), flows as (
    select {key}, day,
        count(*) as n_partners, sum(value_usd) as partners_usd, sum(value_rounding_usd) as rounding_usd
    from {{new}} as facts inner join days using ({key})
    where {valid}
    group by {key}, day
), totals as (
    select {key}, day, release,
        value_usd as total_usd,
        value_rounding_usd as total_rounding_usd, net_weight_kg as total_kg
    from new_totals as facts inner join days using ({key})
    where {valid}
)
select * from totals left join flows
    using ({key}, day)
where {condition}
"""
"""Totals beside the partners that their source states on the same day, on each day on which one of them changed, in
years that are new. Reports of a fiscal year print both, so gate 1 holds them against each other; here they may be pages
of single partners."""


def _beside(condition: str) -> str:
    return _FLOWS_AND_TOTALS.format(key=_KEY, valid=VALID_ON.format(fact="facts", day="days.day"), condition=condition)


_LISTS_ALL_PARTNERS = " and ".join(
    f"(source_code, flow, stated_in) <> {tuple(listing)}" for listing in project_vars()["listings_of_some_partners"]
)
"""Where a release has partners, it has all of them, but for listings of which only some were transcribed."""


SUITE = Suite(
    table="fct_trade_flow",
    gate=2,
    rules=(
        not_empty("trade is what the warehouse is about"),
        *in_closed_list("flow", "imports and exports are never mixed"),
        *in_closed_list("value_status", "a closed list, never null"),
        between("value_usd", 0, MOST_TRADE_USD, "US$: world trade in these codes is a fraction of this"),
        between("net_weight_kg", 0, MOST_TRADE_KG, "kg; a weight of zero is unknown and stays out"),
        ONE_CURRENT_STATEMENT,
        OXIDE_BOUNDS,
        no_rows(
            "partners_do_not_exceed_their_total",
            _beside(exceeds("partners_usd", f"total_usd * {DOUBLED} + rounding_usd + total_rounding_usd + 1")),
            "a sum above the printed total counts something twice",
        ),
        no_rows(
            "partners_are_complete",
            _beside(
                "n_partners > 1 and period_type <> 'fiscal_year'"
                " and " + exceeds(f"total_usd * {CUT_SHORT} - rounding_usd - total_rounding_usd - 1", "partners_usd")
            ),
            "a sum below the printed total misses a partner",
        ),
        no_rows(
            "every_total_has_partners_or_they_are_in_quarantine",
            _beside(
                "n_partners is null and period_type <> 'fiscal_year' and (total_usd > 0 or total_kg > 0)"
                f" and {_LISTS_ALL_PARTNERS}"
                " and (source_code, release, reporter_code, flow, product_key) in"
                " (select (source_code, release, reporter_code, flow, product_key) from {batch})"
                " and strftime(period_start, '%Y-%m') not in"
                " (select left(json_extract_string(row_json, '$.period'), 7) from quarantine"
                " where reason_code = 'suspect_partner_labels')"
            ),
            "whoever states partners states them for every total of the release, or they are set aside on record",
        ),
        no_rows(
            "india_and_china_report_magnets_of_2024",
            "select * from (select count(*) as n from {batch} where product_key = 'HS:850511'"
            " and period_start = date '2024-01-01' and is_preferred"
            " and (reporter_code, partner_code, flow) in (('IND', 'CHN', 'import'), ('CHN', 'IND', 'export')))"
            " where n <> 2",
            "the corridor's best-known flow, both sides, once each",
            severity="warning",
        ),
        no_failed_rule(
            "yearly_weights_do_not_fall_or_rise_tenfold_without_the_value",
            "a weight off by ten shows as a unit value off by ten: read such a weight with care",
        ),
        no_failed_rule(
            "no_child_code_exceeds_its_parent",
            "one publisher's code and its heading cannot both be right",
        ),
        no_failed_rule(
            "no_child_code_exceeds_another_publishers_parent",
            "two publishers of one reporter name partners differently: do not mix them",
        ),
        no_failed_rule(
            "two_layouts_of_one_flow_agree",
            "the same flow in two layouts of one publisher is one flow; these differ beyond rounding",
        ),
        *drift(
            "fct_trade_flow",
            "value_usd",
            "source_code, reporter_code, partner_code, flow, product_key, period_type, period_start, period_end",
            latest="is_latest and is_preferred",
        ),
    ),
)
