"""Figures of India's and China's imports in the published file against what their publishers printed.

MEIDB: DGCI&S, Government of India, TradeStat, imports of the six lines of 2846 in quantity, monthly reports of 2019 to
2026 and December reports of calendar years, dated 15 September 2026. PIB: Press Information Bureau, Government of
India, answers of 2 April 2025 (PRID 2117701) and 1 August 2025 (PRID 2151394). Comtrade: United Nations, UN Comtrade
Database, China's imports by partner and by tariff line, India's imports of 2846 by month.
"""

from __future__ import annotations

import pytest

INDIAS_MONTHS = (
    "is_latest and reporter_code = 'IND' and flow = 'import' and period_type = 'month'"
    " and source_code = 'india_tradestat'"
)


def one(con, query: str) -> tuple:
    rows = con.execute(query).fetchall()
    assert len(rows) == 1, rows
    return rows[0]


@pytest.mark.parametrize(("month", "china_kg"), [("2020-01", 118_358), ("2024-07", 50_802), ("2026-06", 40_705)])
def test_india_imported_compounds_from_china_in_a_month(published, month, china_kg) -> None:
    """MEIDB, CHINA P RP: six lines added up, and in the corridor."""
    rolled = one(
        published,
        f"select net_weight_kg, completeness from core.fct_trade_rollup where {INDIAS_MONTHS}"
        f" and product_key = 'HS:2846' and partner_code = 'CHN' and period_start = date '{month}-01'",
    )
    assert rolled == (china_kg, "printed_total")
    corridor = one(
        published,
        "select importer_kg, importer_weight_status, importer_weight_period_basis from marts.mart_corridor"
        " where exporter_code = 'CHN' and importer_code = 'IND' and product_key = 'HS:2846' and period_type = 'month'"
        f" and period_label = '{month}'",
    )
    assert corridor == (china_kg, "reported", "rolled_up")


def test_every_line_of_every_month_has_its_printed_total(published) -> None:
    """MEIDB: six lines, 102 months; partners of twelve months are in quarantine."""
    totals = (
        f"select product_key, period_start, coalesce(net_weight_kg, 0) as printed from core.fct_trade_total"
        f" where {INDIAS_MONTHS} and product_key like 'IN:2846%'"
    )
    assert one(published, f"select count(*), count(distinct period_start) from ({totals})") == (612, 102)
    added = (
        "select product_key, period_start, sum(net_weight_kg) as added from core.fct_trade_flow"
        f" where {INDIAS_MONTHS} and product_key like 'IN:2846%' group by all"
    )
    differing = (
        f"select * from ({totals}) left join ({added}) using (product_key, period_start)"
        " where printed <> coalesce(added, 0)"
        " and period_start not between date '2023-04-01' and date '2024-03-01'"
    )
    assert published.execute(differing).fetchall() == []


def test_months_add_up_to_the_calendar_year_in_every_cell(published) -> None:
    """MEIDB, December reports: 2018 to 2022, 2024 (its first quarter as one derived sum) and 2025."""
    cells = (
        "select product_key, partner_code, year(period_start) as year, period_type = 'calendar_year' as is_year,"
        " sum(net_weight_kg) as kg from core.fct_trade_flow where reporter_code = 'IND' and flow = 'import'"
        " and source_code = 'india_tradestat' and is_latest and product_key like 'IN:2846%'"
        " and year(period_start) not in (2023, 2026) group by all having kg > 0"
    )
    compared = published.execute(
        f"select count(*), count(*) filter (where months.kg = years.kg) from (select * from ({cells}) where is_year)"
        f" as years full join (select * from ({cells}) where not is_year) as months"
        " using (product_key, partner_code, year)"
    ).fetchone()
    assert compared == (319, 319)


