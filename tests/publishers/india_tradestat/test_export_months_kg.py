"""India's monthly exports of the lines of 2846 in kilograms: printed totals, and the partners that were transcribed."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.helpers.artifacts import all_rows, parse, parsed, reasons, table
from tests.helpers.violators import assert_none
from tests.publishers.india_tradestat.builders import tradestat
from tests.publishers.india_tradestat.test_months_kg import COLUMNS, WORLD, kilograms

FIVE_LINES = "extract_meidb_export_five_lines_month_kg"
SIX_LINES = "extract_meidb_export_lines_month_kg"
FISCAL_YEARS = "extract_eidb_exports"
YEARS = range(2018, 2027)
IS_MISLABELLED = pl.col("period_start").is_between(date(2023, 4, 1), date(2024, 3, 1))


def months() -> pl.DataFrame:
    """Every bundled month of exports in kg."""
    return pl.concat([all_rows(FIVE_LINES), all_rows(SIX_LINES)])


def in_fiscal_years(rows: pl.DataFrame) -> pl.DataFrame:
    """Months with the first day of the fiscal year they lie in."""
    return rows.with_columns(pl.col("period_start").dt.offset_by("-3mo").dt.truncate("1y").dt.offset_by("3mo"))


@pytest.mark.parametrize(
    ("month", "partner", "kg"),
    [
        # TradeStat MEIDB, exports in quantity, report of January 2023: 28461090 112,000 and 28469090 18,066 kg
        (date(2022, 1, 1), "JPN", 130_066),
        # report of June 2026: 28461090 469,808 and 28469090 72,002 kg; 28469090 17,353 kg
        (date(2025, 6, 1), "JPN", 541_810),
        (date(2026, 6, 1), "CHN", 17_353),
    ],
)
def test_india_exported_to_a_partner_in_a_month(month, partner, kg):
    rows = months().filter(pl.col("partner_code") == partner, pl.col("period_start") == month)
    assert rows["net_weight_kg"].sum() == kg


def test_376_partners_and_536_totals_are_held_and_one_partner_of_the_mislabelled_months_is_set_aside():
    rows = months()
    assert (rows.filter(~WORLD).height, rows.filter(WORLD).height) == (375, 536)
    set_aside = [reasons(parsed(f"meidb_2846_export_lines_month_kg_{year}.csv")) for year in YEARS]
    assert set_aside == [{"suspect_partner_labels": 1} if year == 2023 else {} for year in YEARS]
    assert rows.filter(IS_MISLABELLED & ~WORLD).height == 0
    assert rows.filter(IS_MISLABELLED, WORLD)["period_start"].n_unique() == 12


def test_months_add_up_to_the_fiscal_years_of_another_report_for_japan_china_and_the_printed_totals():
    # TradeStat EIDB, exports by line and country, as others scraped it: whole fiscal years, 28469090 from 2022-23
    cell = ["hs_code", "period_start"]
    yearly = all_rows(FISCAL_YEARS).filter(pl.col("hs_code").str.starts_with("2846"), ~WORLD)
    first_of_line = pl.when(pl.col("hs_code") == "28469090").then(date(2022, 4, 1)).otherwise(date(2018, 4, 1))
    is_whole = pl.col("period_start").is_between(first_of_line, date(2024, 4, 1))
    monthly = in_fiscal_years(months()).filter(is_whole)
    assert kilograms(monthly.filter(WORLD), cell).equals(kilograms(yearly.filter(is_whole), cell))
    for partner in ("JPN", "CHN"):
        of_partner = pl.col("partner_code") == partner
        is_labelled = pl.col("period_start") != date(2023, 4, 1)
        added = kilograms(monthly.filter(of_partner, is_labelled), cell)
        assert added.equals(kilograms(yearly.filter(of_partner, is_whole, is_labelled), cell))
        assert added.height > 7


def test_partners_never_exceed_their_total_and_all_but_a_tonne_are_held_from_july_2024():
    line = ["hs_code", "period_start"]
    totals = months().filter(WORLD).group_by(line).agg(pl.col("net_weight_kg").sum().alias("total"))
    partners = months().filter(~WORLD).group_by(line).agg(pl.col("net_weight_kg").sum().alias("added"))
    beside = totals.join(partners, on=line, how="left").with_columns(
        (pl.col("total") - pl.col("added").fill_null(0)).alias("missing")
    )
    assert_none(str(row) for row in beside.filter(pl.col("missing") < 0).rows())
    since = beside.filter(pl.col("period_start") >= date(2024, 7, 1))
    assert since["missing"].max() < 1_000
    assert beside.filter(pl.col("period_start") < date(2024, 7, 1))["missing"].max() > 100_000


def test_the_lines_of_2846_are_all_there_from_2022_and_make_up_the_heading_only_then():
    before, since = all_rows(FIVE_LINES), all_rows(SIX_LINES)
    assert before["period_start"].max() < date(2022, 1, 1) <= since["period_start"].min()
    assert before["scope_code"].null_count() == before.height
    assert since["scope_code"].unique().to_list() == ["2846"]
    totals = since.filter(WORLD, pl.col("hs_code") == "28469090")
    assert totals["period_start"].n_unique() == totals.height == 54


def test_the_first_quarter_of_2024_has_the_totals_of_its_months_and_the_partners_that_they_lack():
    quarter = parsed("meidb_2846_export_lines_range_kg_2024.csv").frame
    assert quarter.select("period_type", "period_end", "basis_code", "weight_rounding_kg").unique().rows() == [
        ("month_range", date(2024, 3, 31), "derived_by_difference", 1.0)
    ]
    of_months = months().filter(WORLD, pl.col("period_start").is_between(date(2024, 1, 1), date(2024, 3, 1)))
    assert kilograms(of_months, ["hs_code"]).equals(kilograms(quarter.filter(WORLD), ["hs_code"]))
    # January to April 2024 less April 2024, report of April 2024: 920,000 and 183,069 kg
    assert quarter.filter(pl.col("partner_code") == "JPN")["net_weight_kg"].sum() == 1_103_069


def test_exports_are_valued_fob_and_a_partner_of_a_mislabelled_month_is_set_aside_as_of_imports(tmp_path):
    rows = [
        ["2023-07", "export", "28461010", "JAPAN", "51", "KGS", "R", "2024-07", "2026-09-15"],
        ["2023-07", "export", "28461010", "Total (printed)", "51", "KGS", "R", "2024-07", "2026-09-15"],
    ]
    read = parse(tradestat(tmp_path, table(COLUMNS, *rows), SIX_LINES))
    assert reasons(read) == {"suspect_partner_labels": 1}
    assert read.frame.select("partner_code", "flow", "valuation", "net_weight_kg").rows() == [
        ("WLD", "export", "FOB", 51.0)
    ]
