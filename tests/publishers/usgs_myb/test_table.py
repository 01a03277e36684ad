"""The Minerals Yearbook's table, in small: what its marks mean and what stops it. Figures are invented."""

from __future__ import annotations

from datetime import date

import pytest

from sources.model.artifact import LayoutError, TruncatedError, UnknownLabelError
from sources.snapshot.build.workbook import workbook
from tests.helpers.artifacts import artifact, parse, reasons

ABOVE = {
    "A1": [("TABLE 8", False)],
    "A2": [("RARE EARTHS: WORLD MINE PRODUCTION, BY COUNTRY OR LOCALITY", False), ("1", True)],
    "A4": [("(Metric tons, rare-earth oxide equivalent)", False)],
    "A6": [("Country or locality", False), ("2", True)],
    **{f"{column}6": [(year, False)] for column, year in zip("CEGIK", range(2018, 2023), strict=True)},
}
FOOTNOTES = (
    [("e", True), ("Estimated.  ", False), ("r", True), ("Revised.  -- Zero.", False)],
    [("3", True), ("Official production quota. Something more.", False)],
    [("5", True), ("Rare-earth oxide content of exports.", False)],
    [("6", True), ("Includes bastnaesite only.", False)],
)
TOTAL = ("Total", *[100] * 5)
VALUES, MARKS = "CEGIK", "DFHJL"


def table(*rows, total=TOTAL, footnotes=FOOTNOTES, above=ABOVE, beside=None):
    """Rows as name (or name and mark), then five figures; a figure is a value or a value and a mark beside it."""
    cells = dict(above)
    number = 7
    for name, *figures in (*rows, *([total] if total else [])):
        base, mark = name if isinstance(name, tuple) else (name, "")
        cells[f"A{number}"] = [(base, False), *([(mark, True)] if mark else [])]
        for column, marks, figure in zip(VALUES, MARKS, figures, strict=True):
            value, beside_it = figure if isinstance(figure, tuple) else (figure, "")
            if value is not None:
                cells[f"{column}{number}"] = [(value, False)]
            if beside_it:
                cells[f"{marks}{number}"] = [(beside_it, True)]
        number += 1
    cells |= {f"A{number + i}": note for i, note in enumerate(footnotes)}
    return workbook("T8", cells | (beside or {}))


def read(folder, *rows, **known):
    data = table(*rows, **known)
    return parse(artifact(folder, data, source_code="usgs_myb", layout="myb2022_t8", name="myb.xlsx"))


def figure(table, country, year):
    return next(
        r for r in table.frame.iter_rows(named=True) if (r["country_label"], r["year"]) == (country, year)
    )  # fmt: skip


def test_a_mark_beside_a_figure_speaks_of_that_figure(tmp_path):
    russia = read(tmp_path, ("Russia", 10, 20, 30, (40, "r"), (50, "e")))
    assert [figure(russia, "Russia", year)["value_status"] for year in (2018, 2021, 2022)] == [
        "reported", "reported", "estimated",
    ]  # fmt: skip
    assert [figure(russia, "Russia", year)["is_revised"] for year in (2020, 2021)] == [False, True]


def test_a_mark_on_the_name_speaks_of_every_year_of_the_row(tmp_path):
    australia = read(tmp_path, (("Australia", "e"), 10, 20, 30, 40, 50))
    assert set(australia.frame.filter(country_code="AUS")["value_status"]) == {"estimated"}


def test_two_marks_on_a_name_are_read_apart(tmp_path):
    thailand = figure(read(tmp_path, (("Thailand", "e, 5"), 10, 20, 30, 40, 50)), "Thailand", 2020)
    assert (thailand["value_status"], thailand["basis_code"]) == ("estimated", "content_of_exports")


def test_a_quota_may_be_estimated_too(tmp_path):
    china = read(tmp_path, (("China", "3"), 10, 20, 30, 40, (50, "e")))
    assert {r["basis_code"] for r in china.frame.filter(country_code="CHN").iter_rows(named=True)} == {"quota"}
    assert figure(china, "China", 2021)["value_status"] == "reported"
    assert figure(china, "China", 2022)["value_status"] == "estimated"


