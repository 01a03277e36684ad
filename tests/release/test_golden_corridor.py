"""Figures of the corridor's trade in the published file against what their publishers printed.

GACC: General Administration of Customs of China, online query, exports of the lines of 284690 to India by month, read
2026-07-28. MEIDB: DGCI&S, Government of India, imports of the lines of 2846 by calendar year. WITS: World Bank, World
Integrated Trade Solution, China's exports by HS6. PIB: Press Information Bureau, Government of India, answers of
2 April 2025 (PRID 2117701) and 1 August 2025 (PRID 2151394). BACI: CEPII, BACI V202601 (Gaulier and Zignago 2010).
"""

from __future__ import annotations

import pytest

from warehouse.figures import differs

CHINA_TO_INDIA = "exporter_code = 'CHN' and importer_code = 'IND'"


def one(con, query: str) -> tuple:
    rows = con.execute(query).fetchall()
    assert len(rows) == 1, rows
    return rows[0]


def test_chinas_lines_of_284690_to_india_add_up_to_5451838_dollars_and_158653_kg_in_2025(published) -> None:
    """GACC, January to December 2025: twelve months, each added up from the lines of its query."""
    rolled = one(
        published,
        "select count(*), sum(value_usd), sum(net_weight_kg), min(completeness), count(distinct period_start)"
        " from core.fct_trade_rollup where source_code = 'china_customs' and product_key = 'HS:284690'"
        " and partner_code = 'IND' and year(period_start) = 2025 and is_latest",
    )
    assert rolled == (12, 5_451_838, 158_653, "query_scope", 12)


def test_the_mirrors_year_2025_has_chinas_twelve_months(published) -> None:
    year = one(
        published,
        "select x_fob_usd, x_weight_kg, exporter_source_code, exporter_period_basis, exporter_weight_period_basis"
        f" from core.fct_trade_mirror where {CHINA_TO_INDIA} and product_key = 'HS:284690'"
        " and period_type = 'calendar_year' and period_start = date '2025-01-01'",
    )
    assert year == (5_451_838, 158_653, "china_customs", "built_from_months", "built_from_months")


def test_indias_and_chinas_weights_of_284690_in_2021_are_in_one_row(published) -> None:
    """MEIDB: 420,110 kg, four lines added up; WITS: 441,765 kg."""
    row = one(
        published,
        "select x_weight_kg, m_weight_kg, exporter_weight_source_code, importer_weight_source_code, weight_basis,"
        " importer_weight_period_basis, weight_kg, w_exporter_weight"
        f" from core.fct_trade_mirror where {CHINA_TO_INDIA} and product_key = 'HS:284690'"
        " and period_type = 'calendar_year' and period_start = date '2021-01-01'",
    )
    assert row[:6] == (441_765, 420_110, "un_comtrade", "india_tradestat", "both_weighted", "rolled_up")
    assert 0.05 < row[7] < 0.5, "China's exports have a worse record than India's imports"
    assert row[6] == pytest.approx(row[7] * 441_765 + (1 - row[7]) * 420_110)


def test_indias_value_of_284690_in_2021_is_not_invented_from_its_weight(published) -> None:
    """MEIDB prints no value by line: the row has only China's value."""
    row = one(
        published,
        f"select m_cif_usd, importer_fact_id, value_basis, not {differs('x_fob_usd', 'value_usd')}"
        f" from core.fct_trade_mirror where {CHINA_TO_INDIA} and product_key = 'HS:284690'"
        " and period_type = 'calendar_year' and period_start = date '2021-01-01'",
    )
    assert row == (None, None, "exporter_only", True)


def test_baci_has_162786289_dollars_and_19259294_kg_of_magnets_from_china_to_india_in_2024(published) -> None:
    """BACI V202601: 162,786.289 thousand US$ and 19,259.294 t."""
    row = one(
        published,
        "select value_usd, net_weight_kg, coverage, release from core.fct_trade_reference"
        f" where {CHINA_TO_INDIA} and product_key = 'HS:850511' and period_start = date '2024-01-01'",
    )
    assert row == (pytest.approx(162_786_289), pytest.approx(19_259_294), "complete", "V202601")


def test_india_reported_to_parliament_699_tonnes_of_rare_earth_metals_from_china_in_2023_24(published) -> None:
    """PIB, PRID 2117701: 28053000, CHINA, 2023-24, 699.0 t; the value is not in the answer."""
    row = one(
        published,
        "select net_weight_kg, weight_raw, value_usd, value_status, period_start::varchar, period_end::varchar"
        " from core.fct_trade_flow where source_code = 'pib_india' and product_key = 'IN:28053000'"
        " and partner_code = 'CHN' and period_type = 'fiscal_year' and period_start >= date '2023-04-01'",
    )
    assert row == (699_000, "699.0", None, "not_available", "2023-04-01", "2024-03-31")


def test_india_reported_to_parliament_81_3_per_cent_of_its_magnets_from_china_by_value_in_2024_25(published) -> None:
    """PIB, PRID 2151394: 850511, 2024-25, 81.3 %."""
    row = one(
        published,
        "select share, value_raw, reporter_code, partner_code, flow, period_start::varchar"
        " from core.fct_published_share where product_key = 'HS:850511' and share_measure = 'value_share'",
    )
    assert row == (0.813, "81.3", "IND", "CHN", "import", "2024-04-01")
