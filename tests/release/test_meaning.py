"""Things that must never be mixed: two countries' codes, reference and report, resource and reserve, part and total."""

from __future__ import annotations

import pytest

from warehouse.figures import differs

TRADE = ("fct_trade_flow", "fct_trade_total", "fct_trade_rollup")
COUNTRY_OF = "(select iso2_code from core.dim_area where area_code = fact.reporter_code)"


def rows(con, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


def test_the_same_eight_digits_are_ferrite_in_india_and_rare_earth_magnets_in_china(published) -> None:
    found = dict(rows(published, "select product_key, description from core.dim_product where hs_code = '85051110'"))
    assert set(found) == {"IN:85051110", "CN:85051110", "GB:85051110"}
    assert "ferrite" in found["IN:85051110"].lower()
    assert "rare-earth" in found["CN:85051110"]
    assert "Nd, Pr, Dy or Sm" in found["GB:85051110"]
    caveats = rows(published, "select caveat from core.dim_product where product_key = 'IN:85051110'")
    assert "Not rare earths" in caveats[0][0]


def test_a_product_key_is_one_product_and_names_the_country_of_its_digits(published) -> None:
    assert rows(published, "select product_key from core.dim_product group by 1 having count(*) > 1") == []
    wrong = rows(
        published,
        "select product_key from core.dim_product where product_key <> coalesce(code_country, 'HS') || ':' || hs_code"
        " or (code_country is null) <> starts_with(product_key, 'HS:')",
    )
    assert wrong == []
    shared = rows(
        published, "select count(*) from (select hs_code from core.dim_product where length(hs_code) = 8 group by 1"
        " having count(distinct code_country) >= 2)"
    )  # fmt: skip
    assert shared[0][0] >= 5, "digits that both countries use are what the key is for"


@pytest.mark.parametrize("table", TRADE)
def test_a_join_by_product_never_meets_the_other_countrys_code(published, table) -> None:
    met = rows(
        published,
        f"select fact.reporter_code, fact.product_key from core.{table} as fact"
        " inner join core.dim_product as product using (product_key)"
        f" where product.code_country is not null and product.code_country is distinct from {COUNTRY_OF} limit 5",
    )
    assert met == []
    unexpected = (
        f"select product_key from core.{table} where product_key not in (select product_key from core.dim_product)"
    )
    assert rows(published, unexpected + " limit 5") == []
    digits = f"select * from core.{table} where split_part(product_key, ':', 2) <> hs_code limit 5"
    assert rows(published, digits) == []


def test_four_countries_report_national_lines_so_that_the_rule_above_has_something_to_hold(published) -> None:
    found = rows(
        published,
        "select distinct reporter_code, left(product_key, 3) from core.fct_trade_flow"
        " where product_key not like 'HS:%' order by 1",
    )
    assert found == [("BRA", "BR:"), ("CHN", "CN:"), ("GBR", "GB:"), ("IND", "IN:")]


def test_the_mirror_never_sets_one_countrys_line_against_the_others(published) -> None:
    paired = rows(
        published,
        "select product_key from core.fct_trade_mirror where product_key not like 'HS:%'"
        " and ((x_fob_usd is not null or x_weight_kg is not null)"
        " and (m_cif_usd is not null or m_weight_kg is not null))",
    )
    assert paired == []


def test_a_lines_parent_is_the_heading_its_digits_start_with(published) -> None:
    astray = rows(
        published,
        "select product_key, parent_key from core.dim_product where parent_key is not null"
        " and not starts_with(hs_code, split_part(parent_key, ':', 2))",
    )
    assert astray == []
    orphans = rows(
        published,
        "select product_key from core.dim_product where (length(hs_code) > 6 and parent_key is null)"
        " or (parent_key is not null and parent_key not in (select product_key from core.dim_product))",
    )
    assert orphans == []


def test_no_mirror_row_rests_on_baci(published) -> None:
    used = (
        "select distinct artifact.source_code from core.fct_trade_mirror as mirror"
        " inner join meta.lineage as line using (fact_id)"
        " inner join meta.artifacts as artifact on line.artifact_sha256 = artifact.sha256"
    )
    sources = {source for (source,) in rows(published, used)}
    assert "cepii_baci" not in sources
    assert {"un_comtrade", "india_tradestat", "china_customs"} <= sources
    columns = "exporter_source_code, importer_source_code, exporter_weight_source_code, importer_weight_source_code"
    named = rows(published, f"select * from core.fct_trade_mirror where 'cepii_baci' in ({columns})")
    assert named == []


def test_every_figure_of_the_mirror_is_one_of_the_fact_it_names(published) -> None:
    for side, value, weight in (("exporter", "x_fob_usd", "x_weight_kg"), ("importer", "m_cif_usd", "m_weight_kg")):
        for fact, basis, figure, of in (
            (f"{side}_fact_id", f"{side}_period_basis", value, "value_usd"),
            (f"{side}_weight_fact_id", f"{side}_weight_period_basis", weight, "net_weight_kg"),
        ):
            stated = (
                f"select fact_id, {of} as figure, 'reported' as basis, is_latest from core.fct_trade_flow"
                f" union all select fact_id, {of}, 'rolled_up', is_latest from core.fct_trade_rollup"
            )
            wrong = rows(
                published,
                f"select mirror.fact_id from core.fct_trade_mirror as mirror left join ({stated}) as stated"
                f" on mirror.{fact} = stated.fact_id where mirror.{fact} is not null and (not stated.is_latest"
                f" or stated.fact_id is null or mirror.{basis} <> stated.basis"
                f" or mirror.{figure} is distinct from stated.figure)",
            )
            assert wrong == [], fact
            unnamed = (
                f"select * from core.fct_trade_mirror where {figure} is not null and {fact} is null"
                f" and {basis} <> 'built_from_months'"
            )
            assert rows(published, unnamed) == [], fact


def test_other_countries_and_special_areas_are_never_in_the_mirror(published) -> None:
    printed = rows(published, "select count(*) from core.fct_trade_flow where partner_code = 'XOTH'")
    assert printed[0][0] > 0, "PIB prints one"
    used = rows(
        published,
        "select mirror.fact_id from core.fct_trade_mirror as mirror inner join core.fct_trade_flow as flow"
        " on flow.fact_id in (mirror.exporter_fact_id, mirror.importer_fact_id, mirror.exporter_weight_fact_id,"
        " mirror.importer_weight_fact_id) inner join core.dim_area as area"
        " on area.area_code in (flow.reporter_code, flow.partner_code)"
        " where area.area_type <> 'country' and (area.area_code <> 'S19' or not mirror.is_other_asia)",
    )
    assert used == []


def test_december_2023_has_no_verdict_for_a_stated_reason(published) -> None:
    """A ban on technology, and the months around it are in quarantine."""
    found = rows(
        published,
        "select flow, value_comparison, value_ratio, weight_comparison, n_months_quarantined, insufficient_reason"
        " from marts.mart_trade_around_events where event_date = date '2023-12-21' and source_code = 'india_tradestat'"
        " and product_key = 'HS:2846' order by 1",
    )
    assert [row[0] for row in found] == ["export", "import"]
    for _, value, ratio, weight, n_quarantined, reason in found:
        assert (value, ratio, weight) == ("insufficient_data", None, "insufficient_data")
        assert n_quarantined == 10
        assert "quarantine" in reason


def test_the_direction_to_irel_has_indias_exports_to_japan_around_it_in_value_and_weight(published) -> None:
    """TradeStat MEIDB, exports of 2846 to Japan, months of December 2024 to May and July to December 2025."""
    (before_usd, after_usd, before_kg, after_kg, n_before, n_after), *others = rows(
        published,
        "select mean_usd_before, mean_usd_after, mean_kg_before, mean_kg_after, n_weights_before, n_weights_after"
        " from marts.mart_trade_around_events where event_date = date '2025-06-13' and reporter_code = 'IND'"
        " and partner_code = 'JPN' and flow = 'export' and product_key = 'HS:2846' and does_bear",
    )
    assert others == []
    values = [340_000, 580_000, 30_000, 880_000, 180_000, 1_650_000]
    later_values = [650_000, 340_000, 430_000, 820_000, 350_000, 2_490_000]
    weights = [300_097, 300_832, 156_960, 296_225, 180_928, 481_902]
    later_weights = [250_400, 231_984, 362_985, 196_480, 224_008, 200_864]
    shown = [before_usd, after_usd, before_kg, after_kg]
    assert shown == [pytest.approx(sum(m) / 6) for m in (values, later_values, weights, later_weights)]
    assert (n_before, n_after) == (6, 6)


def test_another_flow_than_the_corridors_is_beside_a_step_only_where_it_bears_on_it(published) -> None:
    stray = rows(
        published,
        "select event_ids, reporter_code, partner_code from marts.mart_trade_around_events where not does_bear"
        " and (reporter_code not in ('IND', 'CHN') or partner_code not in ('IND', 'CHN'))",
    )
    assert stray == []


def test_six_steps_whose_suspension_ran_out_are_neither_suspended_nor_in_force(published) -> None:
    """Announcement No. 70 of 2025 suspends Nos. 55 to 58, 61 and 62 until 10 November 2026; the release ends later."""
    found = rows(
        published,
        "select event_id, cast(suspended_until as varchar) from core.dim_policy_event"
        " where policy_status = 'suspension_ended_unknown' order by event_id",
    )
    assert found == [(f"cn-2025-10-09-mofcom-{number}", "2026-11-10") for number in (55, 56, 57, 58, 61, 62)]
    assert rows(published, "select event_id from core.dim_policy_event where policy_status = 'suspended'") == []


def test_a_comparison_around_a_step_has_a_verdict_or_a_reason(published) -> None:
    silent = rows(
        published,
        "select event_ids, flow, product_key from marts.mart_trade_around_events"
        " where (value_comparison = 'insufficient_data') <> (insufficient_reason is not null)",
    )
    assert silent == []


def test_tonnes_of_monazite_and_of_oxide_are_never_in_one_column(published) -> None:
    mixed = rows(
        published,
        "select * from core.fct_resources where (substance = 'reo') <> (resources_t_reo is not null)"
        " or (substance = 'monazite') <> (resources_t_monazite is not null)",
    )
    assert mixed == []


def test_processed_output_holds_the_quota_as_it_was_set(published) -> None:
    differing = rows(
        published,
        "select mart.year from marts.mart_processed_output as mart full outer join"
        " (select * from core.fct_quota where quota_type = 'smelting_separation' and batch = 'year' and earths = 'all'"
        " and is_latest and quota_t_reo is not null) as quotas"
        " on mart.country_code = quotas.country_code and mart.year = quotas.year"
        " where (mart.smelting_quota_t_reo is null) <> (quotas.quota_t_reo is null)"
        f" or {differs('mart.smelting_quota_t_reo', 'quotas.quota_t_reo')}",
    )
    assert differing == []


def test_chinas_refining_share_is_of_magnet_rare_earths_and_its_feed_is_a_gross_weight(published) -> None:
    """IEA 2025: China 73.8 of 80.8 kt refined in 2024. Comtrade: 109,285,773 kg of 2846 imported by China in 2023."""
    (share,) = rows(
        published,
        "select round(magnet_refining_share, 3), magnet_share_edition from marts.mart_processed_output"
        " where magnet_refining_share is not null",
    )
    assert share == (0.913, "IEA critical minerals 2025")
    (feed,) = rows(
        published,
        "select round(compound_imports_kg), compound_imports_usd, round(compound_imports_estimated_kg / 1000)"
        " from marts.mart_processed_output where year = 2023",
    )
    assert feed == (109_285_773, 1_881_334_377, 21_242)


def test_a_share_is_circular_in_the_editions_that_derive_mines_from_chinas_imports(published) -> None:
    """MCS 2025 and 2026: Burma, Thailand, Malaysia and others "based on Chinese import data"; earlier ones not."""
    editions = rows(
        published,
        "select is_circular, string_agg(distinct edition, ', ' order by edition) from marts.mart_share_by_edition"
        " where measure = 'production' and edition like 'MCS%' group by 1 order by 1",
    )
    assert [names for is_circular, names in editions if is_circular] == ["MCS 2025, MCS 2026"]
    unmarked = rows(
        published,
        "select marts.country_code from marts.mart_production_by_year as marts"
        " where (marts.basis_code = 'derived_from_china_imports') is true <> marts.is_circular",
    )
    assert unmarked == []


def test_the_best_of_trade_holds_no_roll_up_and_no_reference(published) -> None:
    mixed = rows(
        published,
        "select fact_id from core.trade_preferred_all_levels"
        " where fact_id in (select fact_id from core.fct_trade_rollup)"
        " or source_code = 'cepii_baci' or fact_id not in (select fact_id from core.fct_trade_flow)",
    )
    assert mixed == []