@pytest.mark.parametrize(
    ("first_year", "china_t", "world_t"), [(2019, 434, 1375), (2020, 695, 1250), (2021, 745, 1183), (2022, 796, 1153)]
)
def test_twelve_months_weigh_what_parliament_was_told(published, first_year, china_t, world_t) -> None:
    """PIB PRID 2117701, 2846, tonnes by fiscal year, against MEIDB's months from April to March."""

    def tonnes(table: str, condition: str) -> float:
        return one(
            published,
            f"select sum(net_weight_kg) / 1000 from core.{table} where {INDIAS_MONTHS} and {condition}"
            f" and period_start between date '{first_year}-04-01' and date '{first_year + 1}-03-01'",
        )[0]

    china = tonnes("fct_trade_rollup", "product_key = 'HS:2846' and partner_code = 'CHN'")
    assert china == pytest.approx(china_t, abs=1)
    assert tonnes("fct_trade_total", "product_key like 'IN:2846%'") == pytest.approx(world_t, abs=1)


def test_no_month_of_the_wrong_labels_has_a_partner_and_the_derived_quarter_has_them(published) -> None:
    spoilt = f"{INDIAS_MONTHS} and period_start between date '2023-04-01' and date '2024-03-01'"
    assert one(published, f"select count(*) from core.fct_trade_flow where {spoilt}") == (0,)
    assert one(published, f"select count(*) from core.fct_trade_total where {spoilt} and hs_code <> '2846'") == (72,)
    set_aside = (
        "select count(*) from meta.quarantine where reason_code = 'suspect_partner_labels'"
        " and json_extract_string(row_json, '$.unit') = 'KGS'"
    )
    assert one(published, set_aside) == (51,)
    quarter = (
        "select net_weight_kg, weight_status, basis_code from core.fct_trade_rollup where reporter_code = 'IND'"
        " and product_key = 'HS:2846' and period_type = 'month_range' and partner_code = 'CHN'"
        " and flow = '{flow}'"
    )
    assert one(published, quarter.format(flow="import")) == (119_534, "reported", "derived_by_difference")
    # exports to China, 28461090 46,000 and 28469090 111,400 kg
    assert one(published, quarter.format(flow="export")) == (157_400, "reported", "derived_by_difference")


def test_a_partner_that_was_not_transcribed_is_never_a_zero_of_india_s_exports_in_kg(published) -> None:
    """Of the heading's partners with a value, those without kilograms have no weight, and no year is built of them."""
    invented = one(
        published,
        "select count(*) from core.fct_trade_mirror where exporter_code = 'IND' and product_key like 'HS:2846%'"
        " and exporter_source_code = 'india_tradestat' and x_weight_kg = 0",
    )
    assert invented == (0,)
    # Viet Nam bought in every month of 2023-01 to 2023-03 and its kilograms are held from July 2024 only
    years = one(
        published,
        "select count(*) from core.fct_trade_mirror where exporter_code = 'IND' and importer_code = 'VNM'"
        " and product_key in ('HS:2846', 'HS:284690', 'HS:284610') and period_type = 'calendar_year'"
        " and year(period_start) in (2022, 2023, 2024) and x_weight_kg is not null",
    )
    assert years == (0,)


def test_comtrade_and_tradestat_agree_on_the_total_in_16_months_and_on_china_in_4(published) -> None:
    """Comtrade, India's imports of 2846, 2024-12 to 2026-03, against MEIDB's months in US$ million."""
    kinds = dict(
        published.execute(
            "select difference_kind, count(*) from marts.mart_source_agreement where reporter_code = 'IND'"
            " and product_key = 'HS:2846' and period_type = 'month' and partner_code = 'CHN' group by all"
        ).fetchall()
    )
    assert kinds == {"none": 4, "partner_attribution": 12}
    december = one(
        published,
        "select source_code, value_usd, other_source_code, other_value_usd, total_usd, other_total_usd"
        " from marts.mart_source_agreement where partner_code = 'CHN' and period_start = date '2025-12-01'",
    )
    assert december == ("india_tradestat", 250_000, "un_comtrade", 1_290_000, 1_600_000, 1_600_000)
    preferred = one(
        published,
        "select count(*), count(*) filter (where source_code = 'india_tradestat') from core.fct_trade_flow"
        " where is_preferred and reporter_code = 'IND' and product_key = 'HS:2846' and partner_code = 'CHN'"
        " and flow = 'import' and period_type = 'month' and period_start >= date '2024-12-01'",
    )
    assert preferred == (19, 19)