def test_a_mark_that_is_stored_as_a_number_is_the_same_mark(tmp_path):
    usa = read(tmp_path, ("United States", 10, 20, 30, (40, 6), (50, "6")))
    assert figure(usa, "United States", 2021)["note"] == figure(usa, "United States", 2022)["note"]
    assert figure(usa, "United States", 2021)["value_status"] == "reported"


def test_a_dash_is_zero_even_in_an_estimated_row(tmp_path):
    burundi = figure(read(tmp_path, (("Burundi", "e"), 10, 20, 30, 40, "--")), "Burundi", 2022)
    assert (burundi["value_t"], burundi["value_status"], burundi["value_raw"]) == (0.0, "zero", "--")


def test_the_total_is_the_world_and_no_country(tmp_path):
    world = figure(read(tmp_path, ("India", 10, 20, 30, 40, 50)), "Total", 2022)
    assert (world["scope"], world["country_code"], world["value_t"]) == ("world", None, 100.0)
    assert (world["period_type"], world["period_start"]) == ("calendar_year", date(2022, 1, 1))


def test_an_empty_cell_is_set_aside_and_not_zero(tmp_path):
    india = read(tmp_path, ("India", 10, None, 30, 40, 50))
    assert reasons(india) == {"unreadable_value": 1}
    assert "India 2019" in india.rejects["detail"][0]
    assert india.rows_parsed == 10


def test_a_mark_without_a_footnote_stops_the_load_by_name(tmp_path):
    with pytest.raises(UnknownLabelError, match="India 2021 with 'q'"):
        read(tmp_path, ("India", 10, 20, 30, (40, "q"), 50))


def test_a_footnote_of_new_words_stops_the_load_and_changes_nothing_in_silence(tmp_path):
    footnotes = ([("3", True), ("Includes stockpiles.", False)],)
    with pytest.raises(UnknownLabelError, match=r"China 2018 with '3'.*Includes stockpiles"):
        read(tmp_path, (("China", "3"), 10, 20, 30, 40, 50), footnotes=footnotes)


def test_a_number_means_what_its_own_sheet_says_of_it(tmp_path):
    """Another edition numbers its footnotes differently."""
    footnotes = ([("3", True), ("Rare-earth oxide content of exports.", False)],)
    china = read(tmp_path, (("China", "3"), 10, 20, 30, 40, 50), footnotes=footnotes)
    assert figure(china, "China", 2018)["basis_code"] == "content_of_exports"


@pytest.mark.parametrize("name", ["Indai", "Indiae", "China3"])
def test_a_misspelt_country_or_one_with_its_mark_glued_to_it_stops_the_load_by_name(tmp_path, name):
    with pytest.raises(UnknownLabelError, match=repr(name)):
        read(tmp_path, (name, 10, 20, 30, 40, 50))


def test_a_table_without_its_total_is_refused_as_cut(tmp_path):
    with pytest.raises(TruncatedError, match="no printed total"):
        read(tmp_path, ("India", 10, 20, 30, 40, 50), total=None)


def test_another_unit_stops_the_load(tmp_path):
    above = ABOVE | {"A4": [("(Kilograms, rare-earth oxide equivalent)", False)]}
    with pytest.raises(LayoutError, match="does not say"):
        read(tmp_path, ("India", 10, 20, 30, 40, 50), above=above)


def test_another_edition_is_refused_naming_the_years_gained_and_lost(tmp_path):
    above = ABOVE | {"C6": [(2023, False)]}
    with pytest.raises(LayoutError, match=r"lost \['2018'\], gained \['2023'\]"):
        read(tmp_path, ("India", 10, 20, 30, 40, 50), above=above)


def test_a_figure_under_no_year_stops_the_load(tmp_path):
    with pytest.raises(LayoutError, match="row 7"):
        read(tmp_path, ("India", 10, 20, 30, 40, 50), beside={"N7": [(99, False)]})


def test_figures_without_a_name_stop_the_load(tmp_path):
    with pytest.raises(LayoutError, match="row 8"):
        read(tmp_path, ("India", 10, 20, 30, 40, 50), ("", 1, 2, 3, 4, 5))


def test_a_country_that_stands_twice_is_refused(tmp_path):
    india = ("India", 10, 20, 30, 40, 50)
    with pytest.raises(LayoutError, match="share a key"):
        read(tmp_path, india, india)
