"""Figures of the Mineral Commodity Summaries as published, read from the bundled snapshot.

Citations: U.S. Geological Survey, Mineral Commodity Summaries data releases, rare earths: MCS 2022
doi:10.5066/P9KKMCP4, MCS 2023 P9WCYUI6, MCS 2024 P144BA54, MCS 2025 P13XCP3R, MCS 2026 P1WKQ63T.
"""

from __future__ import annotations

import polars as pl
import pytest

from sources.model.feeds import CLOSED_LISTS, MINERAL_STATISTICS
from tests.helpers.artifacts import parsed
from tests.helpers.violators import assert_same

FILES = {
    2022: "mcs2022-raree_world.csv",
    2023: "mcs2023-raree_world.csv",
    2024: "mcs2024-raree_world.csv",
    2025: "MCS2025_World_Data.csv",
    2026: "MCS2026_Commodities_Data.csv",
}


def rows(edition: int, measure: str, year: int) -> pl.DataFrame:
    return parsed(FILES[edition]).frame.filter(pl.col("measure") == measure, pl.col("year") == year)


def figure(edition: int, country: str, measure: str, year: int) -> dict:
    return rows(edition, measure, year).row(by_predicate=pl.col("country_code") == country, named=True)


def world(edition: int, measure: str, year: int) -> dict:
    return rows(edition, measure, year).row(by_predicate=pl.col("scope") == "world", named=True)


PUBLISHED = {
    (2022, "CHN", "production", 2020): (140_000, "reported", None),
    (2022, "CHN", "production", 2021): (168_000, "estimated", None),
    (2023, "CHN", "production", 2021): (168_000, "reported", "quota"),
    (2024, "CHN", "production", 2023): (240_000, "estimated", "quota"),
    (2025, "CHN", "production", 2023): (255_000, "reported", "quota"),
    (2025, "CHN", "production", 2024): (270_000, "estimated", "quota"),
    (2026, "CHN", "production", 2024): (270_000, "estimated", "quota"),
    (2026, "CHN", "production", 2025): (270_000, "estimated", None),
    (2026, "USA", "production", 2024): (45_500, "reported", None),
    (2022, "IND", "production", 2020): (2_900, "reported", None),
    (2023, "IND", "production", 2021): (2_900, "estimated", None),
    (2024, "IND", "production", 2023): (2_900, "estimated", None),
    (2025, "IND", "production", 2023): (2_900, "reported", None),
    (2026, "IND", "production", 2025): (2_900, "estimated", None),
    (2025, "IND", "reserves", 2024): (6_900_000, "reported", None),
    (2026, "IND", "reserves", 2025): (None, "not_available", None),
    (2026, "BRA", "reserves", 2025): (21_000_000, "reported", None),
    (2025, "MMR", "production", 2023): (43_000, "estimated", "derived_from_china_imports"),
}
"""Edition, country, measure and year: tonnes, status and basis."""


def test_a_figure_is_as_published():
    def got(key):
        return tuple(figure(*key)[column] for column in ("value_t", "value_status", "basis_code"))

    assert_same(PUBLISHED, got)


def test_world_reserves_of_2025_are_at_least_ninety_million_and_no_number():
    got = world(2025, "reserves", 2024)
    assert (got["value_t"], got["value_low_t"], got["value_high_t"]) == (None, 90_000_000.0, None)
    assert (got["value_status"], got["value_raw"]) == ("at_least", ">90000000")


def test_world_reserves_of_2026_are_at_least_eighty_five_million():
    assert world(2026, "reserves", 2025)["value_low_t"] == 85_000_000.0


def test_the_past_is_revised_from_one_edition_to_the_next():
    assert world(2024, "production", 2023)["value_t"] == 350_000.0
    assert world(2025, "production", 2023)["value_t"] == 376_000.0


def test_countries_of_2023_in_mcs_2024_sum_to_353_320_beside_a_printed_350_000():
    countries = rows(2024, "production", 2023).filter(pl.col("scope") == "country")
    assert countries["value_t"].sum() == 353_320.0
    assert world(2024, "production", 2023)["value_t"] == 350_000.0
    assert "other_countries" not in parsed(FILES[2024]).frame["scope"].to_list()


@pytest.mark.parametrize("year", [2023, 2024])
def test_mcs_2025_derives_exactly_seven_countries_from_chinas_imports(year):
    derived = rows(2025, "production", year).filter(pl.col("basis_code") == "derived_from_china_imports")
    assert set(derived["country_label"]) == {
        "Australia", "Burma", "Madagascar", "Malaysia", "Nigeria", "Thailand", "Vietnam",
    }  # fmt: skip


def test_a_blank_production_of_mcs_2025_is_zero():
    blank = rows(2025, "production", 2024).filter(pl.col("value_raw") == "")
    assert set(blank["country_code"]) == {"CAN", "GRL", "ZAF", "TZA"}
    assert blank["value_status"].unique().to_list() == ["zero"]
    assert blank["value_t"].unique().to_list() == [0.0]


def test_na_that_stands_in_the_notes_of_mcs_2025_is_not_available():
    absent = rows(2025, "reserves", 2024).filter(pl.col("value_status") == "not_available")
    assert set(absent["country_label"]) == {"Burma", "Madagascar", "Malaysia", "Nigeria", "Other Countries"}
    assert absent["value_raw"].unique().to_list() == ["NA"]


def test_a_note_of_mcs_2023_marks_only_the_countries_that_carry_it():
    of_2021 = rows(2023, "production", 2021).filter(pl.col("value_status") == "estimated")
    assert set(of_2021["country_code"]) == {"AUS", "BRA", "MMR", "BDI", "IND", "MDG", "RUS", "THA"}


def test_every_positive_country_figure_of_mcs_2024_is_estimated():
    production = parsed(FILES[2024]).frame.filter(pl.col("measure") == "production", pl.col("value_t") > 0)
    assert production["value_status"].unique().to_list() == ["estimated"]


def test_names_with_trailing_spaces_are_the_same_countries():
    assert figure(2025, "CAN", "reserves", 2024)["country_label"] == "Canada"
    assert figure(2025, "ZAF", "reserves", 2024)["value_t"] == 860_000.0


@pytest.mark.parametrize(("edition", "count"), [(2022, 34), (2023, 51), (2024, 48), (2025, 54), (2026, 54)])
def test_every_cell_of_an_edition_is_a_row_and_none_is_set_aside(edition, count):
    table = parsed(FILES[edition])
    assert (table.frame.height, table.rejects.height) == (count, 0)
    assert dict(table.frame.schema) == MINERAL_STATISTICS


@pytest.mark.parametrize("edition", FILES)
def test_statuses_and_bases_are_of_the_closed_lists_and_fit_their_numbers(edition):
    frame = parsed(FILES[edition]).frame
    assert set(frame["value_status"]) <= set(CLOSED_LISTS["value_status"])
    assert set(frame["basis_code"].drop_nulls()) <= set(CLOSED_LISTS["basis_code"])
    numbered = pl.col("value_status").is_in(["reported", "estimated", "zero"])
    assert frame.filter(numbered != pl.col("value_t").is_not_null()).is_empty()


@pytest.mark.parametrize("edition", FILES)
def test_only_a_countrys_row_has_a_country(edition):
    frame = parsed(FILES[edition]).frame
    assert frame.filter((pl.col("scope") == "country") != pl.col("country_code").is_not_null()).is_empty()
    assert frame.filter(pl.col("scope") == "world").height == frame.select("measure", "year").unique().height
