"""Gate 2 of the mirror of both sides, of reliability and of the scores against BACI."""

from __future__ import annotations

from warehouse.figures import differs, exceeds
from warehouse.quality.expectations.rules import Rule, Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import drift, no_failed_rule
from warehouse.statistics.gap_spread import CIF_MARGIN

UNEXPLAINED_BEYOND_FACTOR = 20
"""Both sides of a flow further apart have another unit or code (assumption; dbt: unexplained_beyond_factor)."""

LEAST_WIDTH = 0.01
"""Least ln(high / low) of an interval: two reports of the largest flows still differ by more (assumption)."""


def _weighted_where_both_report(kind: str, basis: str, weight: str) -> Rule:
    return no_rows(
        f"{kind}s_have_a_weight_where_both_sides_are_made_one_figure",
        f"select * from {{new}} where ({basis} = 'both_weighted') <> ({weight} is not null)"
        f" or {weight} is not null and record_basis is null",
        "a weight belongs to two reports, and says whose records it comes from",
    )


SUITE = Suite(
    table="fct_trade_mirror",
    gate=2,
    rules=(
        not_empty("two sides of one flow are what the warehouse is about"),
        *in_closed_list("value_basis", "a closed list, never null"),
        *in_closed_list("weight_basis", "a closed list, never null"),
        between("w_exporter_value", 0, 1, "a weight is a share; the importer's report has the rest"),
        between("w_exporter_weight", 0, 1, "a weight is a share; the importer's report has the rest"),
        between("cif_ratio", 1.0, 1.0, "no freight is taken off: docs/reconciliation.md gives the reasons"),
        between("cif_ratio_high", 1.0, CIF_MARGIN, "the method allows this much freight, and none for FOB"),
        no_rows(
            "reconciled_lies_between_low_and_high",
            f"select * from {{new}} where {exceeds('value_low_usd', 'value_usd')}"
            f" or {exceeds('value_usd', 'value_high_usd')}"
            f" or {exceeds('weight_low_kg', 'weight_kg')} or {exceeds('weight_kg', 'weight_high_kg')}",
            "an interval that misses its own middle",
        ),
        no_rows(
            "every_figure_says_what_its_interval_is_made_of",
            "select * from {new} where (value_usd is null) <> (value_interval_basis is null)"
            " or (weight_kg is null) <> (weight_interval_basis is null)",
            "an interval of rounding alone claims a certainty that no report supports",
        ),
        no_rows(
            "every_reconciled_figure_has_an_interval",
            "select * from {new} where value_usd is not null and (value_low_usd is null or value_high_usd is null)"
            " or weight_kg is not null and (weight_low_kg is null or weight_high_kg is null)",
            "the usual gap of its product, of its chapter or of all products gives every figure one",
        ),
        no_rows(
            "no_interval_is_as_narrow_as_rounding",
            f"select * from {{new}} where value_low_usd > 0"
            f" and {exceeds(str(LEAST_WIDTH), 'ln(value_high_usd / value_low_usd)')}"
            " or weight_low_kg > 0"
            f" and {exceeds(str(LEAST_WIDTH), 'ln(weight_high_kg / weight_low_kg)')}",
            "two reports that happen to agree, or a single one, do not make a figure certain",
        ),
        no_rows(
            "one_sided_flows_keep_the_sole_report",
            f"select * from {{new}} where (value_basis = 'exporter_only' and {differs('value_usd', 'x_fob_usd')})"
            f" or (value_basis = 'importer_only' and {differs('value_usd', 'm_fob_usd')})",
            "nothing is invented where one side is silent",
        ),
        no_rows(
            "no_country_trades_with_itself",
            "select * from {new} where exporter_code = importer_code",
            "re-imports are not trade between two countries",
        ),
        no_rows(
            "only_countries_have_another_side",
            "with countries as (select area_code from dim_area where area_type = 'country') select * from {new}"
            " where exporter_code not in (select area_code from countries)"
            " or importer_code not in (select area_code from countries)",
            "special areas, groups and the world report nothing themselves",
        ),
        _weighted_where_both_report("value", "value_basis", "w_exporter_value"),
        _weighted_where_both_report("weight", "weight_basis", "w_exporter_weight"),
        no_rows(
            "a_weighted_figure_is_the_mean_of_both_sides",
            f"select * from {{new}} where value_basis = 'both_weighted'"
            f" and {differs('value_usd', 'w_exporter_value * x_fob_usd + (1 - w_exporter_value) * m_fob_usd')}"
            " or weight_basis = 'both_weighted'"
            f" and {differs('weight_kg', 'w_exporter_weight * x_weight_kg + (1 - w_exporter_weight) * m_weight_kg')}",
            "the weights published are those that were used",
        ),
        no_rows(
            "records_of_the_panel_stand_on_pairs_and_give_a_share",
            "select * from mart_reporter_reliability where n_panel_pairs > n_pairs or n_panel_pairs < 0"
            " or least(usual_value_weight, usual_kg_weight, 1 - usual_value_weight, 1 - usual_kg_weight) <= 0",
            "pairs of the panel are among those of the record, and no report has all the weight",
        ),
        no_rows(
            "the_reconciled_figure_comes_nearer_to_baci_than_any_naive_one",
            "select ours.figure_kind, ours.hs_code, ours.year, naive.reconciliation_method from"
            " mart_reconciliation_score as ours inner join mart_reconciliation_score as naive"
            " on ours.figure_kind = naive.figure_kind and ours.hs_code = naive.hs_code and ours.year = naive.year"
            " where ours.reconciliation_method = 'reconciled' and naive.reconciliation_method <> 'reconciled' and not ("
            f" {exceeds('naive.supplier_share_error', 'ours.supplier_share_error')} and"
            f" {exceeds('naive.two_sided_mean_clipped_abs_log', 'ours.two_sided_mean_clipped_abs_log')})",
            "a method that does no better than doing nothing is not worth its words",
            severity="warning",
        ),
        no_failed_rule(
            "no_reporters_figures_look_like_a_mistake_of_unit",
            "values ten times those of all partners, or weights in tonnes: such a reporter is named, not corrected",
        ),
        no_failed_rule(
            "no_reconciled_child_exceeds_its_parent",
            "each code is reconciled by itself: where reports of it disagree, it can come out above its heading",
        ),
        no_rows(
            "both_sides_of_the_corridor_stay_within_a_factor_of_twenty",
            f"select * from {{batch}} where {exceeds('abs(value_log_gap)', f'ln({UNEXPLAINED_BEYOND_FACTOR})')}"
            " and exporter_code in ('IND', 'CHN') and importer_code in ('IND', 'CHN')",
            "such a gap is a unit or a code, not a dispute",
            severity="warning",
        ),
        *drift(
            "fct_trade_mirror",
            "value_usd",
            "exporter_code, importer_code, product_key, period_type, period_start, period_end",
            latest="true",
        ),
    ),
)
