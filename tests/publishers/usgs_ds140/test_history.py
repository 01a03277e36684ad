"""The worksheet of Data Series 140, in small: which columns are production, and what stops it. Figures are invented."""

from __future__ import annotations

import pytest

from sources.model.artifact import LayoutError, TruncatedError
from sources.snapshot.build.workbook import workbook
from tests.helpers.artifacts import artifact, parse, reasons

COLUMNS = [
    "Year", "Production", "Imports", "Exports", "Apparent consumption", "Unit value ($/t)", "Unit value (98$/t)",
    "World production",
]  # fmt: skip
YEARS = range(1900, 2021)
UNIT = "[All quantities in metric tons (t) rare-earth oxide equivalent unless otherwise noted]"
BELOW = (
    "NA Not available. W Withheld to avoid disclosing company proprietary data.",
    "Data are calculated, estimated, or reported.  See embedded notes document for more information.",
)


def read(folder, *, years=YEARS, production=None, world=None, columns=COLUMNS, unit=UNIT, below=BELOW, beside=None):
    """A worksheet where the United States mined 10 and the world 100, but for the figures given by year."""
    lines = [["RARE EARTHS STATISTICS"], [unit], ["Last modification: September 27, 2023"], columns]
    usa, rest = production or {}, world or {}
    lines += [[year, usa.get(year, 10), 7, 8, "NA", 5, 6, rest.get(year, 100)] for year in years]
    lines += [[line] for line in below]
    cells = {
        f"{'ABCDEFGH'[place]}{number}": [(value, False)]
        for number, line in enumerate(lines, start=1)
        for place, value in enumerate(line)
        if value is not None
    }
    data = workbook("Rare earths", cells | (beside or {}))
    return parse(artifact(folder, data, source_code="usgs_ds140", layout="ds140_2020", name="ds140.xlsx"))


def figure(table, scope, year):
    return next(r for r in table.frame.iter_rows(named=True) if (r["scope"], r["year"]) == (scope, year))


def test_the_two_columns_of_production_are_read_and_no_other(tmp_path):
    table = read(tmp_path)
    assert table.frame.height == 2 * len(YEARS)
    assert set(table.frame["value_t"]) == {10.0, 100.0}
    usa, world = figure(table, "country", 1900), figure(table, "world", 1900)
    assert (usa["country_code"], usa["country_label"], usa["value_t"]) == ("USA", "United States", 10.0)
    assert (world["country_code"], world["country_label"], world["value_t"]) == (None, "World", 100.0)


def test_na_w_and_zero_are_three_different_things(tmp_path):
    table = read(tmp_path, production={1911: "NA", 1956: "W", 2001: 0})
    got = [figure(table, "country", year) for year in (1911, 1956, 2001)]
    assert [(r["value_t"], r["value_status"]) for r in got] == [
        (None, "not_available"), (None, "withheld"), (0.0, "zero"),
    ]  # fmt: skip


def test_a_figure_is_marked_as_one_of_which_the_table_does_not_say_how_it_came_about(tmp_path):
    table = read(tmp_path, production={1911: "NA"})
    assert figure(table, "country", 1910)["basis_code"] == "reported_or_estimated"
    assert figure(table, "country", 1911)["basis_code"] is None
    without = read(tmp_path, below=BELOW[:1])
    assert without.frame["basis_code"].null_count() == without.frame.height


def test_a_small_figure_keeps_its_decimals(tmp_path):
    usa = figure(read(tmp_path, production={1925: 0.499}), "country", 1925)
    assert (usa["value_t"], usa["value_raw"]) == (0.499, "0.499")


@pytest.mark.parametrize("printed", ["?1", "=B7", None])
def test_a_cell_that_cannot_be_read_is_set_aside(tmp_path, printed):
    table = read(tmp_path, production={1950: None}, beside={"B55": [(printed, False)]} if printed else None)
    assert reasons(table) == {"unreadable_value": 1}
    assert "United States 1950" in table.rejects["detail"][0]
    assert table.rows_parsed == 2 * len(YEARS)


@pytest.mark.parametrize("years", [range(1900, 2020), range(1901, 2021), [y for y in YEARS if y != 1950]])
def test_a_year_that_is_missing_is_refused_as_cut(tmp_path, years):
    with pytest.raises(TruncatedError, match="has no row for"):
        read(tmp_path, years=years)


def test_a_year_beyond_the_edition_asks_for_a_layout_of_its_own(tmp_path):
    with pytest.raises(LayoutError, match=r"\['2021'\]"):
        read(tmp_path, years=range(1900, 2022))


def test_a_year_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="twice"):
        read(tmp_path, years=[*YEARS, 2020])


def test_a_sheet_without_its_closing_line_is_refused_as_cut(tmp_path):
    with pytest.raises(TruncatedError, match="does not end"):
        read(tmp_path, below=())


def test_another_unit_stops_the_load(tmp_path):
    with pytest.raises(LayoutError, match="does not say"):
        read(tmp_path, unit="[All quantities in kilograms]")


def test_a_column_gained_or_lost_is_named(tmp_path):
    with pytest.raises(LayoutError, match=r"lost \['World production'\], gained \['World mine production'\]"):
        read(tmp_path, columns=[*COLUMNS[:-1], "World mine production"])


def test_columns_may_stand_in_another_order(tmp_path):
    turned = [*COLUMNS[:1], "World production", *COLUMNS[2:-1], "Production"]
    assert figure(read(tmp_path, columns=turned), "country", 1900)["value_t"] == 100.0


def test_a_value_under_no_heading_stops_the_load(tmp_path):
    with pytest.raises(LayoutError, match="under no heading"):
        read(tmp_path, beside={"K50": [(1, False)]})
