"""Real pages of the portal, of other goods: read as printed, in all four reports."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from sources.model.artifact import SourceError
from tests.helpers.artifacts import reasons
from tests.publishers.india_tradestat.builders import page

TURKEY = (
    "tradestat_2026_html/eidb_commodityx_countries_wise_import_12079100_turkey_rs_crore_excerpt.html",
    ("eidb_commodity_country_html", "EIDB/12079100/import/TUR/2024/inr"),
)
QUANTITY = (
    "tradestat_2026_html/meidb_commoditywise_import_12079100_2022-06_quantity_excerpt.html",
    ("meidb_commodity_html", "MEIDB/12079100/import/WLD/2022-06/quantity"),
)
RUPEES = (
    "tradestat_2026_html/meidb_commoditywise_import_12079100_2022-06_rs_crore_excerpt.html",
    ("meidb_commodity_html", "MEIDB/12079100/import/WLD/2022-06/inr"),
)
COUNTRIES = (
    "old_eidb_html/commodity_wise_all_countries_export_2017-18_2018-19_rs_lacs_quantity.html",
    ("eidb_commodity_all_countries_html", "EIDB/27/export/all/2018/inr"),
)
CHAPTERS = (
    "old_eidb_html/country_wise_all_commodities_import_china_2017-18_2018-19_usd_million.html",
    ("eidb_country_all_commodities_html", "EIDB/all/import/CHN/2018/usd"),
)
ALL = [TURKEY, QUANTITY, RUPEES, COUNTRIES, CHAPTERS]


@pytest.fixture
def read(publisher_files, scratch):
    """Parse one of the pages."""

    def parsed(real):
        file, of = real
        return page(scratch, (publisher_files / "india_tradestat" / file).read_bytes(), of)

    return parsed


def test_poppy_seed_from_turkey_in_rupees(read):
    # EIDB, 12079100 from Turkey, report of 23 August 2026, rupees crore: 4.91, 0.00, 424.66, 0.00, 0.00
    table = read(TURKEY)
    turkey = table.frame.filter(pl.col("partner_code") == "TUR")
    assert turkey["value_raw"].to_list() == ["4.91", "0.00", "424.66", "0.00", "0.00"]
    assert turkey["value_local"].to_list() == [49_100_000.0, None, 4_246_600_000.0, None, None]
    assert turkey["period_start"].to_list() == [date(year, 4, 1) for year in range(2020, 2025)]
    # total import: 13.11, blank, 642.50, 0.00, 0.00
    world = table.frame.filter(pl.col("partner_code") == "WLD")
    assert world.select("value_raw", "value_status").rows() == [
        ("13.11", "reported"), ("642.50", "reported"), ("0.00", "at_most"), ("0.00", "at_most"),
    ]  # fmt: skip
    assert reasons(table) == {"derived_figure": 10, "all_commodities": 5, "blank_cells": 1}


def test_poppy_seed_of_june_2022_in_kilograms(read):
    table = read(QUANTITY)
    assert table.frame.select("period_type", "weight_raw", "net_weight_kg", "is_revised").rows() == [
        ("month", "0", None, True),
        ("month", "6,347,970", 6_347_970.0, True),
        ("month_range", "0", None, True),
        ("month_range", "9,350,970", 9_350_970.0, True),
    ]
    assert table.frame["partner_code"].unique().to_list() == ["WLD"]
    assert reasons(table) == {}


def test_poppy_seed_of_june_2022_in_rupees(read):
    table = read(RUPEES)
    assert table.frame.select("period_end", "value_raw", "value_local", "value_status").rows() == [
        (date(2021, 6, 30), "0.00", None, "at_most"),
        (date(2022, 6, 30), "166.50", 1_665_000_000.0, "reported"),
        (date(2021, 6, 30), "0.00", None, "at_most"),
        (date(2022, 6, 30), "223.90", 2_239_000_000.0, "reported"),
    ]
    assert reasons(table) == {"all_commodities": 4}


def test_exports_of_one_chapter_to_178_countries_add_up_to_the_printed_total(read):
    table = read(COUNTRIES)
    # old EIDB, rupees lacs: China P RP 973,162.24 and 2,003,125.36; total 24,790,423.32 and 33,547,439.75
    china = table.frame.filter(pl.col("partner_code") == "CHN")
    assert china["value_local"].to_list() == [97_316_224_000.0, 200_312_536_000.0]
    assert table.frame["partner_code"].n_unique() == 179
    for start, printed in ((date(2017, 4, 1), 24_790_423.32), (date(2018, 4, 1), 33_547_439.75)):
        rows = table.frame.filter(pl.col("period_start") == start)
        assert rows.filter(pl.col("is_partner_world"))["value_local"].item() == pytest.approx(printed * 1e5)
        added = rows.filter(~pl.col("is_partner_world"))["value_local"].sum()
        assert abs(added - printed * 1e5) <= 500.0 * rows.height
    assert table.frame["quantity"].null_count() == table.frame.height
    assert reasons(table) == {"blank_cells": 23, "derived_figure": 2, "all_commodities": 2}


def test_imports_from_china_by_chapter_add_up_to_the_printed_total(read):
    table = read(CHAPTERS)
    # old EIDB, US$ million: chapter 98 612.70 and 554.93; total 76,380.70 and 70,319.64
    assert table.frame["hs_code"].n_unique() == 97
    assert table.frame["partner_code"].unique().to_list() == ["CHN"]
    for start, chapter, printed in ((date(2017, 4, 1), 612.70, 76_380.70), (date(2018, 4, 1), 554.93, 70_319.64)):
        rows = table.frame.filter(pl.col("period_start") == start)
        assert rows.filter(pl.col("hs_code") == "98")["value_usd"].item() == pytest.approx(chapter * 1e6)
        assert abs(rows["value_usd"].sum() - printed * 1e6) <= 5_000.0 * rows.height
    assert reasons(table) == {"all_commodities": 4, "derived_figure": 2, "blank_cells": 1}


@pytest.mark.parametrize("real", ALL, ids=lambda real: real[1][1])
def test_a_real_page_cut_inside_its_table_is_refused(publisher_files, scratch, real):
    file, of = real
    data = (publisher_files / "india_tradestat" / file).read_bytes()
    start, end = data.index(b"<tr"), data.rindex(b"</table")
    for cut in range(start, end, max(1, (end - start) // 25)):
        with pytest.raises(SourceError):
            page(scratch, data[:cut], of)


@pytest.mark.parametrize("real", ALL, ids=lambda real: real[1][1])
def test_a_real_page_is_refused_as_any_other_report(publisher_files, scratch, real):
    data = (publisher_files / "india_tradestat" / real[0]).read_bytes()
    for layout, partition in {of for _, of in ALL if of[0] != real[1][0]}:
        with pytest.raises(SourceError):
            page(scratch, data, (layout, partition))
