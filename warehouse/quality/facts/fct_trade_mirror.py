"""Gate 2 of the mirror of both sides, of reliability and of the scores against BACI."""

from __future__ import annotations

from warehouse.figures import differs, exceeds
from warehouse.quality.expectations.rules import Rule, Suite, between, in_closed_list, no_rows, not_empty
from warehouse.quality.facts.common import drift
from warehouse.statistics.reliability_panel import GAP_FLOOR

CIF_RATIO_MOST = 1.3
"""The method keeps CIF ratios between 1.02 and this, and at 1 for importers that report FOB (dbt: cif_ratio_most)."""

UNEXPLAINED_BEYOND_FACTOR = 20
"""Both sides of a flow further apart have another unit or code (assumption; dbt: unexplained_beyond_factor)."""


def _weighted_only_where_identified(kind: str, basis: str, weight: str) -> Rule:
    in_panel = " and ".join(
        f"{role}_code in (select reporter_code from mart_reporter_reliability where figure_kind = '{kind}'"
        f" and reporter_role = '{role}' and n_pairs >= 1)"
        for role in ("exporter", "importer")
    )
    return no_rows(
        f"{kind}s_are_weighted_only_where_the_panel_identifies_both_reporters",
        f"select * from {{batch}} where ({basis} = 'both_weighted') <> ({weight} is not null)"
        f" or {weight} is not null and not ({in_panel} and '{kind}' in"
        " (select figure_kind from mart_reliability_panel where is_identified))",
        "a reliability without pairs of reports has no basis",
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
        between(
            "cif_ratio",
            1.0,
            CIF_RATIO_MOST,
            "the method keeps the ratio between 1.02 and 1.30, and at 1 for importers that report FOB",
        ),
        no_rows(
            "reconciled_lies_between_low_and_high",
            f"select * from {{batch}} where {exceeds('value_low_usd', 'value_usd')}"
            f" or {exceeds('value_usd', 'value_high_usd')}"
            f" or {exceeds('weight_low_kg', 'weight_kg')} or {exceeds('weight_kg', 'weight_high_kg')}",
            "an interval that misses its own middle",
        ),
        no_rows(
            "every_figure_says_what_its_interval_is_made_of",
            "select * from {batch} where (value_usd is null) <> (value_interval_basis is null)"
            " or (weight_kg is null) <> (weight_interval_basis is null)",
            "an interval of rounding alone claims a certainty that no report supports",
        ),
        no_rows(
            "one_sided_flows_keep_the_sole_report",
            f"select * from {{batch}} where (value_basis = 'exporter_only' and {differs('value_usd', 'x_fob_usd')})"
            f" or (value_basis = 'importer_only' and {differs('value_usd', 'm_fob_usd')})",
            "nothing is invented where one side is silent",
        ),
        no_rows(
            "no_country_trades_with_itself",
            "select * from {batch} where exporter_code = importer_code",
            "re-imports are not trade between two countries",
        ),
        no_rows(
            "only_countries_have_another_side",
            "with countries as (select area_code from dim_area where area_type = 'country') select * from {batch}"
            " where exporter_code not in (select area_code from countries)"
            " or importer_code not in (select area_code from countries)",
            "special areas, groups and the world report nothing themselves",
        ),
        _weighted_only_where_identified("value", "value_basis", "w_exporter_value"),
        _weighted_only_where_identified("weight", "weight_basis", "w_exporter_weight"),
        no_rows(
            "a_weighted_figure_is_the_mean_of_both_sides",
            "select * from {batch} where value_basis = 'both_weighted'"
            f" and {differs('value_usd', 'w_exporter_value * x_fob_usd + (1 - w_exporter_value) * m_fob_usd')}"
            " or weight_basis = 'both_weighted'"
            f" and {differs('weight_kg', 'w_exporter_weight * x_weight_kg + (1 - w_exporter_weight) * m_weight_kg')}",
            "the weights published are those that were used",
        ),
        no_rows(
            "reliability_stands_on_pairs_and_above_its_floor",
            f"select * from mart_reporter_reliability where n_pairs < 1 or {exceeds(str(GAP_FLOOR), 'sigma')}"
            f" or sigma_relative <= 0 or shrinkage < 0 or {exceeds('shrinkage', '1')}",
            "a reporter without a pair has no reliability, and none is perfect",
        ),
        no_rows(
            "the_reconciled_figure_comes_nearer_to_baci_than_either_report_or_their_mean",
            "select ours.hs_code, ours.year, naive.reconciliation_method, ours.supplier_share_error as ours,"
            " naive.supplier_share_error as naive from mart_reconciliation_score as ours"
            " inner join mart_reconciliation_score as naive on ours.hs_code = naive.hs_code and ours.year = naive.year"
            " where ours.reconciliation_method = 'reconciled' and naive.reconciliation_method in"
            " ('importer_report', 'exporter_report', 'arithmetic_mean')"
            f" and not {exceeds('naive.supplier_share_error', 'ours.supplier_share_error')}",
            "a method that does no better than doing nothing is not worth its words",
            severity="warning",
        ),
        no_rows(
            "no_reporters_figures_look_like_a_mistake_of_unit",
            "select * from mart_reporter_anomaly",
            "values ten times those of all partners, or weights in tonnes: such a reporter is named, not corrected",
            severity="warning",
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
