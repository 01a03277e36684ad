"""US imports of three headings since 1993: the extract in the bundle, and the publisher's own workbook."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import polars as pl
import pytest

from sources.model.artifact import LayoutError, TruncatedError, UnknownLabelError
from tests.helpers.artifacts import artifact, bundled, content, parse, parsed, records, table
from warehouse.quality.gates import judge_load

NAME = "imports_hts4_1993_2026.csv"
WORKBOOK = "other_customs/usitc_dataweb_us_imports_for_consumption_1993-2026.xlsx"
ABOUT = {
    "source_code": "usitc_dataweb",
    "partition": "DataWeb/M/HTS4",
    "year": 2026,
    "known_from": date(2026, 7, 10),
}


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return parsed(NAME).frame


def copy(folder, change):
    """The bundled table with a change of its records."""
    kept = records(bundled()[NAME].path.read_bytes())
    change(kept)
    return parse(artifact(folder, table(*kept[:1], *kept[1:]), layout="extract_dataweb_headings", **ABOUT))


def test_china_sold_12_047_397_kg_of_compounds_for_100_698_766_dollars_in_2025(rows):
    china = rows.filter(partner_code="CHN", hs_code="2846", period_start=date(2025, 1, 1))
    assert china.select("period_type", "period_end", "value_usd", "net_weight_kg").rows() == [
        ("calendar_year", date(2025, 12, 31), 100_698_766.0, 12_047_397.0),
        ("month_range", date(2025, 4, 30), 59_229_873.0, 5_314_236.0),
    ]


def test_january_to_april_2026_is_a_range_of_months_and_2026_no_year(rows):
    newest = rows.filter(period_start=date(2026, 1, 1))
    assert newest["period_type"].unique().to_list() == ["month_range"]
    china = newest.filter(partner_code="CHN", hs_code="2846")
    assert china.select("value_usd", "net_weight_kg").rows() == [(96_366_817.0, 4_301_236.0)]


def test_units_of_a_heading_are_parts_of_it(rows):
    magnets = rows.filter(
        partner_code="CHN", hs_code="8505", period_start=date(2025, 1, 1), period_type="calendar_year"
    )
    parts = magnets.sort("part_label").select("part_label", "value_usd", "net_weight_kg", "quantity", "weight_status")
    assert parts.rows() == [
        ("unit: kilograms", 74_061_130.0, 4_776_174.0, None, "reported"),
        ("unit: no units collected", 0.0, None, None, "zero"),
        ("unit: number", 344_128_552.0, None, 728_097_842.0, "not_available"),
    ]


def test_a_suppressed_quantity_is_withheld(rows):
    suppressed = rows.filter(weight_status="withheld")
    assert suppressed.select("partner_code", "hs_code", "period_start", "value_usd", "net_weight_kg").rows() == [
        ("CHN", "8505", date(2019, 1, 1), 102_668_713.0, None)
    ]


def test_customs_value_leaves_out_freight_and_partners_are_origins(rows):
    assert rows.select("flow", "valuation", "partner_basis", "code_country").unique().rows() == [
        ("import", "FOB", "origin", None)
    ]
    assert (rows.height, rows["partner_code"].n_unique()) == (5_461, 18)


def test_the_bundled_query_passes_gate_one():
    load = [(bundled()[NAME], parsed(NAME))]
    assert [result.rule for result in judge_load(load) if not result.success] == []


def test_the_publishers_workbook_says_the_same(rows, publisher_files, tmp_path):
    data = (publisher_files / WORKBOOK).read_bytes()
    read = parse(artifact(tmp_path, data, layout="dataweb_workbook", **ABOUT))
    assert content(read.frame, "layout_rank").equals(content(rows, "layout_rank"))


def workbook(change=None, trade_flow="Imports For Consumption") -> bytes:
    """A workbook of INVENTED figures: one country's compounds in two years."""
    book = openpyxl.Workbook()
    said = book.worksheets[0]
    said.title = "Query Parameters"
    for line in (
        ("Download Date", "2026-07-10 16:57:38"), ("Trade Flow", trade_flow), ("Classification System", "HTS Items"),
        ("Data Format", "1"), ("Timeframe Aggregation", "Year-to-Date"), ("Country Aggregation", "Break Out Countries"),
        ("Commodity Aggregation Level", "4"), ("Commodity Aggregation", "Break Out Commodities"),
    ):  # fmt: skip
        said.append(line)
    head = ["Data Type", "Country", "HTS Number", "Description", "Quantity Description"]
    for tail, is_to_date in (("", False), (" YTD", True)):
        years = [f"{year}{'_Year_to_date' if is_to_date else ''}" for year in (2025, 2026)]
        for kind, unit in (("Customs Value", "Value for: kilograms"), ("First Unit of Quantity", "kilograms")):
            sheet = book.create_sheet(kind + tail)
            sheet.append(["Imports For Consumption|Annual + Year-To-Date Data from Jan - Apr"])
            sheet.append(["Data Row Count", 2])
            is_quantity = kind != "Customs Value"
            sheet.append(head + years + [f"{year}_Suppressed" for year in years if is_quantity])
            figures = [5 if is_to_date else 9, 7 if is_to_date else 0] + [0, 0] * is_quantity
            sheet.append([kind, "China", "2846", "as described", unit, *figures])
            sheet.append([kind, "China", "7202", "as described", unit, *figures])
            sheet.append(["Total: "])
    if change:
        change(book)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def of(folder, data: bytes):
    return parse(artifact(folder, data, layout="dataweb_workbook", **ABOUT))


def test_a_workbook_is_read_by_its_sheets_and_the_year_of_its_download_has_no_annual_figure(tmp_path):
    frame = of(tmp_path, workbook()).frame
    assert frame.select("period_type", "period_start", "value_usd", "net_weight_kg").sort("value_usd").rows() == [
        ("month_range", date(2025, 1, 1), 5.0, 5.0),
        ("month_range", date(2026, 1, 1), 7.0, 7.0),
        ("calendar_year", date(2025, 1, 1), 9.0, 9.0),
    ]


def test_another_query_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="is of another query: its parameters say"):
        of(tmp_path, workbook(trade_flow="General Imports"))


def test_a_sheet_that_lacks_rows_is_refused(tmp_path):
    with pytest.raises(TruncatedError, match="counts 2 rows and has 1"):
        of(tmp_path, workbook(lambda book: book["Customs Value"].delete_rows(5)))


def test_another_column_is_refused(tmp_path):
    with pytest.raises(LayoutError, match=r"gained \['District'\]"):
        of(tmp_path, workbook(lambda book: book["Customs Value"].cell(3, 4, "District")))


def test_an_unknown_unit_or_country_is_refused_by_name(tmp_path):
    def in_carats(kept):
        for row in kept[1:]:
            row[4] = row[4].replace("number", "carats")

    with pytest.raises(UnknownLabelError, match=r"counts in \['carats'\]"):
        copy(tmp_path, in_carats)

    def atlantis(kept):
        for row in kept[1:]:
            row[2] = row[2].replace("Chile", "Atlantis")

    with pytest.raises(UnknownLabelError, match="Atlantis"):
        copy(tmp_path, atlantis)


def test_values_without_their_quantities_are_refused(tmp_path):
    with pytest.raises(LayoutError, match=r"values and \d+ first quantities, not one each"):
        copy(tmp_path, lambda kept: kept.pop())
