"""Magnets by month, year and line, and sums over them, against the bundled files.

HMRC: UK trade by month, pounds and kg, line 85051110. PIB 2151394: Government of India, imports of magnets by line and
fiscal year. Comtrade: China's own exports of 850511 and their printed totals.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sources.snapshot import BUNDLED
from tests.helpers.violators import assert_none
from warehouse.figures import RELATIVE_TOLERANCE

HMRC_2025 = Path(BUNDLED) / "uk_hmrc" / "ots_85051110_2025.csv"
PIB = Path(BUNDLED) / "pib_india" / "pib_2151394_magnet_imports.csv"


def rows(con, query: str) -> list[tuple]:
    return con.execute(query).fetchall()


def records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_a_year_of_british_rare_earth_magnets_is_the_sum_of_hmrcs_months_in_a_row_of_their_own_line(published) -> None:
    pounds: dict[str, float] = {}
    kilograms: dict[str, float] = {}
    for row in records(HMRC_2025):
        if (row["flow"], row["country"]) == ("import", "CN"):
            pounds[row["MonthId"]] = pounds.get(row["MonthId"], 0) + float(row["Value"])
            kilograms[row["MonthId"]] = kilograms.get(row["MonthId"], 0) + float(row["NetMass"])
    assert len(pounds) == 12
    britain = (
        "select {columns} from marts.mart_magnet_trade where exporter_code = 'CHN' and importer_code = 'GBR'"
        " and product_key = '{product}' and period_type = '{period}' and year = 2025 order by period_start"
    )
    columns = "importer_value_local, importer_kg"
    months = rows(published, britain.format(columns=columns, product="GB:85051110", period="month"))
    assert months == [(pounds[month], kilograms[month]) for month in sorted(pounds)]
    columns = f"{columns}, importer_currency_code, product_scope, holding_status"
    year = rows(published, britain.format(columns=columns, product="GB:85051110", period="calendar_year"))
    assert year == [(sum(pounds.values()), sum(kilograms.values()), "GBP", "part_of_code", "held")]
    columns = "holding_status, held_lines, n_figures"
    code = rows(published, britain.format(columns=columns, product="HS:850511", period="calendar_year"))
    assert code == [("not_held", "GB:85051110", 0)]


def test_indias_months_of_magnets_are_rows_that_say_why_they_are_not_there(published) -> None:
    found = rows(
        published,
        "select period_label, holding_status, importer_kg, importer_cif_usd from marts.mart_magnet_trade"
        " where exporter_code = 'CHN' and importer_code = 'IND' and product_key = 'HS:850511' and period_type = 'month'"
        " and period_start between date '2025-01-01' and date '2025-12-31' order by period_start",
    )
    assert found == [(f"2025-{month:02}", "not_held", None, None) for month in range(1, 13)]


def test_the_ministrys_magnet_lines_are_there_with_chinas_share_of_the_printed_total(published) -> None:
    printed: dict[tuple[str, int], dict[str, float]] = {}
    for row in records(PIB):
        key = f"IN:{row['hs_code']}", int(row["financial_year"][:4])
        printed.setdefault(key, {})[row["country"]] = float(row["value_usd_million"]) * 1e6
    assert len(printed) == 9
    shares = rows(
        published,
        "select product_key, year(period_start), china_usd, printed_total_usd, china_value_share, share_basis,"
        " value_hhi from marts.mart_import_dependence where source_code = 'pib_india' and product_key like 'IN:8505%'"
        " and period_type = 'fiscal_year'",
    )
    assert {row[:2] for row in shares} == set(printed)
    for product, year, china, total, share, *rest in shares:
        expected = printed[product, year]
        assert (china, total) == pytest.approx((expected["CHINA"], expected["TOTAL"]))
        assert share == pytest.approx(expected["CHINA"] / expected["TOTAL"], rel=RELATIVE_TOLERANCE)
        assert rest == ["printed_total", None]
    flows = rows(
        published,
        "select product_key, year, importer_cif_usd from marts.mart_magnet_trade where exporter_code = 'CHN'"
        " and importer_code = 'IND' and product_key like 'IN:%' and period_type = 'fiscal_year'"
        " and holding_status = 'held'",
    )
    assert {(product, year): value for product, year, value in flows} == {
        key: pytest.approx(values["CHINA"]) for key, values in printed.items()
    }


def test_a_sum_over_the_whole_table_by_year_is_chinas_printed_total_or_nothing(published) -> None:
    sums = rows(
        published,
        "select year, sum(china_exports_fob_usd), sum(china_exports_kg) from marts.mart_magnet_trade"
        " group by year order by year",
    )
    printed = dict(
        rows(
            published,
            "select year(period_start), value_usd from core.fct_trade_total where is_preferred"
            " and reporter_code = 'CHN' and partner_code = 'WLD' and flow = 'export' and product_key = 'HS:850511'"
            " and period_type = 'calendar_year'",
        )
    )
    summed = {year: value for year, value, _ in sums if value is not None}
    assert summed == {year: pytest.approx(value, rel=0.001) for year, value in printed.items()}
    assert 2022 not in summed
    weighed = {year for year, _, weight in sums if weight is not None}
    assert weighed == set(summed) - {2016}


def test_within_one_direction_and_kind_of_reporters_a_year_rests_on_the_same_reporters(published) -> None:
    changing = rows(
        published,
        "select year from marts.mart_magnet_trade where reporters_held = 'china_alone'"
        " and coalesce(importer_cif_usd, importer_fob_usd, importer_value_local, importer_kg) is not null"
        " or reporters_held = 'china_alone' and exporter_code <> 'CHN' and exporter_fob_usd is not null",
    )
    assert_none(f"{year}: not of China alone" for (year,) in changing)
    kinds = dict(
        rows(
            published,
            "select distinct year, reporters_held from marts.mart_magnet_trade"
            " where product_key = 'HS:850511' and period_type = 'calendar_year' and year between 2021 and 2025",
        )
    )
    assert kinds == {2021: "china_alone", 2022: "none", 2023: "china_alone", 2024: "many", 2025: "few"}