def test_china_sold_india_111_of_136_million_dollars_of_metal_magnets_in_2024_25(published) -> None:
    """PIB PRID 2151394, annex: 85051190, 2024-25, and the printed share."""
    where = "product_key = 'IN:85051190' and period_type = 'fiscal_year' and period_start = date '2024-04-01'"
    flow = one(published, f"select value_usd, net_weight_kg from core.fct_trade_flow where {where} and flow = 'import'")
    assert flow == (110_680_000, 17_685_000)
    total = one(published, f"select value_usd from core.fct_trade_total where {where} and flow = 'import'")
    assert total == (136_140_000,)
    assert one(published, f"select share from core.fct_published_share where {where}") == (0.813,)
    assert flow[0] / total[0] == pytest.approx(0.813, abs=0.0005)


def test_chinas_cerium_and_other_compounds_are_its_heading_in_228_partner_years(published) -> None:
    """Comtrade, China's imports 2017 to 2024: 284610 + 284690 = 2846."""
    sums = (
        "select partner_code, period_start, sum(value_usd) filter (where hs_code = '2846') as heading,"
        " sum(value_usd) filter (where hs_code <> '2846') as parts from core.fct_trade_flow where is_latest"
        " and reporter_code = 'CHN' and flow = 'import' and period_type = 'calendar_year'"
        " and product_key in ('HS:2846', 'HS:284610', 'HS:284690') and year(period_start) between 2017 and 2024"
        " group by all"
    )
    assert one(published, f"select count(*), count(*) filter (where heading = parts) from ({sums})") == (228, 228)


def test_a_reported_weight_of_lines_comes_before_an_estimated_one(published) -> None:
    """Comtrade, 284610 from the United Kingdom, 2023: 19,007.904 kg estimated, 50 kg in the tariff lines."""
    flow = "reporter_code = 'CHN' and partner_code = 'GBR' and flow = 'import' and product_key = 'HS:284610'"
    year = "period_start = date '2023-01-01'"
    reported = one(published, f"select net_weight_kg, weight_status from core.fct_trade_flow where {flow} and {year}")
    assert reported == (19_007.904, "estimated")
    mirror = one(
        published,
        "select m_weight_kg, m_weight_status, importer_weight_period_basis, m_cif_usd from core.fct_trade_mirror"
        f" where exporter_code = 'GBR' and importer_code = 'CHN' and product_key = 'HS:284610' and {year}",
    )
    assert mirror == (50, "reported", "rolled_up", 53_724)


def test_records_of_one_line_add_up_and_lines_to_the_six_digit_code(published) -> None:
    """Comtrade, tariff lines 2023 and 2024 against six digits: Switzerland's 284690 of 2024 holds Liechtenstein's."""
    compared = published.execute(
        "select flows.partner_code, flows.product_key, year(flows.period_start), flows.value_usd - added.value_usd"
        " from core.fct_trade_flow as flows inner join core.fct_trade_rollup as added"
        " using (reporter_code, partner_code, flow, product_key, period_type, period_start)"
        " where reporter_code = 'CHN' and flow = 'import' and flows.is_latest and added.is_latest"
        " and flows.value_usd <> added.value_usd"
    ).fetchall()
    assert compared == [("CHE", "HS:284690", 2024, 6253.0)]
    line = one(
        published,
        "select value_usd, net_weight_kg from core.fct_trade_flow where product_key = 'CN:28469019' and flow = 'import'"
        " and partner_code = 'MMR' and period_start = date '2023-01-01'",
    )
    assert line == (1_200_529_036, 41_678_230)
