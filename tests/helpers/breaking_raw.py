"""SQL statements that break the rules of gate 1, by table and rule. `t` is the table under test."""

from __future__ import annotations

ANY_LOAD = {
    "every_partition_has_at_least_one_row": "insert into partitions (partition_name, year) values ('MCS 1900', 1900)",
    "partitions_have_names_of_their_publisher": "update partitions set has_key = false",
    "rejects_are_expected": "insert into rejects values (1, 'a surprise', 'x', '{}', 'MCS 2025')",
    "every_partner_is_known": "insert into rejects values (1, 'unknown_partner', 'x', '{}', 'MCS 2025')",
    "measured_periods_have_ended_when_they_are_known": "update t set known_from = date '1890-12-31'",
}
"""Rules that hold of any load (`warehouse/quality/feeds/loads.py`)."""
MINERAL = {
    "periods_are_twelve_months_that_begin_or_end_in_the_printed_year":
        "update t set period_end = period_end + interval 1 month",
    "countries_have_a_code_and_totals_have_none": "update t set country_code = 'WLD' where scope = 'world'",
    "a_number_stands_where_the_status_says_so": "update t set value_t = 5 where value_status = 'not_available'",
    "china_and_india_are_in_every_table": "delete from t where country_code = 'IND'",
    "production_adds_up_to_the_printed_world_within_5_percent":
        "update t set value_t = value_t / 10 where country_code = 'CHN'",
    "production_adds_up_to_the_printed_world_within_2_percent":
        "update t set value_t = value_t * 0.95 where country_code = 'CHN'",
    "only_what_is_not_available_has_a_reason": "update t set reason_code = 'rare_earths_not_reported'",
    "china_mines_the_most": "update t set value_t = 1e6 where country_code = 'USA' and measure = 'production'",
    "no_country_has_more_reserves_than_the_world":
        "update t set value_t = 2e8 where country_code = 'BRA' and measure = 'reserves'",
}  # fmt: skip
YEARBOOK = MINERAL | {
    "rows_are_of_the_partition_they_came_with": "update t set year = year - 1",
    "a_number_stands_where_the_status_says_so": "update t set value_t = null",
    "every_country_has_every_year": "delete from t where country_code = 'BRA' and year = 2020",
    "totals_are_rounded_to_three_digits": "update t set value_t = value_t + 420 where scope = 'world' and year = 2022",
}  # fmt: skip
HISTORY = MINERAL | {
    "rows_are_of_the_partition_they_came_with": YEARBOOK["rows_are_of_the_partition_they_came_with"],
    "a_number_stands_where_the_status_says_so": YEARBOOK["a_number_stands_where_the_status_says_so"],
    "no_year_since_1900_is_left_out": "delete from t where year = 1950",
    "each_year_has_the_united_states_and_the_world": "delete from t where country_code = 'USA' and year = 1950",
    "the_united_states_do_not_mine_more_than_the_world":
        "update t set value_t = 1e6 where country_code = 'USA' and year = 1950",
    "the_world_is_a_number_in_every_year": "update t set value_t = null where scope = 'world' and year = 1950",
}  # fmt: skip
TWO_LISTS = MINERAL | {
    "countries_have_a_code_and_totals_have_none": "update t set country_code = null",
    "a_number_stands_where_the_status_says_so": "update t set value_t = null",
    "rows_are_of_the_partition_they_came_with": "update partitions set key_commodity = 'rare_earth_minerals'",
    "both_lists_are_there_where_the_partition_declares_both": "delete from t where series = 'rare_earth_oxides'",
    "no_world_total_among_the_countries": "update t set scope = 'world'",
    "oxides_are_never_gross_weight": "update t set unit_basis = 'gross'",
    "indias_oxides_are_of_fiscal_years": "update t set period_type = 'calendar_year'",
    "china_is_in_every_year_of_the_oxides": "delete from t where country_code = 'CHN' and year = 2020",
    "china_mines_the_most_oxides": "update t set value_t = 1 where country_code = 'CHN'",
    "no_year_of_a_list_is_left_out": "delete from t where year = 2020",
}  # fmt: skip
MONEY = {
    "money_other_than_us_dollars_names_its_currency": "update t set value_local = 1, currency_code = null",
    "a_partition_is_in_one_local_currency":
        "insert into t select * exclude (code) replace (code as currency_code)"
        " from t cross join (values ('INR'), ('JPY')) as more (code)",
}  # fmt: skip
TRADE = MONEY | {
    "hs_code_is_4_to_10_digits": "update t set hs_code = '284'",
    "periods_lie_in_the_year_of_the_partition": "update t set period_start = period_start - interval 1 year",
    "partners_do_not_exceed_their_printed_world": "update t set value_usd = value_usd * 2 where not is_partner_world",
    "partners_add_up_to_their_printed_world": "update t set value_usd = value_usd / 2 where not is_partner_world",
    "partners_and_their_printed_world_agree":
        "update t set value_usd = value_usd * 1.05 where not is_partner_world",
    "weights_are_plausible_against_values": "update t set net_weight_kg = value_usd * 1000",
    "reported_weights_do_not_share_one_unit_value":
        "update t set weight_status = 'reported', net_weight_kg = value_usd / 7",
    "a_number_stands_where_the_status_says_so": "update t set value_usd = 'nan'::double",
    "every_flow_has_one_world_row": "delete from t where is_partner_world",
    "rows_are_of_the_partition_they_came_with": "update t set hs_code = '2805'",
    "every_code_of_the_partition_is_there": "update t set hs_code = '284690'",
    "lines_are_of_their_reporters_tariff": "update t set code_country = 'IND'",
    "months_of_one_heading_stay_below_100_million": "update t set value_usd = 2e8",
    "weights_of_partners_do_not_exceed_their_printed_world":
        "update t set net_weight_kg = net_weight_kg * 2 where not is_partner_world",
    "weights_of_partners_add_up_to_their_printed_world":
        "update t set net_weight_kg = net_weight_kg / 2 where not is_partner_world",
    "weights_of_partners_and_their_printed_world_agree":
        "update t set net_weight_kg = net_weight_kg * 1.05 where not is_partner_world",
    "periods_lie_in_the_years_of_the_partition": "update t set period_start = period_start - interval 1 year",
    "codes_are_those_the_warehouse_follows": "update t set hs_code = '12079100'",
    "every_line_with_trade_in_all_years_is_there": "delete from t where hs_code = '28461010'",
    "rupees_and_dollars_agree_within_their_rounding": "update t set value_local = value_local / 10",
    "no_partner_of_the_mislabelled_months":
        "update t set period_start = date '2023-05-01', is_partner_world = false",
}  # fmt: skip
CHINA_CUSTOMS = TRADE | {
    "rows_are_of_the_partition_they_came_with": "update t set partner_code = 'JPN'",
    "lines_are_of_the_codes_followed": "update t set hs_code = '27101210'",
    "a_line_is_stated_whole_or_in_parts_but_not_both":
        "update t set part_label = null where part_label not like '10 %'",
    "codes_of_one_download_have_one_length": "update t set hs_code = '284690' where hs_code = '28469099'",
    "every_value_is_in_one_currency": "update t set value_local = value_usd, currency_code = 'CNY'",
    "partners_do_not_exceed_their_printed_world":
        "insert into t select * replace (value_usd / 2 as value_usd, true as is_partner_world) from t",
    "partners_add_up_to_their_printed_world":
        "insert into t select * exclude (n, partner)"
        " replace (value_usd * n as value_usd, partner as partner_code, n = 9 as is_partner_world)"
        " from t cross join (values (1, 'JPN'), (9, 'WLD')) as more (n, partner)",
    "partners_and_their_printed_world_agree":
        "insert into t select * exclude (n, partner)"
        " replace (value_usd * n as value_usd, partner as partner_code, n > 2 as is_partner_world)"
        " from t cross join (values (1, 'JPN'), (2.1, 'WLD')) as more (n, partner)",
}  # fmt: skip
UNITED_KINGDOM = MONEY | {
    **{name: TRADE[name] for name in ("hs_code_is_4_to_10_digits", "periods_lie_in_the_year_of_the_partition")},
    "a_number_stands_where_the_status_says_so": "update t set value_local = 'nan'::double",
    "weights_are_plausible_against_values": "update t set net_weight_kg = 1e6, value_usd = 1e4",
    "rows_are_of_the_partition_they_came_with": "update t set partner_code = 'GBR'",
    "lines_are_of_the_codes_followed": "update t set hs_code = '27101210'",
    "every_value_is_in_pounds": "update t set currency_code = 'EUR'",
    "every_row_is_a_part_of_its_flow": "update t set part_label = null",
    "months_of_one_partner_stay_below_50_million_pounds": "update t set value_local = value_local * 1000",
}  # fmt: skip
EUROPE = MONEY | {
    **{name: UNITED_KINGDOM[name] for name in (
        "hs_code_is_4_to_10_digits", "periods_lie_in_the_year_of_the_partition",
        "a_number_stands_where_the_status_says_so", "weights_are_plausible_against_values",
        "every_row_is_a_part_of_its_flow", "lines_are_of_the_codes_followed",
    )},
    "rows_are_of_the_partition_they_came_with": "update t set period_start = period_start - interval 1 month",
    "lines_are_of_the_combined_nomenclature": "update t set code_country = 'EU27'",
    "every_value_is_in_euros": "update t set currency_code = 'GBP'",
    "months_of_one_partner_stay_below_500_million_euros": "update t set value_local = value_local * 1000",
}  # fmt: skip
BRAZIL = MONEY | {
    **{name: TRADE[name] for name in (
        "hs_code_is_4_to_10_digits", "periods_lie_in_the_year_of_the_partition",
        "a_number_stands_where_the_status_says_so", "weights_are_plausible_against_values",
    )},
    "rows_are_of_the_partition_they_came_with": "update t set flow = 'export'",
    "lines_are_of_the_codes_followed": "update t set hs_code = '27101210'",
    "both_flows_are_valued_fob": "update t set valuation = 'CIF'",
    "months_of_one_partner_stay_below_50_million": "update t set value_usd = value_usd * 1000",
}  # fmt: skip
CENSUS = TRADE | {
    "partners_do_not_exceed_their_printed_world": "update t set value_usd = value_usd * 2 where not is_partner_world",
    "rows_are_of_the_partition_they_came_with": "update t set flow = 'export'",
    "lines_are_of_the_tariff_of_the_united_states": "update t set code_country = 'CHN'",
    "imports_and_exports_are_in_us_dollars_without_freight": "update t set valuation = 'CIF'",
    "months_of_one_partner_stay_below_500_million": "update t set value_usd = value_usd * 1000",
}  # fmt: skip
DATAWEB = MONEY | {
    **{name: TRADE[name] for name in (
        "hs_code_is_4_to_10_digits", "a_number_stands_where_the_status_says_so", "weights_are_plausible_against_values",
    )},
    "rows_are_of_the_partition_they_came_with": "update t set hs_code = '7202'",
    "a_year_to_date_is_a_range_of_months": "update t set period_type = 'calendar_year'",
    "a_year_to_date_does_not_exceed_its_year": "update t set value_usd = 1e9 where period_type = 'month_range'",
    "every_country_has_every_year": "delete from t where year(period_start) = 2004",
    "china_ships_compounds_in_every_year": "update t set partner_code = 'JPN' where partner_code = 'CHN'",
}  # fmt: skip
QUOTAS = {
    "a_page_is_of_a_day_before_the_list": "update t set public_by = date '2099-01-01' where public_by is not null",
    "a_quota_is_public_a_year_before_its_year_at_the_earliest":
        "update t set public_by = public_by - interval 3 year",
    "a_number_stands_where_the_status_says_so": "update t set value_status = 'not_available'",
    "a_derived_figure_is_an_estimate_and_says_how": "update t set basis_code = null",
    "light_and_medium_heavy_add_up_to_all": "update t set value_t = value_t - 1000 where earths = 'light'",
    "batches_add_up_to_their_year": "update t set value_t = 134000 where batch = 'second'",
    "no_part_exceeds_its_whole": "update t set value_t = 800000 where batch = 'first'",
    "no_year_of_mining_is_missing_but_those_known_to_be": "delete from t where year = 2012",
    "only_chinas_quotas": "update t set country_code = 'IND'",
    "smelting_stays_close_below_mining":
        "update t set value_t = value_t * 2 where quota_type = 'smelting_separation'",
}  # fmt: skip
REFERENCE = {
    "a_number_stands_where_the_status_says_so": "update t set net_weight_kg = null",
    "only_world_totals_are_of_the_world": "update t set importer_code = 'WLD' where exporter_code = 'IND'",
    "no_country_trades_with_itself": "update t set importer_code = exporter_code",
    "weights_are_plausible_against_values": "update t set net_weight_kg = value_usd * 1000",
    "rows_are_of_the_partition_they_came_with": "update t set hs_revision = 'HS2022'",
    "every_code_and_year_of_the_partition_is_there":
        "delete from t where hs_code = '284690' and year(period_start) = 2013",
    "china_exports_metals_compounds_and_magnets_in_every_year": "delete from t where exporter_code = 'CHN'",
    "a_year_of_magnets_has_nine_hundred_flows": "delete from t where hash(importer_code) % 10 > 0",
}  # fmt: skip
WEIGHED = MONEY | {
    **{name: TRADE[name] for name in (
        "hs_code_is_4_to_10_digits", "a_number_stands_where_the_status_says_so",
        "rows_are_of_the_partition_they_came_with",
    )},
    "weights_are_plausible_against_values": "update t set value_usd = net_weight_kg * 1e6",
    "weights_of_partners_do_not_exceed_their_printed_world":
        "update t set net_weight_kg = net_weight_kg * 2 where not is_partner_world",
    "weights_of_partners_add_up_to_their_printed_world": "delete from t where partner_code = 'CHN'",
    "every_code_and_year_has_china_and_one_world_row":
        "delete from t where is_partner_world and period_start = date '2021-04-01'",
    "values_are_stated_in_tables_of_dollars_alone": "update t set value_usd = 1, value_status = 'reported'",
    "imports_of_one_country_stay_below_100_thousand_tonnes": "update t set net_weight_kg = 2e8",
}  # fmt: skip
SHARED = {
    "hs_code_is_4_to_10_digits": TRADE["hs_code_is_4_to_10_digits"],
    "a_number_stands_where_the_status_says_so": "update t set value_status = 'at_most'",
    "a_share_is_what_was_printed_in_per_cent": "update t set share = share / 100",
    "shares_of_one_flow_do_not_exceed_the_whole":
        "insert into t select * replace ('JPN' as partner_code) from t where hs_code = '850511'",
    "rows_are_of_the_partition_they_came_with": "update t set partner_code = 'JPN'",
    "every_share_of_the_printed_table_is_there":
        "delete from t where share_measure = 'value_share' and hs_code = '850590'",
}  # fmt: skip
IN_SITU = {
    "a_region_has_a_code_and_a_country_none": "update t set region_code = null",
    "a_number_stands_where_the_status_says_so": "update t set value_t = null",
    "the_day_lies_in_the_year_of_the_partition": "update t set as_of_end = as_of_end + interval 1 year",
    "regions_do_not_exceed_their_country": "update t set value_t = value_t * 10 where region_code = 'IN-AP'",
    "deposits_do_not_exceed_all_of_them": "update t set value_t = value_t * 2 where deposit = 'hard_rock'",
    "oxide_is_three_to_eight_tenths_of_its_monazite": "update t set value_t = value_t * 2 where substance = 'reo'",
    "rows_are_of_the_partition_they_came_with": "update t set as_of_start = as_of_start + interval 1 day",
    "every_statement_gives_monazite_in_all_of_india": "delete from t where region_label is null",
    "states_add_up_to_india": "delete from t where region_code = 'IN-KL'",
}  # fmt: skip
STEPS = {
    "days_of_a_step_follow_each_other": "update t set ended_on = effective_from - interval 1 day",
    "ends_are_as_exact_as_they_claim": "update t set ended_on_precision = null",
    "a_step_is_public_when_it_is_listed": "update t set public_by = date '2099-01-01'",
    "a_step_repeats_another_of_its_list": "update t set same_step_as = 'cn-2025-04-04-no-such-step'",
    "days_are_as_exact_as_they_claim": "update t set event_date_last = event_date_last + interval 1 day",
    "days_are_those_of_the_list": "update t set event_date = event_date + interval 1 year",
    "steps_lie_between_1990_and_ten_years_after_the_list": "update t set event_date = event_date + interval 100 year",
    "titles_are_short": "update t set title = repeat(title, 20)",
    "codes_are_4_to_10_digits": "update t set hs_codes = '2805.30'",
    "addresses_are_addresses": "update t set source_url = 'a newspaper'",
    "elements_are_symbols_or_named_groups": "update t set elements = 'Nd;Unobtainium'",
    "ids_begin_with_the_actor_and_the_day": "update t set actor = 'WTO'",
    "the_licences_of_april_2025_are_there": "delete from t where event_date = date '2025-04-04'",
}  # fmt: skip
VIA = {
    name: TRADE[name]
    for name in (
        "hs_code_is_4_to_10_digits", "periods_lie_in_the_year_of_the_partition",
        "a_number_stands_where_the_status_says_so",
    )
} | {
    "rows_are_of_the_partition_they_came_with": "update t set reporter_code = 'CHN'",
    "imports_and_exports_have_a_second_partner": "update t set second_partner_code = null, flow_detail = flow",
    "flow_is_the_direction_of_its_detail":
        "update t set flow_detail = case flow when 'import' then 're_export' else 're_import' end",
}  # fmt: skip
PRICED = {
    "a_kilogram_is_of_what_is_sold": "update t set unit_basis = 'gross'",
    "a_number_stands_where_the_status_says_so": "update t set price_usd_per_kg = null",
    "rows_are_of_the_chapter_they_came_with": "update t set commodity = 'thorium'",
}
STATISTICS = {
    "a_number_stands_where_the_status_says_so": "update t set salient_value = null",
    "units_fit_what_is_measured": "update t set salient_unit = 'number'",
    "only_import_reliance_is_of_a_net_exporter": "update t set value_status = 'net_exporter'",
    "a_percentage_is_at_most_a_hundred": "update t set salient_value = 101 where salient_unit = 'percent'",
    "import_sources_add_up_to_a_hundred": "delete from t where partner_code = 'CHN'",
    "every_item_is_known": "insert into rejects values (1, 'unknown_item', 'x', '{}', 'MCS 2026')",
    "rows_are_of_the_chapter_they_came_with": PRICED["rows_are_of_the_chapter_they_came_with"],
}
PROJECTED = {
    "a_number_stands_where_the_status_says_so": "update t set value_kt = null",
    "supply_is_of_countries_and_demand_of_uses": "update t set magnet_use = 'wind'",
    "scenarios_fit_what_is_measured": "update t set outlook_scenario = 'base_case'",
    "countries_add_up_to_the_printed_world": "delete from t where country_code = 'CHN'",
    "uses_add_up_to_all_of_them": "delete from t where magnet_use = 'wind'",
}
DEPLOYED = {
    "a_number_stands_where_the_status_says_so": "update t set value_status = 'zero'",
    "units_fit_the_use": "update t set deployed_unit = 'mw'",
    "classes_do_not_exceed_all_of_them":
        "insert into t select * replace ('four_wheeler' as use_class, deployed + 1e6 as deployed) from t"
        " where use_class = 'all'",
}  # fmt: skip
RAW = {
    "iea__outlook": PROJECTED,
    "india_vahan__registrations": DEPLOYED,
    "usgs_mcs__world": MINERAL,
    "usgs_mcs__prices": PRICED,
    "usgs_mcs__salient": STATISTICS,
    "usgs_myb__world": YEARBOOK,
    "usgs_ds140__history": HISTORY,
    "bgs_wms__production": TWO_LISTS,
    "un_comtrade__trade": TRADE,
    "un_comtrade__trade_via": VIA,
    "india_tradestat__trade": TRADE,
    "china_customs__trade": CHINA_CUSTOMS,
    "uk_hmrc__trade": UNITED_KINGDOM,
    "brazil_comexstat__trade": BRAZIL,
    "us_census__trade": CENSUS,
    "eurostat_comext__trade": EUROPE,
    "usitc_dataweb__trade": DATAWEB,
    "china_quotas__quotas": QUOTAS,
    "cepii_baci__flows": REFERENCE,
    "pib_india__trade": WEIGHED,
    "pib_india__shares": SHARED,
    "india_amd__resources": IN_SITU,
    "policy_events__events": STEPS,
}
