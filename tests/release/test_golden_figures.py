"""Figures of the published file against what their publishers printed.

MCS: U.S. Geological Survey, Mineral Commodity Summaries, chapter and data release "Rare Earths" of the edition named.
Comtrade: UN Comtrade, HS 850511 (2024, all reporters) and China's imports of HS 2846; WITS: World Bank, World
Integrated Trade Solution, China's exports by HS6; MEIDB: DGCI&S, Government of India, monthly trade by commodity.
"""

from __future__ import annotations

import pytest

CHINA_2023 = "from core.fct_production where source_code = 'usgs_mcs' and country_code = 'CHN' and year = 2023"


def one(con, query: str) -> tuple:
    rows = con.execute(query).fetchall()
    assert len(rows) == 1, rows
    return rows[0]


@pytest.mark.parametrize(
    ("edition", "tonnes", "status", "is_latest"),
    [("MCS 2024", 240_000, "estimated", False), ("MCS 2025", 255_000, "reported", True)],
)
def test_chinas_production_of_2023_as_two_editions_have_it(published, edition, tonnes, status, is_latest) -> None:
    """MCS 2024: 240,000 t; MCS 2025: 255,000 t; both "production quota"."""
    row = one(
        published,
        f"select production_t_reo, value_status, basis_code, is_latest {CHINA_2023} and edition = '{edition}'",
    )
    assert row == (tonnes, status, "quota", is_latest)


@pytest.mark.parametrize(("day", "tonnes"), [("2024-12-31", 240_000), ("2025-12-31", 255_000), ("2024-01-30", None)])
def test_chinas_production_of_2023_as_known_on_a_day(published, day, tonnes) -> None:
    rows = published.execute(
        f"select production_t_reo {CHINA_2023}"
        f" and known_from <= date '{day}' and (known_to is null or date '{day}' < known_to)"
    ).fetchall()
    assert rows == ([] if tonnes is None else [(tonnes,)])


def test_indias_production_is_2900_t_in_every_year_and_edition(published) -> None:
    """MCS 2022 to MCS 2026: 2,900 t."""
    row = one(
        published,
        "select min(production_t_reo), max(production_t_reo), count(distinct edition)"
        " from core.fct_production where country_code = 'IND' and source_code = 'usgs_mcs'",
    )
    assert row == (2_900, 2_900, 5)


def test_indias_reserves_are_6900000_t_in_mcs_2025_and_not_available_in_mcs_2026(published) -> None:
    rows = published.execute(
        "select edition, reserves_t_reo, value_status, value_raw, is_current, reason_code from core.fct_reserves"
        " where country_code = 'IND' and edition >= 'MCS 2025' order by known_from"
    ).fetchall()
    assert rows == [
        ("MCS 2025", 6_900_000, "reported", "6900000", False, None),
        ("MCS 2026", None, "not_available", "NA", False, None),
        ("MCS 2026", None, "not_available", "NA", True, "rare_earths_not_reported"),
    ]


def test_the_reason_for_indias_reserves_is_shown_where_they_are_not_available(published) -> None:
    """MCS 2026, version 1.3, p. 153, footnote 14: OSCOM in 2015 had monazite reserves of 256,000 t, no rare earths."""
    (note,) = one(published, "select note from core.fct_reserves where reason_code = 'rare_earths_not_reported'")
    assert "OSCOM, 2015: monazite reserves 256,000 tons" in note
    for mart in ("mart_reserve_life", "mart_india_reserves_and_output"):
        where = "" if mart == "mart_india_reserves_and_output" else " and country_code = 'IND'"
        rows = published.execute(
            f"select release, reserves_status, reserves_reason_code from marts.{mart}"
            f" where edition = 'MCS 2026'{where} order by known_from"
        ).fetchall()
        assert rows == [("1.0", "not_available", None), ("1.3", "not_available", "rare_earths_not_reported")]


def test_brazils_reserves_are_11000000_t_since_version_1_3_and_21000000_t_before(published) -> None:
    """MCS 2026: 21,000,000 t as first posted on 6 February 2026; 11,000,000 t in version 1.3 of 27 May 2026."""
    rows = published.execute(
        "select release, known_from::varchar, known_to::varchar, reserves_t_reo, is_latest, is_current"
        " from core.fct_reserves where country_code = 'BRA' and edition = 'MCS 2026' order by known_from"
    ).fetchall()
    assert rows == [
        ("1.0", "2026-02-06", "2026-05-27", 21_000_000, False, False),
        ("1.3", "2026-05-27", None, 11_000_000, True, True),
    ]


@pytest.mark.parametrize(("day", "tonnes"), [("2026-03-01", 21_000_000), ("2026-05-27", 11_000_000)])
def test_brazils_reserves_of_2025_as_known_on_a_day(published, day, tonnes) -> None:
    query = (
        "select reserves_t_reo from core.fct_reserves where country_code = 'BRA' and as_of_year = 2025"
        f" and known_from <= date '{day}' and (known_to is null or date '{day}' < known_to)"
    )
    assert one(published, query) == (tonnes,)


