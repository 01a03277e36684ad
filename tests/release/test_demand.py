"""Magnet rare earths of the IEA and India's demand in the published file.

Citations: IEA (2025), Critical Minerals Data Explorer; Ministry of Heavy Industries, PIB PRID 2040885.
"""

from __future__ import annotations


def rows(con, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


def test_china_mines_61_and_refines_91_percent_of_magnet_elements_and_the_projections_are_forward(published) -> None:
    shares = rows(
        published,
        "select outlook_measure, year, is_forward, round(max(outlook_t) filter (where country_code = 'CHN')),"
        " round(max(outlook_t) filter (where scope = 'world')),"
        " round(100 * max(outlook_kt) filter (where country_code = 'CHN') / max(outlook_kt)) from core.fct_outlook"
        " where is_latest and outlook_measure <> 'demand' group by all order by all",
    )
    assert shares[0] == ("mining", 2024, False, 45787, 75099, 61)
    assert shares[4] == ("refining", 2024, False, 73757, 80805, 91)
    assert [row[:3] for row in shares[1:4]] == [("mining", year, True) for year in (2030, 2035, 2040)]


def test_supply_has_the_base_case_only_and_demand_three_scenarios(published) -> None:
    assert rows(
        published,
        "select outlook_measure, list(distinct outlook_scenario order by outlook_scenario) from core.fct_outlook"
        " where is_forward group by all order by all",
    ) == [("demand", ["APS", "NZE", "STEPS"]), ("mining", ["base_case"]), ("refining", ["base_case"])]


def test_years_between_projections_are_no_gaps(published) -> None:
    assert rows(
        published,
        "select distinct n_missing_periods, missing_periods from marts.mart_coverage where table_name = 'fct_outlook'",
    ) == [(0, None)]


def test_vehicles_of_fiscal_2023_24_were_not_known_before_august_2024(published) -> None:
    assert rows(
        published,
        "select deployed, cast(known_from as varchar), known_basis, is_latest from core.fct_deployment"
        " where period_start = '2023-04-01' and use_class = 'all'",
    ) == [(1_681_127, "2024-08-02", "stated", True)]


def test_no_demand_is_held_and_what_is_missing_is_named(published) -> None:
    assert rows(
        published,
        "select magnet_use, demand_availability, missing_input, count(*), count(magnet_demand_t_central),"
        " count(magnet_t_per_100000_vehicles_central) from marts.mart_india_magnet_demand group by all order by all",
    ) == [
        ("electric_vehicles", "not_held", "intensity", 22, 0, 0),
        ("wind", "not_held", "deployment", 18, 0, 0),
    ]


def test_every_intensity_has_a_citation_and_none_is_of_vehicles(published) -> None:
    assert rows(
        published,
        "select distinct deployed_unit from core.dim_magnet_intensity"
        " where citation <> '' and source_url like 'https://%' and note <> ''",
    ) == [("mw",)]
