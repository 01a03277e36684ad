"""SQL statements that break the rules of gate 2, by table and rule. `t` is the table under test."""

from __future__ import annotations

from tests.helpers.breaking_raw import DEPLOYED, PRICED, PROJECTED, STATISTICS, VIA

DRIFT = {
    "drift_no_more_than_one_in_twenty_latest_figures_is_gone": "delete from t where hash(fact_id) % 2 = 0",
    "drift_no_more_than_one_in_twenty_latest_figures_doubles_or_halves": "update t set {tripled}",
    "drift_every_latest_figure_is_as_it_was": "update t set {raised}",
}
ENDED = {
    "known_to_follows_known_from": "update t set known_to = known_from - 1",
    "oxide_equivalents_lie_between_their_bounds": "update t set reo_tonnes_low = reo_tonnes_high + 1",
}
FLOWS = {
    "partners_do_not_exceed_their_total": "update t set value_usd = value_usd * 2",
    "partners_are_complete": "update t set value_usd = value_usd / 2",
    "every_total_has_partners_or_they_are_in_quarantine":
        "delete from t where source_code = 'india_tradestat' and period_start = date '2020-06-01'",
    "india_and_china_report_magnets_of_2024": "update t set is_preferred = false where product_key = 'HS:850511'",
}  # fmt: skip
FACTS = {
    "fct_trade_flow": FLOWS,
    "fct_production": {
        "oxide_and_gross_weight_stand_apart": "update t set production_t_gross = 1 where production_t_reo is not null",
        "countries_add_up_to_the_printed_world_within_5_percent":
            "update t set production_t_reo = production_t_reo / 10 where country_code = 'CHN'",
        "countries_add_up_to_the_printed_world_within_2_percent":
            "update t set production_t_reo = production_t_reo * 0.95 where country_code = 'CHN'",
        "every_edition_has_china_and_india": "delete from t where country_code = 'IND' and edition = 'MCS 2024'",
        "latest_china_is_between_half_and_nine_tenths_of_the_countries":
            "update t set production_t_reo = production_t_reo * 10 where country_code = 'CHN'",
    },
    "fct_reserves": {
        "current_rows_are_of_one_edition": "update t set is_current = true",
        "countries_stay_within_10_percent_of_the_printed_world":
            "update t set reserves_t_reo = reserves_t_reo / 2 where country_code = 'CHN'",
    },
    "fct_world_total": {"bounds_stay_bounds": "update t set total_t_reo = 9e7 where value_status = 'at_least'"},
    "fct_other_countries_total": {
        "other_countries_stay_below_the_printed_world": "update t set total_t_reo = total_t_reo * 1e6",
    },
    "fct_trade_total": {
        "no_month_of_india_is_missing_between_the_first_and_the_last":
            "delete from t where reporter_code = 'IND' and period_start = date '2020-06-01'",
    },
    "fct_trade_mirror": {
        "reconciled_lies_between_low_and_high": "update t set value_low_usd = value_usd * 2",
        "every_figure_says_what_its_interval_is_made_of": "update t set value_interval_basis = null",
        "every_reconciled_figure_has_an_interval": "update t set value_low_usd = null where x_fob_usd is null",
        "one_sided_flows_keep_the_sole_report": "update t set value_usd = value_usd * 1.5",
        "no_country_trades_with_itself": "update t set importer_code = exporter_code",
        "only_countries_have_another_side": "update t set exporter_code = 'S19' where is_other_asia",
        "no_interval_is_as_narrow_as_rounding": "update t set value_low_usd = value_usd, value_high_usd = value_usd",
        "values_have_a_weight_where_both_sides_are_made_one_figure": "update t set w_exporter_value = null",
        "weights_have_a_weight_where_both_sides_are_made_one_figure": "update t set record_basis = null",
        "a_weighted_figure_is_the_mean_of_both_sides": "update t set w_exporter_value = w_exporter_value / 2",
        "records_of_the_panel_stand_on_pairs_and_give_a_share":
            "update mart_reporter_reliability set n_panel_pairs = n_pairs + 1",
        "the_reconciled_figure_comes_nearer_to_baci_than_any_naive_one":
            "update mart_reconciliation_score set two_sided_mean_clipped_abs_log = 0.05",
        "both_sides_of_the_corridor_stay_within_a_factor_of_twenty":
            "update t set value_log_gap = 4 where exporter_code = 'CHN' and importer_code = 'IND'",
    },
    "fct_trade_rollup": {
        "n_lines_is_plausible": "update t set n_lines = 61",
        "an_hs6_does_not_exceed_its_hs4": "update t set net_weight_kg = net_weight_kg * 10 where length(hs_code) = 6",
    },
    "fct_trade_via": {name: VIA[name] for name in (
        "imports_and_exports_have_a_second_partner", "flow_is_the_direction_of_its_detail",
    )},
    "fct_price": PRICED | {
        "every_element_is_in_the_dimension": "update t set elements = 'Nd;Xx'",
        "the_last_year_of_an_edition_is_an_estimate": "update t set value_status = 'reported'",
        "editions_agree_on_a_price_within_a_factor_of_three":
            "update t set price_usd_per_kg = price_usd_per_kg * 10 where edition = 'MCS 2026'",
    },
    "fct_salient": STATISTICS,
    "fct_outlook": PROJECTED | {"projections_are_forward_and_estimated": "update t set is_forward = true"},
    "fct_deployment": DEPLOYED,
    "fct_trade_reference": {
        "no_reference_flow_is_an_input":
            "update t set fact_id = (select min(importer_fact_id) from fct_trade_mirror) where importer_code = 'IND'",
        "complete_years_add_up_to_their_world_total":
            "delete from t where coverage = 'complete' and exporter_code = 'CHN' and importer_code = 'IND'",
        "partial_years_stay_below_their_world_total":
            "update t set value_usd = value_usd * 2 where coverage = 'partial'",
    },
    "fct_quota": {
        "batches_do_not_exceed_their_year": "update t set quota_t_reo = quota_t_reo + 1 where batch = 'second'",
        "usgs_production_of_china_is_the_mining_quota_where_it_says_so":
            "update t set quota_t_reo = quota_t_reo * 1.1 where quota_type = 'mining' and year = 2023",
    },
    "fct_resources": {
        "a_figure_stands_under_its_own_substance":
            "update t set resources_t_reo = resources_t_monazite where substance = 'monazite'",
    },
    "fct_published_share": {
        "printed_and_computed_shares_stay_within_15_points": "update t set share = share / 2 where hs_code = '850511'",
        "a_printed_share_of_value_is_that_of_the_values_printed_with_it":
            "update t set share = share - 0.01 where share_measure = 'value_share'",
    },
}  # fmt: skip