def test_chinas_production_of_2024_is_called_a_quota_as_first_posted_and_not_in_version_1_3(published) -> None:
    """MCS 2026: 270,000 t in both; version 1.1 of 5 March 2026 took the footnote "production quota" off it."""
    rows = published.execute(
        "select release, production_t_reo, basis_code, is_latest from core.fct_production"
        " where country_code = 'CHN' and year = 2024 and edition = 'MCS 2026' order by known_from"
    ).fetchall()
    assert rows == [("1.0", 270_000, "quota", False), ("1.3", 270_000, None, True)]


def test_chinas_share_of_the_countries_reserves_is_44_of_75_29_million_t(published) -> None:
    """MCS 2026, version 1.3."""
    share = one(
        published,
        "select share_of_countries from marts.mart_share_by_edition"
        " where measure = 'reserves' and country_code = 'CHN' and is_latest and edition = 'MCS 2026'",
    )
    assert share == (pytest.approx(44 / 75.29),)


def test_a_year_that_the_yearbook_has_is_preferred_from_it_and_later_years_from_the_summaries(published) -> None:
    """Minerals Yearbook 2022: Burma 35,500 t and Madagascar 5,000 t in 2020; MCS 2022 has 31,000 and 2,800 t."""
    rows = published.execute(
        "select country_code, production_t_reo from core.fct_production"
        " where is_preferred and year = 2020 and country_code in ('MDG', 'MMR') order by 1"
    ).fetchall()
    assert rows == [("MDG", 5_000), ("MMR", 35_500)]
    sources = (
        "select distinct year, source_code from core.fct_production where is_preferred and year >= 2018 order by 1"
    )
    assert published.execute(sources).fetchall() == [
        *((year, "usgs_myb") for year in range(2018, 2023)),
        *((year, "usgs_mcs") for year in range(2023, 2026)),
    ]


def test_a_preferred_world_total_and_its_other_countries_are_of_one_source(published) -> None:
    query = (
        "select year from core.fct_world_total where is_preferred and measure = 'production'"
        " group by year having count(distinct source_code) > 1"
    )
    assert published.execute(query).fetchall() == []


def test_the_worlds_reserves_of_mcs_2025_are_a_bound_and_not_a_number(published) -> None:
    """MCS 2025: ">90,000,000"."""
    row = one(
        published,
        "select value_status, total_t_reo, total_t_reo_low, value_raw from core.fct_world_total"
        " where edition = 'MCS 2025' and measure = 'reserves'",
    )
    assert row == ("at_least", None, 90_000_000, ">90000000")


def test_the_countries_of_mcs_2024_add_up_to_353320_t_where_350000_t_are_printed(published) -> None:
    """MCS 2024, production of 2023: the printed total is rounded."""
    where = "edition = 'MCS 2024' and year = 2023"
    assert one(published, f"select sum(production_t_reo) from core.fct_production where {where}") == (353_320,)
    printed = f"select total_t_reo from core.fct_world_total where {where} and measure = 'production'"
    assert one(published, printed) == (350_000,)


@pytest.mark.parametrize(
    ("flow_of", "year", "usd", "kg"),
    [
        (("IND", "CHN", "import", "HS:850511"), 2024, 164_562_345, 51_356_371),
        (("CHN", "IND", "export", "HS:850511"), 2024, 150_243_096, 19_259_294),
        (("CHN", "IND", "import", "HS:2846"), 2024, 3_033_521, None),
        (("CHN", "IND", "export", "HS:284690"), 2021, None, 441_765),
    ],
)
def test_a_flow_of_the_corridor_is_as_its_reporter_states(published, flow_of, year, usd, kg) -> None:
    """Comtrade (magnets, and China's imports of 2846) and WITS (China's exports of 284690 in 2021)."""
    value, weight = one(
        published,
        "select value_usd, net_weight_kg from core.trade_preferred_all_levels"
        f" where (reporter_code, partner_code, flow, product_key) = {flow_of}"
        f" and period_type = 'calendar_year' and period_start = date '{year}-01-01'",
    )
    if usd is not None:
        assert value == pytest.approx(usd, abs=0.5)
    if kg is not None:
        assert weight == pytest.approx(kg, abs=0.5)


MISLABELLED = (
    "reporter_code = 'IND' and product_key = 'HS:2846' and source_code = 'india_tradestat'"
    " and period_type = 'month' and period_start between date '2023-04-01' and date '2024-03-01'"
)


def test_no_partner_of_indias_mislabelled_months_is_published(published) -> None:
    """MEIDB: the portal's partner labels of 2023-04 to 2024-03 are wrong."""
    assert one(published, f"select count(*) from core.fct_trade_flow where {MISLABELLED}") == (0,)


def test_the_totals_of_indias_mislabelled_months_are_published(published) -> None:
    rows = published.execute(
        f"select flow, count(*), count(value_usd) from core.fct_trade_total where {MISLABELLED} group by 1 order by 1"
    ).fetchall()
    assert rows == [("export", 12, 12), ("import", 12, 12)]


def test_what_was_set_aside_of_the_mislabelled_months_is_on_record(published) -> None:
    query = "select count(*) from meta.quarantine where reason_code = 'suspect_partner_labels' and is_expected"
    assert one(published, query)[0] > 0
