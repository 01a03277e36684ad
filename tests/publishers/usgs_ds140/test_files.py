"""Figures of Data Series 140 as published, from the bundled sheet and from the USGS's own workbook.

Citation: U.S. Geological Survey, Rare earths statistics, Data Series 140, last modified 27 September 2023.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sources.model.artifact import Artifact
from sources.reading.workbooks import read_sheet
from tests.helpers.artifacts import bundled, content, copy_of, parse, parsed
from tests.helpers.violators import assert_same

FILE = "usgs_ds140_rare_earths_2020.xlsx"


@pytest.fixture(scope="session")
def whole(publisher_files: Path, scratch: Path) -> Artifact:
    """The publisher's workbook, as the artifact the bundled sheet was copied from."""
    return copy_of(bundled()[FILE], scratch, (publisher_files / "usgs" / "ds140" / FILE).read_bytes())


def figure(scope: str, year: int) -> dict:
    rows = parsed(FILE).frame.filter(pl.col("scope") == scope)
    return rows.row(by_predicate=pl.col("year") == year, named=True)


PUBLISHED = {
    ("country", 1900): (227, "reported"),
    ("country", 1911): (None, "not_available"),
    ("country", 1925): (0.499, "reported"),
    ("country", 1956): (None, "withheld"),
    ("country", 1962): (None, "withheld"),
    ("country", 1984): (25_300, "reported"),
    ("country", 1993): (17_800, "reported"),
    ("country", 2001): (0, "zero"),
    ("country", 2017): (0, "zero"),
    ("country", 2018): (14_000, "reported"),
    ("country", 2020): (39_000, "reported"),
    ("world", 1900): (1_040, "reported"),
    ("world", 1925): (12, "reported"),
    ("world", 1993): (46_700, "reported"),
    ("world", 2010): (101_000, "reported"),
    ("world", 2019): (219_000, "reported"),
    ("world", 2020): (243_000, "reported"),
}
"""Scope and year: tonnes and status."""


def test_a_figure_is_as_published():
    def got(key):
        return tuple(figure(*key)[column] for column in ("value_t", "value_status"))

    assert_same(PUBLISHED, got)


def test_not_available_are_the_years_that_the_worksheets_notes_name():
    """The notes embedded in the workbook: not available 1911-14, 1918-24, 1926-47 and 1949; withheld 1956 and 1962."""
    absent = parsed(FILE).frame.filter(pl.col("value_status") == "not_available")
    named = {*range(1911, 1915), *range(1918, 1925), *range(1926, 1948), 1949}
    assert set(absent["year"]) == named
    assert set(absent["scope"]) == {"country"}


def test_every_cell_of_the_two_columns_is_a_row_and_none_is_set_aside():
    assert (parsed(FILE).frame.height, parsed(FILE).rejects.height) == (242, 0)
    assert parsed(FILE).frame["value_status"].value_counts().sort("count").rows() == [
        ("withheld", 2), ("zero", 13), ("not_available", 34), ("reported", 193),
    ]  # fmt: skip


def test_the_world_differs_from_the_yearbooks_by_edition_and_not_by_unit():
    """The two are other tables of other days: 219,000 and 243,000 here, 223,000 and 250,000 in the Yearbook of 2022."""
    yearbook = parsed("myb1-2022-raree-ert.xlsx").frame.filter(pl.col("scope") == "world")
    both = {year: value for year, value in yearbook.select("year", "value_t").iter_rows() if year in (2018, 2019, 2020)}
    gaps = {year: figure("world", year)["value_t"] / value - 1 for year, value in both.items()}
    assert gaps[2018] == 0
    assert all(-0.05 < gap <= 0 for gap in gaps.values())


def test_the_bundle_holds_all_columns_and_no_names_of_persons():
    rows = read_sheet(bundled()[FILE], "Rare earths")
    header = next(cells for number, cells in rows if number == 5)
    assert len([cell for cell in header if cell.plain]) == 8
    assert not [cell for _, cells in rows for cell in cells if "Compiled" in cell.whole]


def test_the_publishers_workbook_and_the_bundled_sheet_give_the_same_rows(whole):
    full = parse(whole)
    assert full.rejects.is_empty()
    assert content(full.frame).equals(content(parsed(FILE).frame))


def test_every_figure_stands_in_the_cell_of_the_publishers_sheet(whole):
    sheets = [read_sheet(artifact, "Rare earths") for artifact in (whole, bundled()[FILE])]
    figures = [
        {(number, at): cell.plain for number, cells in sheet if number < 127 for at, cell in enumerate(cells)
         if cell.whole}
        for sheet in sheets
    ]  # fmt: skip
    assert figures[0] == figures[1]
