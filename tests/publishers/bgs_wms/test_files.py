"""Figures of BGS World Mineral Statistics, from a user's own download only: its terms keep it out of the bundle.

Citation: World Mineral Statistics contributed by permission of the British Geological Survey. Skipped without
REE_PUBLISHER_FILES. A few figures are quoted here to hold the parser against; they are no data set.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sources.model.source import ParsedTable
from tests.helpers.artifacts import artifact, parse, parsed


@pytest.fixture(scope="session")
def download(publisher_files: Path, scratch: Path) -> ParsedTable:
    data = (publisher_files / "bgs" / "BGS_REs_production.csv").read_bytes()
    return parse(artifact(scratch, data, source_code="bgs_wms", layout="bgs_csv_xy", partition="BGS WMS"))


def figure(table: ParsedTable, country: str, year: int, series: str = "rare_earth_oxides") -> dict:
    rows = table.frame.filter(pl.col("year") == year, pl.col("series") == series)
    return rows.row(by_predicate=pl.col("country_code") == country, named=True)


def test_every_record_is_a_row_and_none_is_set_aside(download):
    assert (download.frame.height, download.rejects.height) == (639, 0)
    by_list = download.frame.group_by(pl.col("series").str.split("/").list.first().alias("list")).len().sort("list")
    assert by_list.rows() == [("rare_earth_minerals", 375), ("rare_earth_oxides", 264)]


def test_statuses_are_as_the_notes_and_marks_say(download):
    assert dict(download.frame.group_by("value_status").len().iter_rows()) == {
        "reported": 385, "estimated": 179, "zero": 70, "not_available": 5,
    }  # fmt: skip


def test_india_is_put_at_4200_where_the_usgs_says_2900(download):
    india = figure(download, "IND", 2021)
    assert (india["value_t"], india["value_status"]) == (4_200.0, "estimated")
    assert (india["period_start"], india["period_end"]) == (date(2021, 4, 1), date(2022, 3, 31))
    usgs = parsed("myb1-2022-raree-ert.xlsx").frame.filter(country_code="IND", year=2021)
    assert usgs["value_t"].item() == 2_900.0


@pytest.mark.parametrize("year", [2021, 2022])
def test_the_united_states_are_put_at_60_percent_of_the_usgs_figure(download, year):
    usgs = parsed("myb1-2022-raree-ert.xlsx").frame.filter(country_code="USA", year=year)["value_t"].item()
    assert figure(download, "USA", year)["value_t"] == pytest.approx(0.6 * usgs)


@pytest.mark.parametrize("year", range(1992, 1997))
def test_until_1996_the_united_states_are_put_at_the_whole_usgs_figure(download, year):
    """Data Series 140 rounds to three digits: 17,754 here is 17,800 there."""
    usgs = parsed("usgs_ds140_rare_earths_2020.xlsx").frame.filter(country_code="USA", year=year)["value_t"].item()
    assert figure(download, "USA", year)["value_t"] == pytest.approx(usgs, abs=50)


@pytest.mark.parametrize("year", [2012, 2013, 2014, 2015])
def test_from_2012_on_they_are_put_at_60_percent_of_it(download, year):
    usgs = parsed("usgs_ds140_rare_earths_2020.xlsx").frame.filter(country_code="USA", year=year)["value_t"].item()
    assert figure(download, "USA", year)["value_t"] == pytest.approx(0.6 * usgs)


def test_australia_is_of_years_to_june_from_2009_on_and_of_calendar_years_before(download):
    australia = download.frame.filter(country_code="AUS", series="rare_earth_oxides").sort("year")
    fiscal = australia.filter(pl.col("period_type") == "fiscal_year")
    assert fiscal["year"].to_list() == list(range(2009, 2024))
    assert fiscal.filter(year=2019).select("period_start", "period_end").row(0) == (date(2018, 7, 1), date(2019, 6, 30))


def test_all_of_indias_years_are_fiscal_but_three_that_carry_no_note(download):
    calendar = download.frame.filter(pl.col("country_code") == "IND", pl.col("period_type") == "calendar_year")
    assert sorted(calendar["year"]) == [1975, 1996, 1997]
    assert set(calendar["series"]) == {"rare_earth_minerals/monazite"}


def test_oxide_content_stands_among_the_minerals_of_three_countries_only(download):
    content = download.frame.filter(pl.col("series") != "rare_earth_oxides", pl.col("unit_basis") == "reo")
    assert set(content["country_code"]) == {"USA", "CHN", "SUN"}
    assert set(content["basis_code"]) == {"assumed_content", "nominal_capacity"}


def test_the_two_lists_repeat_each_other_and_may_not_be_added(download):
    """China, 1993: 22,100 t in both."""
    both = [
        figure(download, "CHN", 1993, s)["value_t"] for s in ("rare_earth_oxides", "rare_earth_minerals/unspecified")
    ]
    assert both == [22_100.0, 22_100.0]


def test_former_countries_are_not_their_successors(download):
    former = download.frame.filter(pl.col("country_code").is_in(["SUN", "ZAR"]))
    assert former.group_by("country_code").agg(pl.col("year").max()).sort("country_code").rows() == [
        ("SUN", 1992), ("ZAR", 1991),
    ]  # fmt: skip
