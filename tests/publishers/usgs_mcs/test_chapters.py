"""Printed chapters of the Mineral Commodity Summaries beside the data releases: what is typed off, and what differs.

Citations: U.S. Geological Survey, Mineral Commodity Summaries 2026, version 1.3 of 27 May 2026, Rare Earths, p. 153;
Mineral Commodity Summaries 2025, Rare Earths, p. 145.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from sources.model.artifact import LayoutError, TruncatedError, UnknownLabelError
from sources.publishers.usgs_mcs.editions import layout_for
from sources.reading.cells import read_cell
from sources.snapshot.build.usgs_mcs_chapters import FROM_CHINA, OSCOM, REPORTED, ROWS_2026, SALIENT_2025, SOURCES_2025
from tests.helpers.artifacts import bundled, copy_of, parse, parsed
from tests.helpers.violators import assert_same
from tests.publishers.usgs_mcs.chapters import salient_page, world_table

CHAPTER = "mcs2026-rare-earths_v1.3_world.csv"
FIRST_POSTED = "MCS2026_Commodities_Data.csv"
KEY = ("measure", "scope", "country_code", "year")
SAYS = ("value_t", "value_low_t", "value_high_t", "value_status", "basis_code")

needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext to read the chapters")


def cell(measure: str, year: int, country: str | None = None) -> dict:
    rows = parsed(CHAPTER).frame.filter(measure=measure, year=year)
    return rows.row(
        by_predicate=pl.col("scope") == "world" if country is None else pl.col("country_code") == country, named=True
    )


PRINTED = {
    ("BRA", "reserves", 2025): (11_000_000, "reported", None),
    ("CHN", "reserves", 2025): (44_000_000, "reported", None),
    ("IND", "reserves", 2025): (None, "not_available", None),
    ("CHN", "production", 2024): (270_000, "estimated", None),
    ("USA", "production", 2024): (45_500, "reported", None),
    ("USA", "production", 2025): (51_000, "estimated", None),
    ("CAN", "production", 2025): (0, "zero", None),
    ("MMR", "production", 2025): (22_000, "estimated", "derived_from_china_imports"),
    (None, "production", 2024): (380_000, "estimated", None),
}
"""Country (none: the world), measure and year: tonnes, status and basis."""


def test_a_figure_of_version_1_3_is_as_printed():
    def got(key):
        country, measure, year = key
        return tuple(cell(measure, year, country)[column] for column in ("value_t", "value_status", "basis_code"))

    assert_same(PRINTED, got)


def test_world_reserves_of_version_1_3_are_at_least_75_million():
    got = cell("reserves", 2025)
    assert (got["value_t"], got["value_low_t"], got["value_status"]) == (None, 75_000_000.0, "at_least")


def test_version_1_3_differs_from_the_data_release_first_posted_in_three_cells_and_no_other():
    both = parsed(FIRST_POSTED).frame.join(parsed(CHAPTER).frame, on=KEY, how="full", nulls_equal=True, suffix="_now")
    assert both.height == 54
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in SAYS)
    changed = both.filter(differs).sort("measure", "country_code", nulls_last=True)
    assert changed.select("measure", "country_code", "year").rows() == [
        ("production", "CHN", 2024),
        ("reserves", "BRA", 2025),
        ("reserves", None, 2025),
    ]
    assert changed.select("basis_code", "basis_code_now").row(0) == ("quota", None)
    assert changed.select("value_t", "value_t_now").row(1) == (21_000_000.0, 11_000_000.0)
    assert changed.select("value_low_t", "value_low_t_now").row(2) == (85_000_000.0, 75_000_000.0)


def test_the_countries_reserves_of_version_1_3_reach_the_printed_bound():
    """75,290,000 t of those that have a figure, ">75,000,000" in print."""
    countries = parsed(CHAPTER).frame.filter(measure="reserves", scope="country")
    assert countries["value_t"].sum() == 75_290_000.0


@needs_pdftotext
def test_what_is_typed_off_is_what_the_chapter_prints(publisher_files: Path):
    words = {"": "", "11": REPORTED, "12": FROM_CHINA, "13": "", "14": OSCOM}
    printed = world_table(publisher_files / "usgs" / "mcs2026" / "mcs2026-rare-earths.pdf")
    flat = [
        (country, first, words[first_mark], second, words[second_mark], reserves, words[last_mark])
        for country, ((first, first_mark), (second, second_mark), (reserves, last_mark)) in printed.items()
    ]
    assert tuple(flat) == ROWS_2026


def test_indias_reserves_are_not_available_for_the_reason_that_the_footnote_gives():
    """Footnote 14: a report of 2015 has 256,000 t of monazite reserves of OSCOM, and no rare-earth reserves."""
    india = cell("reserves", 2025, "IND")
    assert (india["value_raw"], india["reason_code"], india["note"]) == ("NA", "rare_earths_not_reported", OSCOM)
    others = parsed(CHAPTER).frame.filter(pl.col("country_code").ne_missing("IND"))
    assert others["reason_code"].null_count() == others.height


@needs_pdftotext
def test_what_is_typed_off_is_the_salient_table_that_the_chapter_of_2025_prints(publisher_files: Path):
    text = salient_page(publisher_files / "usgs" / "mcs2025" / "mcs2025-rare-earths.pdf")
    for item, _, _, *figures in SALIENT_2025:
        name = item.rsplit(": ", 1)[-1].removesuffix(" and metals")
        assert any(line.startswith(name) and line.split()[-5:] == figures for line in text.splitlines()), item
    flat = " ".join(text.split())
    assert all(f"{partner}, {share}%" in flat.replace("China,9", "China,") for partner, share in SOURCES_2025[1:-1])
    assert f"China,9 {SOURCES_2025[0][1]}%" in flat
    assert f"other, {SOURCES_2025[-1][1]}%" in flat


@needs_pdftotext
def test_the_chapter_of_2025_prints_the_figures_of_the_data_release(publisher_files: Path):
    """So the figures were known before the data release 2.0 of April 2025: the chapter's file is of 25 February."""
    printed = world_table(publisher_files / "usgs" / "mcs2025" / "mcs2025-rare-earths.pdf")
    names = {"Other": "Other Countries"}
    places = (("production", 2023), ("production", 2024), ("reserves", 2024))
    theirs = {
        (names.get(country, country), *place): figure
        for country, cells in printed.items()
        for place, (figure, _) in zip(places, cells, strict=True)
    }
    ours = {
        (row["country_label"], row["measure"], row["year"]): (row["value_t"], row["value_low_t"])
        for row in parsed("MCS2025_World_Data.csv").frame.iter_rows(named=True)
    }
    read = {place: read_cell(figure) for place, figure in theirs.items()}
    assert {place: (found.value, found.low) for place, found in read.items() if found} == ours


def test_a_footnote_that_is_not_known_stops_the_load(scratch):
    original = bundled()[CHAPTER]
    data = original.path.read_bytes().replace(b"Reported.", b"Rounded.", 1)
    with pytest.raises(UnknownLabelError, match="Rounded"):
        parse(copy_of(original, scratch, data))


def test_a_chapter_cut_before_its_total_is_refused(scratch):
    original = bundled()[CHAPTER]
    *but_the_last, _ = original.path.read_bytes().splitlines(keepends=True)
    with pytest.raises(TruncatedError, match="no world total"):
        parse(copy_of(original, scratch, b"".join(but_the_last)))


def test_no_file_that_is_fetched_is_taken_for_a_transcription(scratch):
    data = bundled()[CHAPTER].path.read_bytes()
    assert layout_for(2026, data) == "mcs2026"
    with pytest.raises(LayoutError, match="lost"):
        parse(copy_of(bundled()[CHAPTER], scratch, data, layout="mcs2026"))
