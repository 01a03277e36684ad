"""The workbook of a release: the same rows give the same bytes, and numbers look like what they are."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from warehouse.release.catalogue import Table
from warehouse.release.units import unit_of
from warehouse.release.workbook import Source, View, write_workbook

ABOUT = {
    "version": "2026.11.27.1",
    "schema_version": "3.1.0",
    "built_at": datetime(2026, 11, 27, 12, tzinfo=UTC),
    "content_hash": "9f2c",
    "as_of_day": date(2026, 11, 26),
}
ROWS = pl.DataFrame(
    {
        "period_start": [date(2024, 1, 1), None],
        "year": pl.Series([2024, 2025], dtype=pl.Int32),
        "product_key": ["HS:2846", "=1+1"],
        "imports_usd": [1234567.5, None],
        "china_value_share": [0.25, 0.5],
    }
)
FIRST_DAY = datetime.combine(date(2024, 1, 1), time())
SOURCE = Source("Comtrade", "United Nations", "free with attribution", "small extracts", "UN Comtrade", "https://x.org")


def view() -> View:
    table = Table(
        schema="bi",
        name="imports",
        description="Imports.",
        grain="One year.",
        key=("year",),
        cadence="yearly",
        usage_warnings=(),
        columns=dict.fromkeys(ROWS.columns, "What it is."),
        sums={"things": ["product_key"], "additive": {"imports_usd": []}, "by_thing": ["china_value_share"]},
    )
    return View(table, ROWS)


def test_the_same_rows_of_the_same_release_give_the_same_bytes(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one.xlsx", "other.xlsx")]
    for file in files:
        write_workbook(file, [view()], [SOURCE], ABOUT)
    assert files[0].read_bytes() == files[1].read_bytes()
    write_workbook(files[1], [view()], [SOURCE], ABOUT | {"version": "2026.11.27.2"})
    assert files[0].read_bytes() != files[1].read_bytes()


def test_cells_have_the_type_and_the_format_of_their_column(tmp_path: Path) -> None:
    write_workbook(tmp_path / "book.xlsx", [view()], [SOURCE], ABOUT)
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["imports"]
    assert [cell.value for cell in sheet[2]] == [FIRST_DAY, 2024, "HS:2846", 1234567.5, 0.25]
    assert [cell.value for cell in sheet[3]] == [None, 2025, "=1+1", None, 0.5], "a text is never a formula"
    assert sheet["C3"].data_type == "s"
    widths = [sheet.column_dimensions[letter] for letter in "ABCDE"]
    assert all(9 <= width.width <= 50 for width in widths)
    assert [cell.number_format for cell in sheet[2]] == ["yyyy-mm-dd", "General", "General", "#,##0", "0.0%"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:E3"


@pytest.mark.parametrize(
    ("column", "data_type", "unit"),
    [
        ("value_usd", "double", "US$"),
        ("price_usd_per_kg_low", "double", "US$ per kg"),
        ("production_t_reo", "double", "t of rare-earth oxide"),
        ("imports_kg", "double", "kg"),
        ("n_held", "integer", "count"),
        ("share_basis", "varchar", None),
        ("year", "integer", None),
        ("has_weight", "boolean", None),
    ],
)
def test_a_unit_is_read_from_the_name_of_a_number(column, data_type, unit) -> None:
    assert unit_of(column, data_type) == unit
