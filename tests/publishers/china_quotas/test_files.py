"""China's quotas, 2010 to 2024, as public pages quote them."""

from __future__ import annotations

import polars as pl
import pytest

from sources.model.feeds import CLOSED_LISTS, QUOTAS
from tests.helpers.artifacts import parsed
from tests.helpers.violators import assert_same

FILE = "quotas_2010_2024.csv"


def figure(year: int, quota_type: str, earths: str = "all", batch: str = "year") -> dict:
    wanted = {"year": year, "quota_type": quota_type, "earths": earths, "batch": batch}
    rows = parsed(FILE).frame.filter(**wanted)
    assert rows.height == 1, wanted
    return rows.row(0, named=True)


PRINTED = {
    # the page of each figure is in its row
    (2024, "mining", "all", "year"): 270_000,
    (2024, "smelting_separation", "all", "year"): 254_000,
    (2024, "mining", "all", "second"): 135_000,
    (2023, "mining", "all", "year"): 255_000,
    (2023, "mining", "all", "third"): 15_000,
    (2023, "smelting_separation", "all", "year"): 243_850,
    (2022, "smelting_separation", "all", "first"): 97_200,
    (2021, "mining", "light", "year"): 148_850,
    (2020, "mining", "medium_heavy", "first"): 9_575,
    (2013, "mining", "light", "first"): 37_950,
    (2011, "smelting_separation", "all", "year"): 90_400,
}
"""Year, type, earths and batch: tonnes."""


def test_a_quota_is_as_its_page_prints_it():
    def got(key):
        return tuple(figure(*key)[column] for column in ("value_t", "value_status", "basis_code", "value_raw"))

    assert_same({key: (tonnes, "reported", None, f"{tonnes:,}") for key, tonnes in PRINTED.items()}, got)


@pytest.mark.parametrize(
    ("year", "earths", "batch", "tonnes", "basis"),
    [
        (2010, "all", "year", 89_200, "derived_by_difference"),
        (2012, "all", "year", 93_800, "derived_by_ratio"),
        (2014, "light", "year", 87_100, "derived_by_difference"),
        (2023, "medium_heavy", "year", 19_150, "derived_by_difference"),
        (2023, "all", "second", 120_000, "derived_by_difference"),
    ],
)
def test_a_figure_that_no_page_prints_says_so(year, earths, batch, tonnes, basis):
    got = figure(year, "mining", earths, batch)
    assert (got["value_t"], got["value_status"], got["basis_code"]) == (tonnes, "estimated", basis)


def test_every_row_is_loaded_and_only_those_five_are_derived():
    table = parsed(FILE)
    assert (table.frame.height, table.rejects.height) == (65, 0)
    assert dict(table.frame.schema) == QUOTAS
    assert table.frame.filter(pl.col("value_status") == "estimated").height == 5
    assert set(table.frame["basis_code"].drop_nulls()) <= set(CLOSED_LISTS["basis_code"])


def test_no_year_of_mining_is_missing_but_2015():
    years = parsed(FILE).frame.filter(quota_type="mining", earths="all", batch="year")["year"].to_list()
    assert years == [year for year in range(2010, 2025) if year != 2015]


def test_light_and_medium_heavy_earths_add_up_to_all():
    per_batch = parsed(FILE).frame.pivot("earths", index=["quota_type", "year", "batch"], values="value_t")
    whole = per_batch.drop_nulls()
    assert whole.height == 13
    assert whole.filter(pl.col("light") + pl.col("medium_heavy") != pl.col("all")).is_empty()


@pytest.mark.parametrize(("year", "quota_type"), [(2023, "mining"), (2024, "mining"), (2024, "smelting_separation")])
def test_batches_add_up_to_their_year(year, quota_type):
    rows = parsed(FILE).frame.filter(
        pl.col("year") == year, pl.col("quota_type") == quota_type, pl.col("earths") == "all"
    )
    batches = rows.filter(pl.col("batch") != "year")["value_t"].sum()
    assert batches == figure(year, quota_type)["value_t"]


def test_every_figure_names_its_page():
    assert parsed(FILE).frame.filter(~pl.col("page_url").str.contains(r"^https?://[^ ]+$")).is_empty()
