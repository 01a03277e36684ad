"""A record is found in the publisher's bytes by its number and shown only if it contains the published value."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest

from warehouse.read.source_record import record_text

CSV = b'country,2023,note\nChina,"240,000",e\nIndia,2900,\n'


def test_a_csv_record_is_counted_from_one_without_the_header() -> None:
    assert record_text(CSV, "a.csv", 2, "2900") == "country: India · 2023: 2900"
    assert record_text(CSV, "a.csv", 1, "240,000") == "country: China · 2023: 240,000 · note: e"


def test_a_record_of_chinas_customs_is_read_in_its_own_encoding() -> None:
    data = '贸易伙伴名称,美元\n印度,"8,892"\n'.encode("gb18030")
    assert record_text(data, "gacc.csv", 1, "8,892") == "贸易伙伴名称: 印度 · 美元: 8,892"


def test_a_json_record_is_one_of_the_bodys_list() -> None:
    body = json.dumps(
        {"count": 2, "data": [{"partnerCode": 0, "primaryValue": 9}, {"partnerCode": 699, "primaryValue": 5}]}
    )
    assert record_text(body.encode(), "a.json", 2, "5") == "partnerCode: 699 · primaryValue: 5"


def test_a_workbooks_record_is_the_sheets_row() -> None:
    book = openpyxl.Workbook()
    book.active.title = "T8"
    book.active.append(["Country", 2022])
    book.active.append(["China", 210000])
    file = io.BytesIO()
    book.save(file)
    assert record_text(file.getvalue(), "a.xlsx", 2, "210000") == "T8!A2: China · T8!B2: 210000"


def test_a_cell_added_up_of_several_is_found_by_one_of_its_parts() -> None:
    assert record_text(CSV, "a.csv", 1, "7 + 240,000") is not None
    assert record_text(CSV, "a.csv", 2, "28461010: 1; 28469010: 2900") is not None


@pytest.mark.parametrize(
    ("name", "row", "printed"),
    [("a.csv", 1, "999999"), ("a.csv", 9, "2900"), ("a.csv", 0, None), ("a.html", 1, None), ("a.json", 1, None)],
    ids=["another record", "beyond the end", "no record", "no reader", "not what its name says"],
)
def test_what_is_not_the_record_is_not_shown(name, row, printed) -> None:
    assert record_text(CSV, name, row, printed) is None
