"""A cell that is no number, in every layout of every publisher: refused or set aside, never another figure."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from dataclasses import field as field_of
from functools import cache
from html import escape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.model.artifact import Artifact, LayoutError
from sources.model.source import ParsedTable
from tests.helpers.artifacts import artifact, bundled, copy_of, parse, parse_unless_refused, reasons
from tests.helpers.strange_cells import NO_NUMBERS, faults, no_numbers, nulled
from tests.helpers.violators import assert_none
from tests.publishers.bgs_wms.builders import csv_of
from tests.publishers.india_tradestat.builders import months_page, tradestat
from tests.publishers.un_comtrade.builders import body, bulk, comtrade, record
from tests.publishers.usgs_ds140.test_history import read as ds140
from tests.publishers.usgs_myb.test_table import read as myb

_NUMERIC = re.compile(r"(?:[<>]|about )?[0-9][0-9.,]*")
_RECORDS = 60
# tables that are read whole: an edition's last line closes it; every value of DataWeb's has a quantity further on
_WHOLE = ("mcs", "imports_hts4")
_MONTH = ("meidb_commodity_html", "MEIDB/28461010/import/WLD/2022-06/quantity", 2022)
_MANY = settings(max_examples=150, deadline=None)


@dataclass(frozen=True)
class _File:
    """The first records of a bundled CSV, and where its numbers are."""

    name: str
    encoding: str
    rows: tuple[tuple[str, ...], ...] = field_of(repr=False)
    numbers: tuple[tuple[int, int], ...] = field_of(repr=False)

    def bytes(self, place: tuple[int, int] | None = None, text: str = "") -> bytes:
        rows = [list(row) for row in self.rows]
        if place:
            rows[place[0]][place[1]] = text
        out = io.StringIO(newline="")
        csv.writer(out).writerows(rows)
        return out.getvalue().encode(self.encoding, "replace")


@cache
def _files() -> tuple[_File, ...]:
    """One file of every layout in CSV that the bundle has."""
    by_layout = {offer.layout: name for name, offer in bundled().items() if name.endswith(".csv")}
    return tuple(_file(name) for name in sorted(by_layout.values()))


def _file(name: str) -> _File:
    data = bundled()[name].read_bytes()
    encoding = next(e for e in ("utf-8-sig", "gb18030", "cp1252") if _decodes(data, e))
    rows = tuple(tuple(row) for row in csv.reader(io.StringIO(data.decode(encoding), newline="")))
    rows = rows if any(part in name.lower() for part in _WHOLE) or len(rows) < _RECORDS else rows[:_RECORDS]
    places = [(at, column) for at, row in enumerate(rows) if at for column, cell in enumerate(row)]
    return _File(name, encoding, rows, tuple(p for p in places if _NUMERIC.fullmatch(rows[p[0]][p[1]].strip())))


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


@cache
def _right(name: str, scratch: Any) -> ParsedTable:
    return parse(copy_of(bundled()[name], scratch, _file(name).bytes()))


@given(st.data())
@_MANY
def test_a_strange_cell_of_a_bundled_file_makes_no_figure(scratch, data):
    file = data.draw(st.sampled_from(_files()))
    place, text = data.draw(st.sampled_from(file.numbers)), data.draw(no_numbers())
    read = parse_unless_refused(copy_of(bundled()[file.name], scratch, file.bytes(place, text)))
    right = _right(file.name, scratch)
    assert_none(f"{file.name} {place} {text!r}: {fault}" for fault in [*faults(read, right), *nulled(read, right)])


_TEXTS = st.one_of(no_numbers(), st.sampled_from(NO_NUMBERS)).map(lambda text: f'"{text}"'.replace("\n", " "))
_JSON = st.one_of(
    _TEXTS,
    st.sampled_from(["true", "false", "NaN", "Infinity", "-Infinity", "1e999", "-5", "[1]", '{"a": 1}', '"123.4"']),
    st.integers(1, 9).map(lambda digit: str(digit) * 5_000),
)
_FIELDS = ("primaryValue", "netWgt", "qty", "partnerCode", "refYear", "refMonth", "isNetWgtEstimated", "cifvalue")


@given(st.sampled_from(_FIELDS), _JSON)
@_MANY
def test_a_field_of_another_kind_is_refused_by_name(scratch, field, value):
    whole = body(record(**{field: "HERE"}), record(partnerCode=392))
    artifact_ = comtrade(scratch, whole.replace(b'"HERE"', value.encode()))
    if field == "isNetWgtEstimated" and value in {"true", "false"}:
        assert parse(artifact_).rows_parsed == 2
    else:
        assert parse_unless_refused(artifact_) is None


@given(st.sampled_from(["primaryValue", "netWgt", "qty", "cifvalue"]), no_numbers())
@_MANY
def test_a_strange_cell_of_a_bulk_file_is_refused_by_name(scratch, field, text):
    data = bulk(record(**{field: text.replace("\n", " ")}), record(partnerCode=392))
    assert parse_unless_refused(comtrade(scratch, data, "comtrade_bulk")) is None


def _page(folder: Any, cell: str) -> Artifact:
    layout, partition, year = _MONTH
    page = months_page(("28461010", "KGS", cell, "1,200"), unit="Quantity", total=None)
    return tradestat(folder, page, layout, partition, year)


@given(no_numbers())
@_MANY
def test_a_strange_cell_of_a_page_is_set_aside(scratch, text):
    assert reasons(parse(_page(scratch, escape(text)))) == {"unreadable_value": 1}


_GLUED = (
    "1,100<br>2",
    "1,100<sup>1</sup>",
    "1<b>1</b>00",
    "<span>1,100</span><span>5</span>",
    "1,100<div>2</div>",
    '<span style="visibility: visible">1</span>100',
    "<table><tr><td>1</td><td>100</td></tr></table>",
)
_SHOWN = (
    "<b>1,100</b>",
    "<span hidden>9</span>1,100",
    '<span style="DISPLAY : none">0001100</span>1,100',
    '1,100<i class="x sr-only">kilograms</i>',
    "1,1<!-- a note -->00",
    "&nbsp;1,100 ",
)


@pytest.mark.parametrize("cell", _GLUED)
def test_parts_of_a_cell_are_never_joined_to_one_figure(tmp_path, cell):
    assert reasons(parse(_page(tmp_path, cell))) == {"unreadable_value": 1}


@pytest.mark.parametrize("cell", _SHOWN)
def test_the_one_part_that_a_reader_sees_is_the_figure(tmp_path, cell):
    assert sorted(parse(_page(tmp_path, cell)).frame["net_weight_kg"]) == [1_100.0, 1_200.0]


def test_a_cell_that_a_page_hides_is_no_figure(tmp_path):
    layout, partition, year = _MONTH
    page = months_page(("28461010", "KGS", "1,100", "1,200"), unit="Quantity", total=None)
    hidden = page.replace(b"<td>\n   1,100", b"<td style='display:none'>\n   1,100")
    assert reasons(parse(tradestat(tmp_path, hidden, layout, partition, year))) == {"unreadable_value": 1}


def test_one_cell_over_two_periods_is_refused(tmp_path):
    layout, partition, year = _MONTH
    page = months_page(("28461010", "KGS", "1,100", "1,200"), unit="Quantity", total=None)
    spanned = page.replace(b"<td>\n   1,100 </td><td>\n   1,200 </td>", b"<td colspan=2>1,100</td>")
    assert spanned != page
    with pytest.raises(LayoutError, match="over several columns"):
        parse(tradestat(tmp_path, spanned, layout, partition, year))


@given(no_numbers())
@settings(max_examples=25, deadline=None)
def test_a_strange_cell_of_a_workbook_is_set_aside(scratch, text):
    yearbook = myb(scratch, ("India", text, 20, 30, 40, 50))
    assert reasons(yearbook) == {"unreadable_value": 1}
    assert reasons(ds140(scratch, production={1950: text})) == {"unreadable_value": 1}


@given(st.sampled_from(["quantity", "quantity_in_book_style"]), no_numbers())
@settings(max_examples=50, deadline=None)
def test_a_strange_figure_of_the_geological_survey_is_set_aside(scratch, column, text):
    other = {"country_iso3_code": "CHN", "country_trans": "China"}
    assert reasons(parse(csv_of(scratch, {column: text}, other))) == {"unreadable_value": 1}


def test_runs_of_a_workbook_cell_are_never_joined_to_one_figure(tmp_path):
    runs = {"C7": [("110", False), ("2", False)]}
    assert reasons(myb(tmp_path, ("India", None, 20, 30, 40, 50), beside=runs)) == {"unreadable_value": 1}
    raised = {"B54": [("110", False), ("3", True)]}
    assert reasons(ds140(tmp_path, beside=raised)) == {"unreadable_value": 1}


def test_a_yearly_file_of_baci_prints_plain_numbers(tmp_path):
    facts = {"source_code": "cepii_baci", "layout": "baci_csv", "partition": "BACI V202601/HS17/all/2024"}
    for text in (text for text in NO_NUMBERS if not set(text) & set(',"\n')):
        line = f"2024,156,699,850511,{text},1.000\n2024,156,392,850511,1.000,1.000\n"
        read = parse_unless_refused(artifact(tmp_path, f"t,i,j,k,v,q\n{line}".encode(), name="baci.csv", **facts))
        assert read is None or reasons(read) == {"unreadable_value": 1}
