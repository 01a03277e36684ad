"""India's monthly reports of 2846, 2018-01 to 2026-06: partners, printed totals, and the portal's own names."""

from __future__ import annotations

import csv
import io
from datetime import date

import polars as pl
import pytest

from sources.model.artifact import LayoutError
from sources.reading.vocabulary import load_vocabulary
from sources.registry import sources
from tests.helpers.artifacts import all_rows, bundled, content, copy_of, parse, parsed, reasons, records
from tests.helpers.violators import assert_same

YEARS = range(2018, 2027)
BAD = pl.col("period_start").is_between(date(2023, 4, 1), date(2024, 3, 31))


def name(what: str, year: int) -> str:
    return f"meidb_2846_{what}_{year}.csv"


def test_every_record_is_a_row_or_set_aside_for_its_wrong_label():
    held = {year: len(records(bundled()[name("partners", year)].read_bytes())) - 1 for year in YEARS}
    assert_same(held, lambda year: parsed(name("partners", year)).rows_parsed)
    aside = {2023: {"suspect_partner_labels": 40}, 2024: {"suspect_partner_labels": 17}}
    assert_same({year: aside.get(year, {}) for year in YEARS}, lambda year: reasons(parsed(name("partners", year))))


def test_no_partner_of_the_mislabelled_months_is_a_fact():
    assert all_rows("extract_meidb_partners").filter(BAD).is_empty()


@pytest.mark.parametrize("year", [2023, 2024])
def test_a_flag_that_wrongly_says_ok_does_not_let_them_in(year, scratch):
    original = bundled()[name("partners", year)]
    cleared = original.read_bytes().replace(b"suspect_partner_labels", b"ok")
    read = parse(copy_of(original, scratch, cleared))
    assert reasons(read) == reasons(parsed(original.name))
    assert content(read.frame).equals(content(parsed(original.name).frame))


def test_totals_of_the_mislabelled_months_load():
    totals = all_rows("extract_meidb_totals").filter(BAD)
    assert totals.height == 24
    # TradeStat MEIDB, 2846, imports of April 2023: 1.13 million US$
    april = totals.filter(pl.col("flow") == "import", pl.col("period_start") == date(2023, 4, 1))
    assert april["value_usd"].to_list() == [1_130_000.0]


def test_the_totals_are_of_the_world_only():
    totals = all_rows("extract_meidb_totals")
    assert totals.height == 204
    assert totals.select("partner_code", "is_partner_world").unique().rows() == [("WLD", True)]


def test_the_column_of_china_in_the_totals_is_never_used(scratch):
    def with_another_column(year):
        original = bundled()[name("totals", year)]
        header, *body = records(original.read_bytes())
        at = header.index("china_p_rp_usd_million")
        lines = [header, *([*row[:at], "987.65", *row[at + 1 :]] for row in body)]
        data = "".join(",".join(line) + "\n" for line in lines).encode()
        return parse(copy_of(original, scratch, data)).content_sha256()

    assert_same({year: parsed(name("totals", year)).content_sha256() for year in YEARS}, with_another_column)


def test_india_imported_ten_million_dollars_in_february_2026():
    # TradeStat MEIDB, 2846, February 2026: total 10.28, China P RP 0.20, million US$
    total = parsed(name("totals", 2026)).frame.filter(
        pl.col("period_start") == date(2026, 2, 1), pl.col("flow") == "import"
    )
    assert total["value_usd"].to_list() == [10_280_000.0]
    china = parsed(name("partners", 2026)).frame.filter(
        pl.col("period_start") == date(2026, 2, 1), pl.col("flow") == "import", pl.col("partner_code") == "CHN"
    )
    assert china["value_usd"].to_list() == [200_000.0]


def test_partners_of_a_month_sum_to_its_total_within_the_rounding_of_each():
    partners = (
        all_rows("extract_meidb_partners")
        .group_by("flow", "period_start")
        .agg(pl.col("value_usd").sum().alias("partners"), pl.col("value_rounding_usd").sum().alias("rounding"))
    )
    totals = all_rows("extract_meidb_totals").filter(~BAD)
    both = totals.join(partners, on=["flow", "period_start"], how="left")
    assert both["partners"].null_count() == 0
    gap = (pl.col("value_usd") - pl.col("partners")).abs()
    assert both.filter(gap > pl.col("rounding") + pl.col("value_rounding_usd") + 1e-6).is_empty()


def test_a_figure_of_zero_is_a_bound_and_every_other_one_a_number():
    rows = all_rows("extract_meidb_partners")
    zeros = rows.filter(pl.col("value_raw").cast(pl.Float64) == 0)
    assert set(zeros["value_status"]) <= {"at_most"}
    assert set(zeros["value_high_usd"]) <= {5_000.0}
    assert rows.filter(pl.col("value_usd").is_null()).height == zeros.height


def test_imports_are_valued_cif_and_exports_fob():
    rows = pl.concat([all_rows("extract_meidb_partners"), all_rows("extract_meidb_totals")])
    assert sorted(rows.select("flow", "valuation").unique().rows()) == [("export", "FOB"), ("import", "CIF")]


@pytest.mark.parametrize(("what", "file"), [("partners", "monthly_by_partner"), ("totals", "monthly_totals")])
def test_the_whole_file_gives_the_rows_of_the_bundled_years(publisher_files, scratch, what, file):
    path = publisher_files / "india_tradestat" / f"meidb_2846_{file}_2018-01_2026-06_transcribed.csv"
    full = parse(copy_of(bundled()[name(what, 2018)], scratch, path.read_bytes()))
    assert content(full.frame).equals(content(all_rows(f"extract_meidb_{what}")))
    assert reasons(full) == ({"suspect_partner_labels": 57} if what == "partners" else {})


def test_every_country_the_portal_lists_is_known(publisher_files):
    words = load_vocabulary(sources()["india_tradestat"].package / "labels.csv", "country")
    text = (publisher_files / "india_tradestat" / "tradestat_country_codes.csv").read_text(encoding="utf-8-sig")
    listed = [row["country_name"] for row in csv.DictReader(io.StringIO(text))]
    assert len(listed) > 200
    words.require(bundled()[name("partners", 2018)], listed)


@pytest.mark.parametrize(
    ("label", "area"),
    [
        ("CHINA P RP", "CHN"),
        ("KOREA RP", "KOR"),
        ("U S A", "USA"),
        ("VIETNAM SOC REP", "VNM"),
        ("U ARAB EMTS", "ARE"),
        ("SRI LANKA DSR", "LKA"),
        ("YEMEN REPUBLC", "YEM"),
    ],
)
def test_the_portals_spellings_are_the_countries_they_mean(label, area):
    words = load_vocabulary(sources()["india_tradestat"].package / "labels.csv", "country")
    assert words.entries[label] == ("area", area)


def test_other_reports_of_the_portal_are_refused(publisher_files, scratch):
    folder = publisher_files / "india_tradestat"
    for file in (
        "meidb_2846_imports_calendar_2024_2025_by_partner_usd_million_transcribed.csv",
        "eidb_exports_hs8_country_fy2017-18_to_fy2024-25.csv",
        "tradestat_country_codes.csv",
    ):
        with pytest.raises(LayoutError, match="lost"):
            parse(copy_of(bundled()[name("partners", 2024)], scratch, (folder / file).read_bytes()))
