"""India's yearly reports: imports of 2846 in kilograms and dollars, exports of 25 lines, as printed."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

from sources.reading.layouts import declared
from sources.registry import sources
from sources.snapshot.build.india_tradestat import printed_totals
from tests.helpers.artifacts import all_rows, bundled, content, copy_of, parse, parsed, reasons, records
from tests.helpers.violators import assert_none, assert_same

CALENDAR_YEARS = (2018, 2019, 2020, 2021, 2022, 2024, 2025)
FISCAL_YEARS = range(2017, 2025)
WORLD = pl.col("is_partner_world")
FLOW = ["hs_code", "period_start"]
LINES_OF_2846 = ["28461010", "28461090", "28469010", "28469020", "28469030", "28469090"]


def figure(frame: pl.DataFrame, column: str, hs_code: str, partner: str, start: date) -> float | None:
    """The one figure of a flow."""
    row = frame.filter(
        pl.col("hs_code") == hs_code, pl.col("partner_code") == partner, pl.col("period_start") == start
    ).row(0, named=True)
    return row[column]


def test_india_imported_420_tonnes_of_rare_earths_other_than_cerium_from_china_in_2021():
    # TradeStat MEIDB, December 2022 report, January to December 2021, kg:
    # 28469010 14,500 + 28469020 none + 28469030 30,000 + 28469090 375,610 = 420,110
    rows = parsed("meidb_2846_lines_kg_2021.csv").frame.filter(
        pl.col("hs_code").str.starts_with("284690"), pl.col("partner_code") == "CHN"
    )
    assert rows["net_weight_kg"].sum() == 420_110.0
    assert figure(rows, "net_weight_kg", "28469090", "CHN", date(2021, 1, 1)) == 375_610.0


def test_partners_weigh_exactly_what_the_printed_total_of_each_line_does():
    def both(year):
        rows = parsed(f"meidb_2846_lines_kg_{year}.csv").frame
        world = rows.filter(WORLD).select("hs_code", pl.col("net_weight_kg").fill_null(0.0).alias("printed"))
        added = rows.filter(~WORLD).group_by("hs_code").agg(pl.col("net_weight_kg").sum().alias("added"))
        return world.join(added, on="hs_code", how="full", coalesce=True).fill_null(0.0)

    of_years = {year: both(year) for year in CALENDAR_YEARS}
    assert_same(dict.fromkeys(CALENDAR_YEARS, LINES_OF_2846), lambda year: sorted(of_years[year]["hs_code"]))
    assert_none(
        f"{year}: {row}"
        for year, lines in of_years.items()
        for row in lines.filter(pl.col("printed") != pl.col("added")).rows(named=True)
    )


def test_the_weights_are_whole_kilograms_without_money_and_of_all_lines_of_2846():
    rows = all_rows("extract_meidb_lines_kg")
    assert rows.height == 361
    assert rows.filter(pl.col("net_weight_kg") != pl.col("net_weight_kg").round(0)).is_empty()
    assert rows.select("value_status", "scope_code", "code_country", "flow", "period_type").unique().rows() == [
        ("not_available", "2846", "IND", "import", "calendar_year")
    ]
    # 28469020, rare-earth fluorides, in the two years without imports: printed as 0
    assert rows.filter(pl.col("weight_raw") == "0").select("weight_status", "is_partner_world").unique().rows() == [
        ("at_most", True)
    ]


@pytest.mark.parametrize(("year", "printed", "china"), [(2024, 12.83, 4.33), (2025, 12.94, 2.98)])
def test_imports_of_a_calendar_year_add_up_to_the_printed_total(year, printed, china):
    # TradeStat MEIDB, December 2025 report, January to December, 2846, US$ million: totals and China P RP as above
    rows = parsed(f"meidb_2846_calendar_usd_{year}.csv").frame
    start = date(year, 1, 1)
    assert figure(rows, "value_usd", "2846", "WLD", start) == round(printed * 1e6, 2)
    assert figure(rows, "value_usd", "2846", "CHN", start) == round(china * 1e6, 2)
    added = rows.filter(~WORLD)["value_usd"].sum()
    assert abs(added - printed * 1e6) <= 10_000.0 + 1e-3


def test_a_calendar_year_is_more_than_the_good_months_of_2024_and_holds_them():
    months = parsed("meidb_2846_partners_2024.csv").frame.filter(
        pl.col("flow") == "import", pl.col("partner_code") == "CHN"
    )
    year = figure(parsed("meidb_2846_calendar_usd_2024.csv").frame, "value_usd", "2846", "CHN", date(2024, 1, 1))
    # the nine good months give 2.31 of the year's 4.33 million US$
    assert (months.height, months["value_usd"].sum()) == (9, pytest.approx(2_310_000.0))
    assert year > months["value_usd"].sum()


def test_every_row_of_the_exports_is_a_fact_or_a_blank():
    read = [parsed(f"eidb_exports_lines_{year}.csv") for year in FISCAL_YEARS]
    assert sum(table.frame.height for table in read) == 3_784
    assert sum(table.frame.filter(~WORLD).height for table in read) == 3_646
    assert sum(table.frame.filter(WORLD).height for table in read) == 138
    blanks = [reasons(table) for table in read]
    assert sum(found["blank_cells"] for found in blanks) == 1_565
    assert {reason for found in blanks for reason in found} == {"blank_cells"}


def test_exports_of_magnets_of_2024_25_are_as_printed():
    # TradeStat EIDB, report dated 27 January 2026, FY 2024-25, 85051190: total 4.87 million US$
    rows = parsed("eidb_exports_lines_2024.csv").frame
    assert figure(rows, "value_usd", "85051190", "WLD", date(2024, 4, 1)) == 4_870_000.0
    # 28469090 in FY 2023-24: Vietnam 22.89 million US$ and 374,501 kg, Japan 16.89 and 612,946
    rows = parsed("eidb_exports_lines_2023.csv").frame
    assert figure(rows, "value_usd", "28469090", "VNM", date(2023, 4, 1)) == 22_890_000.0
    assert figure(rows, "net_weight_kg", "28469090", "VNM", date(2023, 4, 1)) == 374_501.0
    assert figure(rows, "net_weight_kg", "28469090", "JPN", date(2023, 4, 1)) == 612_946.0


@pytest.mark.parametrize(
    ("value", "rounding"), [("value_usd", "value_rounding_usd"), ("value_local", "value_rounding_local")]
)
def test_countries_add_up_to_the_printed_total_of_each_line(value, rounding):
    def both(year):
        rows = parsed(f"eidb_exports_lines_{year}.csv").frame
        world = rows.filter(WORLD).select("hs_code", pl.col(value).fill_null(0.0).alias("printed"))
        added = (
            rows.filter(~WORLD)
            .group_by("hs_code")
            .agg(pl.col(value).sum().alias("added"), (pl.col(rounding).sum() + pl.col(rounding).max()).alias("within"))
        )
        return added.join(world, on="hs_code", how="left")

    off = (pl.col("printed") - pl.col("added")).abs() > pl.col("within") + 1e-3
    assert_none(
        f"{year}: {row}"
        for year in range(2018, 2025)
        for row in both(year).filter(pl.col("printed").is_null() | off).rows(named=True)
    )


def test_twelve_months_of_one_bank_are_the_fiscal_year_of_the_other():
    """Exports of 2846: monthly totals of MEIDB against the six lines' totals of EIDB, two separate reports."""

    def fault(year):
        months = all_rows("extract_meidb_totals").filter(
            pl.col("flow") == "export", pl.col("period_start").is_between(date(year, 4, 1), date(year + 1, 3, 31))
        )
        lines = parsed(f"eidb_exports_lines_{year}.csv").frame.filter(WORLD, pl.col("scope_code") == "2846")
        within = min(months["value_rounding_usd"].sum() + lines["value_rounding_usd"].sum(), 20_000.0) + 1e-3
        gap = abs(months["value_usd"].sum() - lines["value_usd"].sum())
        return "" if months.height == 12 and gap <= within else f"{months.height} months, {gap} US$ apart"

    assert_none(f"{year}: {found}" for year in range(2018, 2025) if (found := fault(year)))


