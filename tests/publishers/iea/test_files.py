"""The outlook of 2025: 128 figures of magnet rare earths.

Citation: IEA (2025), Critical Minerals Data Explorer, CC BY 4.0.
"""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.helpers.artifacts import bundled, content, copy_of, parse, parsed, reasons

NAME = "iea_magnet_rare_earths_2025.json"


def kt(measure: str, year: int, **where: str) -> float:
    rows = parsed(NAME).frame.filter(
        pl.col("outlook_measure") == measure, pl.col("period_start").dt.year() == year,
        *(pl.col(column) == value for column, value in where.items()),
    )  # fmt: skip
    return float(rows["value_kt"].item())


def test_every_figure_is_a_row_known_from_21_may_2025():
    assert (parsed(NAME).frame.height, parsed(NAME).rejects.height) == (128, 0)
    assert (bundled()[NAME].known_from, bundled()[NAME].known_basis) == (date(2025, 5, 21), "stated")


@pytest.mark.parametrize(
    ("measure", "china", "world", "percent"), [("mining", 45.787, 75.099, 61), ("refining", 73.757, 80.805, 91)]
)
def test_china_mines_61_and_refines_91_percent_of_magnet_elements_in_2024(measure, china, world, percent):
    assert (round(kt(measure, 2024, country_code="CHN"), 3), round(kt(measure, 2024, scope="world"), 3)) == (
        china, world,
    )  # fmt: skip
    assert round(100 * kt(measure, 2024, country_code="CHN") / kt(measure, 2024, scope="world")) == percent


def test_demand_of_2024_is_90_9_kilotonnes_of_which_wind_and_electric_vehicles_18_9():
    assert round(kt("demand", 2024, magnet_use="all_uses"), 1) == 90.9
    assert round(kt("demand", 2024, magnet_use="clean_energy"), 1) == 18.9
    assert kt("demand", 2050, magnet_use="electric_vehicles", outlook_scenario="NZE") == 54.024404999999994


def test_australia_refines_none_in_2024():
    row = parsed(NAME).frame.filter(
        pl.col("country_code") == "AUS", pl.col("outlook_measure") == "refining", pl.col("value_kt") == 0
    )
    assert row.select("period_start", "value_status", "value_raw").rows() == [(date(2024, 1, 1), "zero", "0.0")]


def test_the_whole_file_has_the_same_figures_and_two_lines_of_prose(publisher_files, tmp_path):
    data = (publisher_files / "other" / "iea" / "iea.json").read_bytes()
    table = parse(copy_of(bundled()[NAME], tmp_path, data))
    assert reasons(table) == {"note": 8}  # two lines, four years
    assert content(table.frame).equals(content(parsed(NAME).frame))
