"""Figures of production, quotas and resources in the published file against what their publishers printed.

MYB: U.S. Geological Survey, Minerals Yearbook 2022, volume I, "Rare Earths", table of world mine production (advance
data release, 19 March 2025). DS140: U.S. Geological Survey, Data Series 140, "Rare Earths", last modified 27 September
2023. Quotas: Ministry of Industry and Information Technology and Ministry of Natural Resources, as public pages quote
their notices. AMD: Atomic Minerals Directorate for Exploration and Research, in answers to Parliament (July 2025,
28 January 2026) and of November 2014.
"""

from __future__ import annotations

import pytest


def figures(con, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


@pytest.mark.parametrize(
    ("country", "year", "tonnes", "status", "basis"),
    [
        ("CHN", 2020, 140_000, "reported", "quota"),
        ("CHN", 2022, 210_000, "estimated", "quota"),
        ("IND", 2022, 2_900, "estimated", None),
        ("THA", 2020, 3_600, "estimated", "content_of_exports"),
        ("USA", 2018, 14_000, "estimated", None),
    ],
)
def test_the_yearbooks_production_is_as_printed(published, country, year, tonnes, status, basis) -> None:
    """MYB 2022."""
    found = figures(
        published,
        "select production_t_reo, value_status, basis_code, is_latest from core.fct_production"
        f" where source_code = 'usgs_myb' and country_code = '{country}' and year = {year}",
    )
    assert found == [(tonnes, status, basis, True)]


@pytest.mark.parametrize(("source", "year", "tonnes"), [("usgs_myb", 2022, 297_000), ("usgs_myb", 2018, 190_000)])
def test_the_yearbooks_world_is_as_printed(published, source, year, tonnes) -> None:
    """MYB 2022: 297,000 t in 2022, 190,000 t in 2018."""
    where = f"source_code = '{source}' and year = {year} and measure = 'production'"
    assert figures(published, f"select total_t_reo from core.fct_world_total where {where}") == [(tonnes,)]


@pytest.mark.parametrize(("year", "usa", "world"), [(1950, 383, 470), (2018, 14_000, 190_000), (2020, 39_000, 243_000)])
def test_the_history_has_the_united_states_and_the_world(published, year, usa, world) -> None:
    """DS140."""
    where = f"source_code = 'usgs_ds140' and year = {year}"
    assert figures(published, f"select production_t_reo from core.fct_production where {where}") == [(usa,)]
    assert figures(published, f"select total_t_reo from core.fct_world_total where {where}") == [(world,)]


def test_two_publications_of_one_survey_that_differ_on_2020_are_both_kept(published) -> None:
    """DS140: 243,000 t; MYB 2022: 250,000 t. Neither ends the other: they are sources of their own."""
    found = figures(
        published,
        "select source_code, total_t_reo from core.fct_world_total where year = 2020"
        " and measure = 'production' and is_latest and source_code in ('usgs_ds140', 'usgs_myb') order by 1",
    )
    assert found == [("usgs_ds140", 243_000), ("usgs_myb", 250_000)]


@pytest.mark.parametrize(("kind", "tonnes"), [("mining", 270_000), ("smelting_separation", 254_000)])
def test_chinas_quotas_of_2024_are_270000_t_mined_and_254000_t_smelted(published, kind, tonnes) -> None:
    """Second notice of 2024, whole year: 270,000 t and 254,000 t."""
    found = figures(
        published,
        "select quota_t_reo, value_status from core.fct_quota where year = 2024 and batch = 'year'"
        f" and earths = 'all' and quota_type = '{kind}'",
    )
    assert found == [(tonnes, "reported")]


def test_the_usgs_prints_the_mining_quota_of_2024_as_chinas_production(published) -> None:
    """MCS 2025: 270,000 t, "production quota": one figure in two tables, not two that confirm each other."""
    found = figures(
        published,
        "select production.production_t_reo, production.basis_code, quotas.quota_t_reo"
        " from core.fct_production as production inner join core.fct_quota as quotas"
        " on quotas.year = production.year and quotas.country_code = production.country_code"
        " where production.edition = 'MCS 2025' and production.country_code = 'CHN' and production.year = 2024"
        " and quotas.quota_type = 'mining' and quotas.batch = 'year' and quotas.earths = 'all'",
    )
    assert found == [(270_000, "quota", 270_000)]


def test_india_counts_13_15_million_tonnes_of_monazite(published) -> None:
    """AMD, 28 January 2026."""
    found = figures(
        published,
        "select resources_t_monazite, resources_t_reo, period_start::varchar from core.fct_resources"
        " where substance = 'monazite' and region_name is null and is_current_at_level",
    )
    assert found == [(13_150_000, None, "2026-01-28")]


def test_india_counts_8_52_million_tonnes_of_oxide_in_sand_and_rock(published) -> None:
    """AMD, July 2025: 7.23 Mt in beach sand, 1.29 Mt in hard rock, 8.52 Mt in all."""
    found = figures(
        published,
        "select deposit, resources_t_reo from core.fct_resources"
        " where substance = 'reo' and period_start = date '2025-07-01' order by 1",
    )
    assert found == [("all", 8_520_000), ("beach_sand", 7_230_000), ("hard_rock", 1_290_000)]


def test_no_resource_is_among_the_reserves(published) -> None:
    found = figures(
        published,
        "select source_code, reserves_t_reo from core.fct_reserves where country_code = 'IND' and (source_code ="
        " 'india_amd' or reserves_t_reo in (select coalesce(resources_t_reo, resources_t_monazite)"
        " from core.fct_resources where resources_t_reo is not null or resources_t_monazite is not null))",
    )
    assert found == []
    assert figures(published, "select distinct source_code from core.fct_reserves") == [("usgs_mcs",)]
    assert figures(published, "select distinct source_code from core.fct_resources") == [("india_amd",)]
