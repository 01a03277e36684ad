"""India's monthly imports of the six lines of 2846 in kilograms, and the sum of a quarter, as printed."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sources.model.artifact import UnknownLabelError
from tests.helpers.artifacts import all_rows, bundled, parse, parsed, reasons, table
from tests.helpers.violators import assert_none
from tests.publishers.india_tradestat.builders import tradestat

YEARS = range(2018, 2027)
WORLD = pl.col("is_partner_world")
LINE = ["hs_code", "period_start"]
MONTHS = "extract_meidb_lines_month_kg"
RANGE = "extract_meidb_lines_range_kg"
COLUMNS = ["period", "flow", "hs8", "partner_country", "quantity", "unit", "flag", "report_month", "report_dated"]


def rows_of(path: Path) -> list[dict[str, str]]:
    """The records of a CSV file by the names of its columns."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def months_of(year: int, report: str = "lines_month_kg") -> list[dict[str, str]]:
    """The records of a bundled year of months."""
    return rows_of(bundled()[f"meidb_2846_{report}_{year}.csv"].path)


def kilograms(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The sum of each group, groups of nothing but 0 left out."""
    return (
        rows.group_by(by)
        .agg(pl.col("net_weight_kg").sum().alias("kg"))
        .filter(pl.col("kg") > 0)
        .sort(by)
        .select(*by, "kg")
    )


@pytest.mark.parametrize(
    ("month", "china"), [(date(2020, 1, 1), 118_358), (date(2024, 7, 1), 50_802), (date(2026, 6, 1), 40_705)]
)
def test_india_imported_of_china_in_a_month(month, china):
    # TradeStat MEIDB, reports of January 2021, July 2025 and June 2026, quantity, six lines of 2846, CHINA P RP
    rows = all_rows(MONTHS).filter(pl.col("partner_code") == "CHN", pl.col("period_start") == month)
    assert rows["net_weight_kg"].sum() == china


def test_every_line_of_every_month_has_a_printed_total_that_its_partners_add_up_to():
    rows = all_rows(MONTHS)
    printed = rows.filter(WORLD)
    assert printed.height == 6 * 102
    assert printed["period_start"].n_unique() == 102
    assert printed.group_by("period_start").len()["len"].unique().to_list() == [6]
    is_kept = ~pl.col("period_start").is_between(date(2023, 4, 1), date(2024, 3, 1))
    assert printed.filter(is_kept).height == 6 * 90
    assert kilograms(rows.filter(~WORLD), LINE).equals(kilograms(printed.filter(is_kept), LINE))


def test_partners_of_the_mislabelled_months_are_set_aside_and_they_add_up_to_the_totals_that_stay():
    tables = [parsed(f"meidb_2846_lines_month_kg_{year}.csv") for year in YEARS]
    assert [reasons(read) for read in tables] == [
        {"suspect_partner_labels": n} if n else {} for n in (0, 0, 0, 0, 0, 38, 12, 0, 0)
    ]
    stated = [row for year in (2023, 2024) for row in months_of(year)]
    spoilt = [row for row in stated if "2023-04" <= row["period"] <= "2024-03"]
    added = sum(int(row["quantity"]) for row in spoilt if row["partner_country"] != "Total (printed)")
    assert added == sum(int(row["quantity"]) for row in spoilt if row["partner_country"] == "Total (printed)") > 0


@pytest.mark.parametrize("year", [2018, 2019, 2020, 2021, 2022, 2025])
def test_months_add_up_to_the_printed_calendar_year_in_every_cell(year):
    cell = ["hs_code", "partner_code"]
    months = kilograms(parsed(f"meidb_2846_lines_month_kg_{year}.csv").frame, cell)
    assert months.equals(kilograms(parsed(f"meidb_2846_lines_kg_{year}.csv").frame, cell))


def test_the_first_quarter_of_2024_and_the_later_months_add_up_to_the_calendar_year_in_every_cell():
    cell = ["hs_code", "partner_code"]
    quarter = parsed("meidb_2846_lines_range_kg_2024.csv").frame
    later = parsed("meidb_2846_lines_month_kg_2024.csv").frame.filter(pl.col("period_start") >= date(2024, 4, 1))
    both = kilograms(pl.concat([quarter, later]), cell)
    assert both.equals(kilograms(parsed("meidb_2846_lines_kg_2024.csv").frame, cell))
    # January to April 2024 less April 2024, report of April 2024: China 119,534 of 207,875 kg
    assert quarter.filter(pl.col("partner_code") == "CHN")["net_weight_kg"].sum() == 119_534
    assert quarter.filter(WORLD)["net_weight_kg"].sum() == 207_875


def test_the_quarter_is_one_period_that_says_it_is_derived_and_its_months_have_the_same_totals():
    quarter = parsed("meidb_2846_lines_range_kg_2024.csv").frame
    assert quarter.select("period_type", "period_start", "period_end", "basis_code", "weight_rounding_kg").unique(
    ).rows() == [("month_range", date(2024, 1, 1), date(2024, 3, 31), "derived_by_difference", 1.0)]  # fmt: skip
    months = parsed("meidb_2846_lines_month_kg_2024.csv").frame.filter(WORLD, pl.col("period_start") < date(2024, 4, 1))
    assert kilograms(months, ["hs_code"]).equals(kilograms(quarter.filter(WORLD), ["hs_code"]))


def test_the_letter_behind_the_month_says_whether_it_is_revised():
    rows = all_rows(MONTHS)
    assert rows.filter(~pl.col("is_revised"))["period_start"].unique().sort().to_list() == [
        date(2026, month, 1) for month in (4, 5, 6)
    ]


def test_a_line_without_imports_is_less_than_half_a_kilogram_and_a_cell_that_is_none_is_set_aside(tmp_path):
    rows = [
        ["2025-01", "import", "28469020", "Total (printed)", "0", "KGS", "R", "2026-01", "2026-09-15"],
        ["2025-13", "import", "28469020", "JAPAN", "7", "KGS", "R", "2026-01", "2026-09-15"],
        ["2025-02", "import", "28469020", "JAPAN", "-", "KGS", "R", "2026-02", "2026-09-15"],
    ]
    read = parse(tradestat(tmp_path, table(COLUMNS, *rows), MONTHS))
    assert read.frame.select("weight_status", "net_weight_kg", "weight_rounding_kg").rows() == [("at_most", None, 0.5)]
    assert reasons(read) == {"unreadable_value": 2}


def test_a_letter_that_the_portal_does_not_have_stops_the_load(tmp_path):
    row = ["2025-01", "import", "28469020", "JAPAN", "7", "KGS", "X", "2026-01", "2026-09-15"]
    with pytest.raises(UnknownLabelError, match="'X'"):
        parse(tradestat(tmp_path, table(COLUMNS, row), MONTHS))


def test_two_reports_that_print_one_month_say_the_same(publisher_files):
    stated: dict[tuple[str, ...], set[str]] = {}
    twice = 0
    for path in sorted((publisher_files / "india_tradestat").glob("meidb_2846_kg_monthly_*.csv")):
        for row in rows_of(path):
            figures = stated.setdefault(tuple(row[name] for name in ("flow", "hs8", "partner_label", "period")), set())
            twice += bool(figures)
            figures.add(row["kg"])
    assert twice > 50
    assert_none(f"{of}: {figures}" for of, figures in stated.items() if len(figures) > 1)
    bundled_rows = {
        "import": [row for year in YEARS for row in months_of(year)],
        "export": [row for year in YEARS for row in months_of(year, "export_lines_month_kg")],
    }
    for flow, rows in bundled_rows.items():
        assert len(rows) == sum(of[0] == flow for of in stated)