def test_the_totals_of_2017_18_are_not_in_hand():
    assert parsed("eidb_exports_lines_2017.csv").frame.filter(WORLD).is_empty()


def test_the_lines_are_the_25_and_those_traded_every_year_are_all_there():
    listed = declared(sources()["india_tradestat"].package)["export_lines"]
    every, some = set(listed["every_year"]), set(listed["some_years"])
    found = {year: set(parsed(f"eidb_exports_lines_{year}.csv").frame["hs_code"]) for year in FISCAL_YEARS}
    assert_none(f"{year} lacks {sorted(every - lines)}" for year, lines in found.items() if every - lines)
    assert_none(f"{year} has {sorted(lines - every - some)}" for year, lines in found.items() if lines - every - some)


def test_money_without_quantity_is_252_rows_of_next_to_nothing():
    rows = all_rows("extract_eidb_exports").filter(~WORLD, pl.col("net_weight_kg").is_null())
    assert rows.height == 252
    assert rows["value_usd"].fill_null(0.0).max() <= 20_000.0


def pages(publisher_files):
    """(line, money) → year asked for → the scraped page."""
    folder = publisher_files / "india_tradestat" / "eidb_export_hs8_json"
    found = {}
    for path in sorted(folder.glob("*.json")):
        body = json.loads(path.read_bytes())
        money = "inr" if "inr_crore_MISLABELLED_import" in path.name else "usd"
        found[body["hsn_code"], money] = {int(asked): page for asked, page in body["years"].items()}
    assert len(found) == 50
    return found


def test_the_files_named_imports_are_the_export_report(publisher_files):
    for (hs8, money), of in pages(publisher_files).items():
        for asked, page in of.items():
            assert page["metadata"]["source_url"].endswith("/eidb/commodity_wise_all_countries_export"), (hs8, money)
            assert page["commodity"]["unit"] == "KGS", (hs8, asked)


