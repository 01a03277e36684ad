"""Gate 1 of production tables: the real ones pass, and each rule finds what it is for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sources.model.artifact import Artifact
from sources.model.source import ParsedTable
from tests.helpers.artifacts import artifact, bundled, parse, parsed
from warehouse.quality.gates import judge_load

pytestmark = pytest.mark.thorough

MYB = "myb1-2022-raree-ert.xlsx"
DS140 = "usgs_ds140_rare_earths_2020.xlsx"


def failed(read: Artifact, table: ParsedTable, frame: pl.DataFrame | None = None) -> set[str]:
    """Names of the rules that fail, or cannot be evaluated, for these rows."""
    judged = ParsedTable(table.spec, table.frame if frame is None else frame, table.rejects)
    return {result.rule for result in judge_load([(read, judged)]) if not result.success}


def of(name: str, change: pl.Expr | None = None, where: pl.Expr | None = None) -> set[str]:
    """Failures of a bundled table after a change; without one, after losing the rows of `where`."""
    read, table = bundled()[name], parsed(name)
    if change is None:
        return failed(read, table, None if where is None else table.frame.filter(~where.fill_null(value=False)))
    column = change.meta.output_name()
    changed = pl.when(where).then(change).otherwise(pl.col(column)) if where is not None else change
    return failed(read, table, table.frame.with_columns(changed.cast(table.frame.schema[column]).alias(column)))


def here(country: str, year: int) -> pl.Expr:
    return (pl.col("country_code") == country) & (pl.col("year") == year)


@pytest.mark.parametrize("name", [MYB, DS140, "MCS2025_World_Data.csv"])
def test_a_bundled_table_passes_every_rule(name):
    assert of(name) == set()


def test_a_lost_country_of_the_yearbook_is_found():
    assert {
        "china_and_india_are_in_every_table",
        "production_adds_up_to_the_printed_world_within_5_percent",
    } <= of(MYB, where=pl.col("country_code") == "CHN")


def test_a_figure_of_the_yearbook_with_a_digit_too_many_is_found():
    assert "production_adds_up_to_the_printed_world_within_5_percent" in of(
        MYB, pl.col("value_t") * 10, here("USA", 2022)
    )
    assert "china_mines_the_most" in of(MYB, pl.col("value_t") * 10, here("USA", 2022))


def test_a_cell_the_yearbook_lost_is_found():
    assert "every_country_has_every_year" in of(MYB, where=here("BRA", 2020))


def test_a_total_that_is_not_rounded_is_found():
    world = (pl.col("scope") == "world") & (pl.col("year") == 2022)
    assert of(MYB, pl.col("value_t") + 420, world) == {"totals_are_rounded_to_three_digits"}


@pytest.mark.parametrize("name", [MYB, DS140])
def test_another_edition_under_a_partitions_name_is_found(name):
    assert "rows_are_of_the_partition_they_came_with" in of(name, pl.col("year") - 1)


def test_a_year_the_history_lost_is_found():
    assert "no_year_since_1900_is_left_out" in of(DS140, where=pl.col("year") == 1950)
    assert "each_year_has_the_united_states_and_the_world" in of(DS140, where=here("USA", 1950))


def test_columns_of_the_history_that_changed_places_are_found():
    swapped = pl.when(pl.col("scope") == "country").then(1.0e6).otherwise(pl.col("value_t")).alias("value_t")
    assert "the_united_states_do_not_mine_more_than_the_world" in of(DS140, swapped, pl.col("value_t").is_not_null())


def test_a_world_that_is_not_available_is_found():
    lost = pl.lit(None).alias("value_t")
    where = (pl.col("scope") == "world") & (pl.col("year") == 1950)
    assert "the_world_is_a_number_in_every_year" in of(DS140, lost, where)


def test_a_period_that_is_no_year_is_found():
    longer = pl.lit(date(2021, 1, 31)).alias("period_end")
    assert of(MYB, longer, here("IND", 2020)) == {"periods_are_twelve_months_that_begin_or_end_in_the_printed_year"}


@pytest.fixture(scope="session")
def bgs(publisher_files: Path, scratch: Path) -> tuple[Artifact, ParsedTable]:
    data = (publisher_files / "bgs" / "BGS_REs_production.csv").read_bytes()
    read = artifact(scratch, data, source_code="bgs_wms", layout="bgs_csv_xy", partition="BGS WMS")
    return read, parse(read)


def test_a_download_of_the_bgs_passes_every_rule(bgs):
    assert failed(*bgs) == set()


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("both_lists_are_there_where_the_partition_declares_both",
         lambda f: f.filter(pl.col("series") == "rare_earth_oxides")),
        ("china_is_in_every_year_of_the_oxides", lambda f: f.filter(~here("CHN", 2010))),
        ("no_year_of_a_list_is_left_out", lambda f: f.filter(pl.col("year") != 1985)),
        ("china_mines_the_most_oxides",
         lambda f: f.with_columns(pl.when(here("CHN", 2010)).then(1.0).otherwise("value_t").alias("value_t"))),
        ("oxides_are_never_gross_weight", lambda f: f.with_columns(pl.lit("gross").alias("unit_basis"))),
        ("indias_oxides_are_of_fiscal_years",
         lambda f: f.with_columns(pl.lit("calendar_year").alias("period_type"))),
        ("no_world_total_among_the_countries", lambda f: f.with_columns(pl.lit("world").alias("scope"))),
    ],
)  # fmt: skip
def test_a_damaged_download_of_the_bgs_is_found(bgs, rule, change):
    read, table = bgs
    assert rule in failed(read, table, change(table.frame))


@pytest.mark.parametrize(
    ("partition", "rule"),
    [
        ("BGS", "partitions_have_names_of_their_publisher"),
        ("BGS WMS/rare_earth_metals", "partitions_have_names_of_their_publisher"),
        ("BGS WMS/rare_earth_oxides", "rows_are_of_the_partition_they_came_with"),
    ],
)
def test_a_download_under_another_lists_name_is_found(bgs, partition, rule, scratch):
    read, table = bgs
    named = artifact(scratch, read.path.read_bytes(), source_code="bgs_wms", partition=partition)
    assert rule in failed(named, table)


def test_one_list_alone_passes_under_its_own_name(bgs, scratch):
    read, table = bgs
    named = artifact(
        scratch, read.path.read_bytes(), source_code="bgs_wms", partition="BGS WMS/rare_earth_oxides"
    )  # fmt: skip
    assert failed(named, table, table.frame.filter(pl.col("series") == "rare_earth_oxides")) == set()
