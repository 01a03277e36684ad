"""Prices and import reliance in the published file, as the USGS printed them.

Citations: U.S. Geological Survey, Mineral Commodity Summaries 2022 to 2026, rare earths, salient statistics.
"""

from __future__ import annotations

import pytest


def rows(con, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


def test_neodymium_oxide_of_2021_is_49_in_two_editions_and_98_in_three(published) -> None:
    assert rows(
        published,
        "select edition, price_usd_per_kg, value_status, is_latest from core.fct_price"
        " where elements = 'Nd' and form = 'oxide' and year = 2021 order by known_from",
    ) == [
        ("MCS 2022", 49, "estimated", False),
        ("MCS 2023", 49, "reported", False),
        ("MCS 2024", 98, "reported", False),
        ("MCS 2025", 98, "reported", False),
        ("MCS 2026", 98, "reported", True),
    ]


@pytest.mark.parametrize(("day", "price"), [("2023-06-30", 49), ("2024-06-30", 98)])
def test_neodymium_oxide_of_2021_as_known_on_a_day(published, day, price) -> None:
    assert rows(
        published,
        "select price_usd_per_kg from core.fct_price where elements = 'Nd' and form = 'oxide' and year = 2021"
        f" and known_from <= date '{day}' and (known_to is null or date '{day}' < known_to)",
    ) == [(price,)]


def test_ndpr_oxide_is_priced_from_2021_on_and_ndfeb_magnets_are_not(published) -> None:
    """MCS 2026: 92, 124, 75, 55 US$ per kg, and 69 in 2025, an estimate. Nobody here prints a price of magnets."""
    held = rows(
        published,
        "select year, price_usd_per_kg, price_status, price_availability from marts.mart_price"
        " where material_name = 'NdPr oxide' order by year",
    )
    assert held == [
        *((year, None, None, "not_held") for year in range(2017, 2021)),
        *((2021, 92, "reported", "held"), (2022, 124, "reported", "held"), (2023, 75, "reported", "held")),
        *((2024, 55, "reported", "held"), (2025, 69, "estimated", "held")),
    ]
    magnets = rows(
        published,
        "select year, price_availability, price_usd_per_kg, china_export_availability from marts.mart_price"
        " where material_name = 'NdFeB magnet' order by year",
    )
    assert [row[:3] for row in magnets] == [(year, "not_held", None) for year in range(2017, 2026)]
    assert {row[0] for row in magnets if row[3] == "held"} == {2017, 2018, 2019, 2020, 2021, 2023, 2024}


def test_a_unit_value_is_value_over_weight_of_the_reports_with_a_weight(published) -> None:
    (shown,) = rows(
        published,
        "select china_export_usd_per_kg, n_china_export_flows from marts.mart_price"
        " where material_name = 'NdFeB magnet' and year = 2024",
    )
    (counted,) = rows(
        published,
        "select sum(value_usd) / sum(net_weight_kg), count(*) from core.fct_trade_flow as facts where is_preferred"
        " and fact_id not in (select fact_id from marts.mart_unit_value where unit_value_flag = 'outlier')"
        " and reporter_code = 'CHN' and partner_code <> 'CHN' and flow = 'export' and product_key = 'HS:850511'"
        " and period_start = date '2024-01-01' and period_type = 'calendar_year' and weight_status = 'reported'"
        " and value_usd > 0 and net_weight_kg > 0",
    )
    assert shown == (pytest.approx(counted[0]), counted[1])


def test_chinas_metals_of_2022_are_mostly_what_most_of_the_trade_is_worth(published) -> None:
    """Japan's 360 of 386 million US$ at 63 US$/kg was an outlier among small parcels that each counted once."""
    (japan,) = rows(
        published,
        "select unit_value_flag from marts.mart_unit_value where reporter_code = 'CHN' and partner_code = 'JPN'"
        " and flow = 'export' and product_key = 'HS:280530' and period_start = date '2022-01-01'"
        " and period_type = 'calendar_year'",
    )
    ((kept,),) = rows(
        published,
        "select sum(value_usd) filter (where unit_value_flag = 'normal') / sum(value_usd) from marts.mart_unit_value"
        " where reporter_code = 'CHN' and flow = 'export' and product_key = 'HS:280530'"
        " and period_start = date '2022-01-01' and period_type = 'calendar_year'",
    )
    assert japan == ("normal",)
    assert 0.95 < kept < 1


def test_indias_magnets_of_2024_from_china_are_an_outlier_and_not_shown_beside_prices(published) -> None:
    # UN Comtrade, India's imports of 850511 from China, 2024: 164,562,345 US$ and 51,356,371 kg
    (flow,) = rows(
        published,
        "select round(unit_value_usd_per_kg, 2), unit_value_flag from marts.mart_unit_value"
        " where reporter_code = 'IND' and partner_code = 'CHN' and flow = 'import' and product_key = 'HS:850511'"
        " and period_start = date '2024-01-01' and period_type = 'calendar_year'",
    )
    assert flow == (3.20, "outlier")
    (shown,) = rows(
        published,
        "select india_import_availability, india_import_usd_per_kg, china_export_availability,"
        " india_import_outlier_share > 0.8 from marts.mart_price where material_name = 'NdFeB magnet' and year = 2024",
    )
    assert shown == ("outlier", None, "held", True)


def test_no_unit_value_beside_a_price_is_within_the_reach_of_an_outlier(published) -> None:
    """Where outliers have more than a tenth of the value, none is shown; else they are left out."""
    wrong = rows(
        published,
        "select material_name, year from marts.mart_price"
        " where (india_import_outlier_share > 0.1) <> (india_import_availability = 'outlier')"
        " or (china_export_outlier_share > 0.1) <> (china_export_availability = 'outlier')"
        " or (india_import_availability = 'held') <> (india_import_usd_per_kg is not null)"
        " or (china_export_availability = 'held') <> (china_export_usd_per_kg is not null)",
    )
    assert wrong == []


def test_every_price_held_is_in_the_mart(published) -> None:
    latest = rows(published, "select count(*) from core.fct_price where is_latest")
    assert rows(published, "select count(price_fact_id) from marts.mart_price") == latest


def test_import_reliance_on_compounds_and_metals_of_2023_fell_from_95_to_90_at_least(published) -> None:
    assert rows(
        published,
        "select edition, salient_value, salient_value_low, value_status, value_raw from core.fct_salient"
        " where salient_measure = 'net_import_reliance' and commodity = 'rare_earths'"
        " and salient_material = 'compounds_and_metals' and year(period_start) = 2023 order by known_from",
    ) == [
        ("MCS 2024", None, 95, "at_least", ">95"),
        ("MCS 2025", None, 95, "at_least", ">95"),
        ("MCS 2026", None, 90, "at_least", ">90"),
    ]


def test_the_united_states_are_net_exporters_of_concentrates(published) -> None:
    statuses = rows(
        published,
        "select distinct value_status, salient_value from core.fct_salient where salient_material = 'concentrates'"
        " and salient_measure = 'net_import_reliance' and year(period_start) >= 2018",
    )
    assert statuses == [("net_exporter", None)]


def test_seventy_one_of_a_hundred_imports_of_2021_to_2024_come_from_china(published) -> None:
    assert rows(
        published,
        "select partner_name, salient_value, period_label from core.fct_salient as facts"
        " inner join core.dim_period as periods using (period_type, period_start, period_end)"
        " where salient_measure = 'import_source_share' and commodity = 'rare_earths' and edition = 'MCS 2026'"
        " and partner_code = 'CHN'",
    ) == [("China", 71, "2021-24")]