def test_two_pages_that_print_one_year_print_the_same_figures(publisher_files):
    seen = {}
    for (hs8, money), of in pages(publisher_files).items():
        for asked, page in of.items():
            for country in page["countries"]:
                for key, year in (("y2023_2024", asked - 1), ("y2024_2025", asked)):
                    figures = (country["values_usd"][key], country["values_quantity"][key])
                    assert seen.setdefault((hs8, money, year, country["country"]), figures) == figures
    assert len(seen) == 2 * 5_211


def test_the_totals_stand_one_column_to_the_left_of_their_year(publisher_files):
    """Under the first year's key is the second year's total: it agrees with the countries; under the second, growth."""
    added: dict[tuple[str, str, int], list[float]] = {}
    printed: dict[tuple[str, str, int], float] = {}
    growth: dict[tuple[str, str, int], float | None] = {}
    for (hs8, money), of in pages(publisher_files).items():
        for asked, page in of.items():
            cells = [country["values_usd"]["y2024_2025"] for country in page["countries"]]
            added[hs8, money, asked] = [cell for cell in cells if cell is not None]
            total = page["totals"]["total"]["values_usd"]
            if total["y2023_2024"] is None:
                assert added[hs8, money, asked] == []
            else:
                printed[hs8, money, asked] = total["y2023_2024"]
                growth[hs8, money, asked] = total["y2024_2025"]
    assert (len(added), len(printed)) == (298, 276)
    for of_line, total in printed.items():
        assert abs(total - sum(added[of_line])) <= 0.005 * (len(added[of_line]) + 1) + 1e-9, of_line
    grown = 0
    for (hs8, money, asked), rate in growth.items():
        now, before = printed[hs8, money, asked], printed.get((hs8, money, asked - 1))
        if before and rate is not None:
            low, high = (now - 0.005) / (before + 0.005), (now + 0.005) / (before - 0.005)
            assert low - 1e-4 <= 1 + rate / 100 <= high + 1e-4, (hs8, money, asked)
            grown += 1
    assert grown == 199


def test_a_page_is_missing_only_where_neither_of_its_years_has_trade(publisher_files):
    for (hs8, money), of in pages(publisher_files).items():
        traded = {
            year
            for asked, page in of.items()
            for key, year in (("y2023_2024", asked - 1), ("y2024_2025", asked))
            if any(country["values_usd"][key] is not None for country in page["countries"])
        }
        for asked in set(range(2018, 2025)) - set(of):
            assert not {asked - 1, asked} & traded, (hs8, money, asked)


def test_every_printed_total_in_hand_is_a_row(publisher_files):
    totals = printed_totals(publisher_files)
    rows = all_rows("extract_eidb_exports").filter(WORLD)
    assert rows.height == len(totals) == 138
    held = {(hs, start.year): raw for hs, start, raw in rows.select(*FLOW, "value_raw").rows()}
    assert held == {(hs, int(year[:4])): f"{usd} | {inr}" for (hs, year), (usd, inr) in totals.items()}


@pytest.mark.parametrize(
    ("layout", "name", "file"),
    [
        (
            "extract_meidb_lines_kg",
            "meidb_2846_lines_kg_2018.csv",
            "meidb_2846_imports_hs8_kg_calendar_2018_2022_2024_2025_transcribed.csv",
        ),
        (
            "extract_meidb_calendar_usd",
            "meidb_2846_calendar_usd_2024.csv",
            "meidb_2846_imports_calendar_2024_2025_by_partner_usd_million_transcribed.csv",
        ),
        ("extract_eidb_exports", "eidb_exports_lines_2017.csv", "eidb_exports_hs8_country_fy2017-18_to_fy2024-25.csv"),
    ],
)
def test_the_whole_file_gives_the_rows_of_the_bundled_years(publisher_files, scratch, layout, name, file):
    full = parse(copy_of(bundled()[name], scratch, (publisher_files / "india_tradestat" / file).read_bytes()))
    held = all_rows(layout)
    if layout == "extract_eidb_exports":
        held = held.filter(~WORLD)
    assert content(full.frame).equals(content(held))
    assert reasons(full) == ({"blank_cells": 1_565} if layout == "extract_eidb_exports" else {})


def test_the_lines_of_a_whole_code_are_all_the_portal_lists(publisher_files):
    listed = {
        row[0]
        for row in records((publisher_files / "india_tradestat" / "itc_hs8_codes_tradestat.csv").read_bytes())[1:]
    }
    about = declared(sources()["india_tradestat"].package)
    for scope in about["scope"]:
        assert {line for line in listed if line.startswith(scope["code"])} == set(scope["lines"]), scope["code"]
    asked = {*about["export_lines"]["every_year"], *about["export_lines"]["some_years"]}
    assert len(asked) == 25
    assert {line for line in listed if line.startswith(("253090", "720299"))} - asked
