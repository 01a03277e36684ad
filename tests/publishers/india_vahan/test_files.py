"""Electric vehicles registered in India, by four pages that quote VAHAN."""

from __future__ import annotations

import csv
from datetime import date

import polars as pl
import pytest

from tests.helpers.artifacts import all_rows, bundled, parsed


def registered(name: str, start: date, use_class: str) -> float:
    frame = parsed(name).frame.filter(pl.col("period_start") == start, pl.col("use_class") == use_class)
    return float(frame["deployed"].item())


def test_every_figure_is_a_row_known_from_the_day_of_its_page():
    assert all_rows("extract_registrations").height == 22
    pages = {name: offer for name, offer in bundled().items() if name.startswith("vahan_")}
    assert {name: offer.known_from.isoformat() for name, offer in pages.items()} == {
        f"vahan_{day}.csv": day for day in ("2022-08-05", "2023-02-03", "2024-08-02", "2026-03-10")
    }
    assert [name for name, offer in pages.items() if offer.known_basis == "assumed"] == ["vahan_2023-02-03.csv"]


@pytest.mark.parametrize(
    ("year", "vehicles"), [(2019, 173_604), (2020, 142_383), (2021, 459_058), (2022, 1_183_341), (2023, 1_681_127)]
)
def test_vehicles_of_five_fiscal_years(year, vehicles):
    # Ministry of Heavy Industries, PIB PRID 2040885, 2 August 2024
    assert registered("vahan_2024-08-02.csv", date(year, 4, 1), "all") == vehicles


def test_classes_of_fiscal_2021_22_add_up_to_what_the_page_prints_and_to_less_than_the_register_of_2024():
    # Swarajya, 5 August 2022: 4,28,224
    classes = ("two_wheeler", "three_wheeler", "four_wheeler")
    added = sum(registered("vahan_2022-08-05.csv", date(2021, 4, 1), name) for name in classes)
    assert added == 428_224 < registered("vahan_2024-08-02.csv", date(2021, 4, 1), "all")


def test_figures_are_those_of_the_collections_tables(publisher_files):
    listed: list[float] = []
    for name, column in (
        ("india_ev_registrations_vahan_transcribed.csv", "registered_evs"),
        ("india_ev_registrations_by_class_transcribed.csv", "registered"),
    ):
        with (publisher_files / "demand" / name).open(encoding="utf-8", newline="") as text:
            listed += [float(record[column]) for record in csv.DictReader(text)]
    assert sorted(all_rows("extract_registrations")["deployed"]) == sorted(listed)
