"""Figures of the Minerals Yearbook as published, from the bundled sheet and from the USGS's own workbook.

Citation: U.S. Geological Survey, Minerals Yearbook 2022, Rare Earths, tables-only release (posted 19 March 2025),
table 8.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sources.model.artifact import Artifact, LayoutError, UnknownLabelError
from sources.reading.workbooks import read_sheet
from sources.snapshot.build.workbook import cells_of, workbook
from tests.helpers.artifacts import bundled, content, copy_of, parse, parsed
from tests.helpers.violators import assert_same

FILE = "myb1-2022-raree-ert.xlsx"


@pytest.fixture(scope="session")
def whole(publisher_files: Path, scratch: Path) -> Artifact:
    """The publisher's workbook with all its tables, as the artifact the bundled sheet was copied from."""
    return copy_of(bundled()[FILE], scratch, (publisher_files / "usgs" / "myb" / FILE).read_bytes())


def figure(country: str, year: int) -> dict:
    rows = parsed(FILE).frame.filter(pl.col("year") == year)
    return rows.row(by_predicate=pl.col("country_code") == country, named=True)


PUBLISHED = {
    ("CHN", 2018): (120_000, "reported", "quota"),
    ("CHN", 2021): (168_000, "reported", "quota"),
    ("CHN", 2022): (210_000, "estimated", "quota"),
    ("IND", 2018): (2_900, "estimated", None),
    ("IND", 2022): (2_900, "estimated", None),
    ("USA", 2020): (39_000, "estimated", None),
    ("USA", 2021): (42_400, "reported", None),
    ("USA", 2022): (42_500, "reported", None),
    ("MMR", 2022): (12_000, "estimated", None),
    ("THA", 2021): (8_200, "estimated", "content_of_exports"),
    ("VNM", 2022): (1_200, "estimated", "content_of_exports"),
    ("RUS", 2020): (2_600, "reported", None),
    ("RUS", 2022): (2_600, "estimated", None),
    ("BDI", 2021): (180, "estimated", None),
    ("BDI", 2022): (0, "zero", None),
    ("MDG", 2022): (960, "estimated", None),
}
"""Country and year: tonnes, status and basis."""


def test_a_figure_is_as_published():
    def got(key):
        return tuple(figure(*key)[column] for column in ("value_t", "value_status", "basis_code"))

    assert_same(PUBLISHED, got)


def test_the_world_is_as_printed():
    world = parsed(FILE).frame.filter(pl.col("scope") == "world").sort("year")
    assert world["value_t"].to_list() == [190_000, 223_000, 250_000, 290_000, 297_000]
    assert set(world["value_status"]) == {"reported"}


def test_exactly_three_figures_are_revised():
    revised = parsed(FILE).frame.filter(pl.col("is_revised")).select("country_label", "year").sort("country_label")
    assert revised.rows() == [("Madagascar", 2021), ("Russia", 2021), ("Total", 2021)]


def test_countries_add_up_to_the_printed_total_within_its_rounding():
    """The totals are rounded to three significant digits: to 1,000 t."""
    by_year = parsed(FILE).frame.group_by("year").agg(
        pl.col("value_t").filter(pl.col("scope") == "country").sum().alias("added"),
        pl.col("value_t").filter(pl.col("scope") == "world").sum().alias("printed"),
    )  # fmt: skip
    assert by_year.filter((pl.col("added") - pl.col("printed")).abs() > 500).is_empty()


def test_every_cell_is_a_row_and_none_is_set_aside():
    assert (parsed(FILE).frame.height, parsed(FILE).rejects.height) == (65, 0)
    assert parsed(FILE).frame["country_code"].n_unique() == 13


def test_marks_are_not_glued_to_names():
    assert set(parsed(FILE).frame["country_label"]) == {
        "Australia", "Brazil", "Burma", "Burundi", "China", "India", "Madagascar", "Malaysia", "Russia", "Thailand",
        "United States", "Vietnam", "Total",
    }  # fmt: skip


def test_the_bundle_holds_no_prose_of_the_footnotes():
    texts = [cell.whole for _, cells in read_sheet(bundled()[FILE], "T8") for cell in cells]
    assert not [text for text in texts if "Indonesia" in text or "April" in text]
    assert max(map(len, texts)) < 60


def test_the_publishers_workbook_and_the_bundled_sheet_give_the_same_rows(whole):
    full = parse(whole)
    assert full.rejects.is_empty()
    assert content(full.frame, "note").equals(content(parsed(FILE).frame, "note"))


def test_figures_and_marks_stand_in_the_cells_of_the_publishers_sheet(whole):
    theirs = {number: cells for number, cells in read_sheet(whole, "T8") if number < 20}
    ours = {number: cells for number, cells in read_sheet(bundled()[FILE], "T8") if number < 20}
    printed = [
        {(number, at): (cell.plain, cell.raised) for number, cells in sheet.items() for at, cell in enumerate(cells)
         if cell.whole}
        for sheet in (theirs, ours)
    ]  # fmt: skip
    assert printed[0] == printed[1]


def test_the_workbooks_other_tables_are_not_this_one(whole, scratch):
    cells = cells_of(whole.path, "T7")
    with pytest.raises(LayoutError):
        parse(copy_of(whole, scratch, workbook("T8", cells)))


def test_names_with_their_marks_glued_to_them_stop_by_name(scratch):
    cells = cells_of(bundled()[FILE].path, "T8")
    names = {f"A{row}" for row in range(7, 20)}
    flat = {p: [("".join(text for text, _ in runs), False)] if p in names else runs for p, runs in cells.items()}
    assert flat["A12"] == [("Indiae, 4", False)]
    with pytest.raises(UnknownLabelError, match=r"'Australiae'.*'China3'.*'Indiae, 4'"):
        parse(copy_of(bundled()[FILE], scratch, workbook("T8", flat)))
