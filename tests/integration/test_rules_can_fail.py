"""Every rule can fail: a table of figures that breaks it is given to it, and it must say so by name.

A rule that cannot fail guards nothing. Each case is one SQL statement (or two) on tables that pass: `t` is the table
judged, the others stand beside it under their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from sources.registry import sources
from sources.snapshot import Snapshot
from warehouse.expectations.runner import judge
from warehouse.expectations.suites import gate_one, gate_two, suite_of

LISTED = "update t set {column} = 'no such thing'"
EMPTY = "update t set {column} = null"
HUGE = "update t set {column} = 1e15"
DRIFT = {
    "drift_no_more_than_one_in_twenty_latest_figures_is_gone": "delete from t where hash(fact_id) % 2 = 0",
    "drift_no_more_than_one_in_twenty_latest_figures_doubles_or_halves": "update t set {value} = {value} * 3",
    "drift_every_latest_figure_is_as_it_was": "update t set {value} = {value} + 1",
}
ENDED = {"known_to_follows_known_from": "update t set known_to = known_from - 1"}
PLAUSIBLE = "update t set {column} = -1"
MINERAL = {
    "every_partition_has_at_least_one_row": "insert into partitions values ('MCS 1900', 1900)",
    "rejects_are_expected": "insert into rejects values (1, 'a surprise', 'x', '{}', 'MCS 2025')",
    "countries_have_a_code_and_totals_have_none": "update t set country_code = 'WLD' where scope = 'world'",
    "a_number_stands_where_the_status_says_so": "update t set value_t = 5 where value_status = 'not_available'",
    "china_and_india_are_in_every_table": "delete from t where country_code = 'IND'",
    "production_adds_up_to_the_printed_world_within_5_percent":
        "update t set value_t = value_t / 10 where country_code = 'CHN'",
    "production_adds_up_to_the_printed_world_within_2_percent":
        "update t set value_t = value_t * 0.95 where country_code = 'CHN'",
    "china_mines_the_most": "update t set value_t = 1e6 where country_code = 'USA' and measure = 'production'",
    "no_country_has_more_reserves_than_the_world":
        "update t set value_t = 2e8 where country_code = 'BRA' and measure = 'reserves'",
}  # fmt: skip
TRADE = {
    "every_partition_has_at_least_one_row": MINERAL["every_partition_has_at_least_one_row"],
    "rejects_are_expected": MINERAL["rejects_are_expected"],
    "hs_code_is_4_to_10_digits": "update t set hs_code = '284'",
    "periods_lie_in_the_year_of_the_partition": "update t set period_start = period_start - interval 1 year",
    "partners_do_not_exceed_their_printed_world": "update t set value_usd = value_usd * 2 where not is_partner_world",
    "partners_add_up_to_their_printed_world": "update t set value_usd = value_usd / 2 where not is_partner_world",
    "weights_are_plausible_against_values": "update t set net_weight_kg = value_usd * 1000",
    "reported_weights_do_not_share_one_unit_value":
        "update t set weight_status = 'reported', net_weight_kg = value_usd / 7",
    "a_number_stands_where_the_status_says_so": "update t set value_usd = 'nan'::double",
    "every_flow_has_one_world_row": "delete from t where is_partner_world",
    "rows_are_of_the_partition_they_came_with": "update t set hs_code = '2805'",
    "every_code_of_the_partition_is_there": "update t set hs_code = '284690'",
    "months_of_one_heading_stay_below_100_million": "update t set value_usd = 2e8",
    "weights_of_partners_do_not_exceed_their_printed_world":
        "update t set net_weight_kg = net_weight_kg * 2 where not is_partner_world",
    "weights_of_partners_add_up_to_their_printed_world":
        "update t set net_weight_kg = net_weight_kg / 2 where not is_partner_world",
    "periods_lie_in_the_years_of_the_partition": "update t set period_start = period_start - interval 1 year",
    "codes_are_those_the_warehouse_follows": "update t set hs_code = '12079100'",
    "every_line_with_trade_in_all_years_is_there": "delete from t where hs_code = '28461010'",
    "rupees_and_dollars_agree_within_their_rounding": "update t set value_inr = value_inr / 10",
    "no_partner_of_the_mislabelled_months":
        "update t set period_start = date '2023-05-01', is_partner_world = false",
}  # fmt: skip
CHINA_CUSTOMS = TRADE | {
    "rows_are_of_the_partition_they_came_with": "update t set partner_code = 'JPN'",
    "lines_are_of_the_codes_followed": "update t set hs_code = '27101210'",
    "a_line_is_stated_whole_or_in_parts_but_not_both":
        "update t set part_label = null where part_label not like '10 %'",
    "codes_of_one_download_have_one_length": "update t set hs_code = '284690' where hs_code = '28469099'",
    "every_value_is_in_one_currency": "update t set value_cny = value_usd",
    "partners_do_not_exceed_their_printed_world":
        "insert into t select * replace (value_usd / 2 as value_usd, true as is_partner_world) from t",
    "partners_add_up_to_their_printed_world":
        "insert into t select * exclude (n, partner)"
        " replace (value_usd * n as value_usd, partner as partner_code, n = 9 as is_partner_world)"
        " from t cross join (values (1, 'JPN'), (9, 'WLD')) as more (n, partner)",
}  # fmt: skip
QUOTAS = {
    "every_partition_has_at_least_one_row": MINERAL["every_partition_has_at_least_one_row"],
    "rejects_are_expected": MINERAL["rejects_are_expected"],
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
    "every_partition_has_at_least_one_row": MINERAL["every_partition_has_at_least_one_row"],
    "rejects_are_expected": MINERAL["rejects_are_expected"],
    "a_number_stands_where_the_status_says_so": "update t set net_weight_kg = null",
    "only_world_totals_are_of_the_world": "update t set importer_code = 'WLD' where exporter_code = 'IND'",
    "nobody_trades_with_itself": "update t set importer_code = exporter_code",
    "weights_are_plausible_against_values": "update t set net_weight_kg = value_usd * 1000",
    "rows_are_of_the_partition_they_came_with": "update t set hs_revision = 'HS2022'",
    "every_code_and_year_of_the_partition_is_there":
        "delete from t where hs_code = '284690' and year(period_start) = 2013",
    "china_exports_metals_compounds_and_magnets_in_every_year": "delete from t where exporter_code = 'CHN'",
    "a_year_of_magnets_has_nine_hundred_flows": "delete from t where hash(importer_code) % 10 > 0",
}  # fmt: skip
WEIGHED = {
    **{name: TRADE[name] for name in (
        "every_partition_has_at_least_one_row", "rejects_are_expected", "hs_code_is_4_to_10_digits",
        "a_number_stands_where_the_status_says_so", "rows_are_of_the_partition_they_came_with",
    )},
    "weights_are_plausible_against_values": "update t set value_usd = net_weight_kg * 1e6",
    "weights_of_partners_do_not_exceed_their_printed_world":
        "update t set net_weight_kg = net_weight_kg * 2 where not is_partner_world",
    "weights_of_partners_add_up_to_their_printed_world": "delete from t where partner_code = 'CHN'",
    "every_code_and_year_has_china_and_one_world_row":
        "delete from t where is_partner_world and period_start = date '2021-04-01'",
    "no_value_is_stated": "update t set value_usd = 1, value_status = 'reported'",
    "imports_of_one_country_stay_below_100_thousand_tonnes": "update t set net_weight_kg = 2e8",
}  # fmt: skip
SHARED = {
    "every_partition_has_at_least_one_row": MINERAL["every_partition_has_at_least_one_row"],
    "rejects_are_expected": MINERAL["rejects_are_expected"],
    "hs_code_is_4_to_10_digits": TRADE["hs_code_is_4_to_10_digits"],
    "a_number_stands_where_the_status_says_so": "update t set value_status = 'at_most'",
    "a_share_is_what_was_printed_in_per_cent": "update t set share = share / 100",
    "shares_of_one_flow_do_not_exceed_the_whole":
        "insert into t select * replace ('JPN' as partner_code) from t where hs_code = '850511'",
    "rows_are_of_the_partition_they_came_with": "update t set partner_code = 'JPN'",
    "every_share_of_the_printed_table_is_there": "delete from t where measure = 'value_share' and hs_code = '850590'",
}  # fmt: skip
IN_SITU = {
    "every_partition_has_at_least_one_row": MINERAL["every_partition_has_at_least_one_row"],
    "rejects_are_expected": MINERAL["rejects_are_expected"],
    "a_basis_is_none_or_of_its_list": "update t set basis_code = 'hearsay'",
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
    "every_partition_has_at_least_one_row": MINERAL["every_partition_has_at_least_one_row"],
    "rejects_are_expected": MINERAL["rejects_are_expected"],
    "days_are_as_exact_as_they_claim": "update t set event_date_last = event_date_last + interval 1 day",
    "days_are_those_of_the_list": "update t set event_date = event_date + interval 1 year",
    "no_step_lies_after_the_year_of_the_list": "update t set event_date = event_date + interval 100 year",
    "titles_are_short": "update t set title = repeat(title, 20)",
    "codes_are_4_to_10_digits": "update t set hs_codes = '2805.30'",
    "addresses_are_addresses": "update t set source_url = 'a newspaper'",
    "elements_are_symbols_or_named_groups": "update t set elements = 'Nd;Unobtainium'",
    "ids_begin_with_the_actor_and_the_day": "update t set actor = 'WTO'",
    "the_licences_of_april_2025_are_there": "delete from t where event_date = date '2025-04-04'",
}  # fmt: skip
FLOWS = {
    "partners_do_not_exceed_their_total": "update t set value_usd = value_usd * 2",
    "partners_are_complete": "update t set value_usd = value_usd / 2",
    "every_total_has_partners_or_they_are_in_quarantine": "delete from t where source_code = 'india_tradestat'",
    "india_and_china_report_magnets_of_2024": "update t set is_preferred = false where product_key = 'HS:850511'",
    "yearly_weights_do_not_fall_or_rise_tenfold_without_the_value":
        "update t set net_weight_kg = net_weight_kg * 100 where period_start = date '2017-01-01'",
    "no_child_code_exceeds_its_parent": "update t set value_usd = value_usd * 1000 where length(hs_code) > 4",
    "two_layouts_of_one_flow_agree": "update mart_layout_agreement set is_value_agreed = false",
}  # fmt: skip
OWN = {
    "usgs_mcs__world": MINERAL,
    "un_comtrade__trade": TRADE,
    "india_tradestat__trade": TRADE,
    "china_customs__trade": CHINA_CUSTOMS,
    "china_quotas__quotas": QUOTAS,
    "cepii_baci__flows": REFERENCE,
    "pib_india__trade": WEIGHED,
    "pib_india__shares": SHARED,
    "india_amd__resources": IN_SITU,
    "policy_events__events": STEPS,
    "fct_trade_flow": FLOWS,
    "fct_production": {
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
    "fct_trade_total": {
        "no_month_of_india_is_missing_between_the_first_and_the_last":
            "delete from t where reporter_code = 'IND' and period_start = date '2020-06-01'",
    },
    "fct_trade_mirror": {
        "reconciled_lies_between_low_and_high": "update t set value_low_usd = value_usd * 2",
        "one_sided_flows_keep_the_sole_report": "update t set value_usd = value_usd * 1.5",
        "no_country_trades_with_itself": "update t set importer_code = exporter_code",
        "both_sides_stay_within_a_factor_of_twenty": "update t set value_log_gap = 4",
    },
}  # fmt: skip
SUITES = {**gate_one(), **gate_two()}
DRIFTING = {
    "fct_production": "production_t_reo",
    "fct_reserves": "reserves_t_reo",
    "fct_world_total": "total_t_reo",
    "fct_trade_flow": "value_usd",
    "fct_trade_total": "value_usd",
    "fct_trade_mirror": "value_usd",
}
CASES = [(suite.table, rule.name) for suite in SUITES.values() for rule in suite.rules]


def breaking(table: str, name: str) -> str:
    """The statement that breaks a rule."""
    rule = next(rule for rule in SUITES[table].rules if rule.name == name)
    if name in OWN.get(table, {}):
        return OWN[table][name]
    if name in DRIFT:
        return DRIFT[name].format(value=DRIFTING[table])
    if name in ENDED:
        return ENDED[name]
    by_kind = {
        "ExpectColumnValuesToBeInSet": LISTED,
        "ExpectColumnValuesToNotBeNull": EMPTY,
        "ExpectColumnValuesToBeBetween": HUGE if rule.column != "year" else PLAUSIBLE,
        "ExpectTableRowCountToBeBetween": "delete from t",
    }
    return by_kind[rule.expectation].format(column=rule.column)


def snapshot_tables(folder: Path, table: str) -> dict[str, Path]:
    """One table of the bundled snapshot as gate 1 sees it."""
    source = next(s for s in sources().values() if any(spec.name == table for spec in s.tables))
    wanted = {
        "usgs_mcs__world": ("MCS 2025",),
        "un_comtrade__trade": ("A/CHN/M/2846/2024",),
        "china_customs__trade": ("GACC/CHN/X/IND/284690/2025",),
        "china_quotas__quotas": ("China quotas",),
        "cepii_baci__flows": (
            "BACI V202601/HS17/850511/2024",
            "BACI V202601/HS02+HS17/280530+284690+850511/2002-2024/world totals",
        ),
        "pib_india__trade": ("PIB 2117701",),
        "pib_india__shares": ("PIB 2151394",),
        "india_amd__resources": ("AMD 2014-11", "AMD 2025-07"),
        "policy_events__events": ("Policy events",),
        "india_tradestat__trade": (
            "MEIDB/2846/partners/2025",
            "MEIDB/2846/totals/2025",
            "MEIDB/2846/lines_kg/2025",
            "MEIDB/2846/calendar_usd/2025",
            "EIDB/exports/lines/2024",
        ),
    }[table]
    artifacts = [a for a in Snapshot().offers(source.code) if a.partition in wanted]
    parsed = [(a, source.parse(a)[0]) for a in artifacts]
    frames = {
        table: pl.concat(t.frame.with_columns(pl.lit(a.partition).alias("partition_name")) for a, t in parsed),
        "rejects": pl.concat(t.rejects.with_columns(pl.lit(a.partition).alias("partition_name")) for a, t in parsed),
        "partitions": pl.DataFrame(
            {"partition_name": [a.partition for a, _ in parsed], "year": [a.year for a, _ in parsed]}
        ),
        "expected_rejects": pl.DataFrame(
            {"reason_code": sorted(parsed[0][1].spec.expected_rejects)}, {"reason_code": pl.String}
        ),
    }
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return {name: folder / f"{name}.parquet" for name in frames}


@pytest.fixture(scope="module")
def passing(warehouse, tmp_path_factory) -> Callable[[str], dict[str, Path]]:
    """The tables at hand when a suite judges its own, all as they are when it passes."""
    made: dict[str, dict[str, Path]] = {}

    def tables(table: str) -> dict[str, Path]:
        if table not in made:
            folder = tmp_path_factory.mktemp(table)
            if table in gate_one():
                made[table] = snapshot_tables(folder, table)
            else:
                published = {path.stem: path for path in warehouse.published.resolve().glob("parquet/*/*.parquet")}
                made[table] = {**published, f"last_{table}": published[table]}
        return made[table]

    return tables


@pytest.fixture
def broken(passing, tmp_path) -> Iterator[Callable[[str, str], dict[str, Path]]]:
    """The tables at hand after a statement on one of them."""

    def tables(table: str, statement: str) -> dict[str, Path]:
        at_hand = dict(passing(table))
        words = statement.split()
        touched = next(word for word in words if word == "t" or word in at_hand)
        name = table if touched == "t" else touched
        with duckdb.connect() as con:
            con.execute(f"create table {touched} as select * from read_parquet('{at_hand[name]}')")
            con.execute(statement)
            at_hand[name] = tmp_path / f"{name}.parquet"
            con.execute(f"copy {touched} to '{at_hand[name]}' (format parquet)")
        return at_hand | ({"quarantine": passing_quarantine(tmp_path)} if table in gate_two() else {})

    return tables


def passing_quarantine(folder: Path) -> Path:
    """A quarantine with no record."""
    path = folder / "quarantine.parquet"
    duckdb.sql("select 'x' as reason_code, '{}' as row_json where false").write_parquet(str(path))
    return path


@pytest.mark.parametrize(("table", "name"), CASES, ids=lambda value: value)
def test_a_rule_fails_by_name_on_a_table_that_breaks_it(broken, table, name) -> None:
    suite = suite_of(table)
    alone = replace(suite, rules=tuple(rule for rule in suite.rules if rule.name == name))
    (result,) = judge(alone, broken(table, breaking(table, name)))
    assert not result.raised, result.observed
    assert not result.success


@pytest.mark.parametrize("table", gate_one())
def test_a_suite_holds_on_the_real_figures_before_they_are_broken(passing, table) -> None:
    """Else a rule that fails on everything would pass the test above."""
    failed = [r.rule for r in judge(suite_of(table), passing(table)) if not r.success and r.severity == "critical"]
    assert failed == []
