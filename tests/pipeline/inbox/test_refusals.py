"""Files of the inbox that are refused, each with a note of the problem and the remedy."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.helpers.customs_files import (
    CUSTOMS,
    YEAR_2026,
    changed,
    csv_of,
    landed,
    lines_of,
    names,
    without,
)
from warehouse import clock
from warehouse.ingest import inbox
from warehouse.ingest.inbox import receive_files
from warehouse.settings import Settings
from warehouse.storage.landing import Landing


def refused(settings: Settings, folder: Path) -> str:
    """Land the inbox, whose only file is refused; return the note about it."""
    received = receive_files(settings, CUSTOMS)
    assert (received.landed, received.waiting, landed(settings)) == ([], [], [])
    assert len(received.failed) == 1
    (note,) = folder.glob("failed/*.error.txt")
    assert (note.parent / note.name.removesuffix(".error.txt")).exists()
    assert names(folder) == ["README.txt", "done", "failed"]
    text = note.read_text(encoding="utf-8")
    assert "What is wrong:" in text
    assert "What to do:" in text
    return text


WRONG = {
    "empty": (b"", "is empty"),
    "only spaces": (b"\n \n", "is empty"),
    "a PDF": (b"%PDF-1.7\n...\n", "is a PDF"),
    "a workbook": (b"PK\x03\x04" + b"\0" * 60, "Excel workbook"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 60, "old Excel workbook"),
    "a web page": (b"\xef\xbb\xbf\n<!DOCTYPE html><html>\n</html>\n", "web page"),
    "JSON": (b'{"error": "slider"}\n', "is JSON"),
    "UTF-16": (YEAR_2026.decode("gb18030").encode("utf-16"), "UTF-16"),
    "zero bytes": (YEAR_2026 + b"\0\n", "zero bytes"),
    "Latin text": ("é;ü\n".encode("latin-1"), "neither"),
    "another table": (b"a,b\n1,2\n", "no column 商品编码".encode().decode()),
    "a header alone": (YEAR_2026.split(b"\n")[0] + b"\n", "holds no record"),
    "cut in a record": (YEAR_2026[:1500], "appears half copied"),
    "cut behind a record": (YEAR_2026[:-1], "appears half copied"),
    "cut in a quoted cell": (YEAR_2026[:-4] + b"\n", "appears half copied"),
    "rounded by a spreadsheet": (changed(YEAR_2026, 第一数量="4.41663E+10"), "a spreadsheet saved the file"),
    "a formula": (changed(YEAR_2026, 商品名称="=cmd|' /C calc'!A0"), "begins like a formula"),
    "a formula behind a minus": (changed(YEAR_2026, 美元="-2+3+cmd|' /C calc'!A0"), "begins like a formula"),
    "a partner that is not known": (changed(YEAR_2026, 贸易伙伴编码="999"), "partner code '999'"),
    "a partner of another name": (changed(YEAR_2026, 贸易伙伴名称="日本"), "the name '日本'"),
    "a mode that is not known": (changed(YEAR_2026, 贸易方式编码="77"), "77"),
    "a unit with a digit": (changed(YEAR_2026, 第一计量单位="千克1"), "has the unit '千克1'"),
    "a line not followed": (changed(YEAR_2026, 商品编码="27090000"), "27090000, which the warehouse"),
    "an unknown line": (changed(YEAR_2026, 商品编码="2846909"), "'2846909' as a code"),
    "two months in one": (changed(YEAR_2026, 数据年月="202601-202602"), "not YYYYMM"),
    "two years": (changed(YEAR_2026, 数据年月="202512"), "holds the years 2025, 2026"),
    "a year to come": (
        csv_of([lines_of(YEAR_2026)[0], *([f"2099{c[0][4:]}", *c[1:]] for c in lines_of(YEAR_2026)[1:])]),
        "belongs to the year 2099",
    ),
    "a column lost": (without(YEAR_2026, "美元"), "美元"),
    "half a pair of columns": (without(YEAR_2026, "贸易伙伴名称"), "only one of the columns"),
}


def test_a_month_that_is_not_over_is_refused_by_its_last_day(
    settings: Settings, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "today", lambda: date(2026, 6, 29))
    drop(YEAR_2026)
    note = refused(settings, folder)
    assert "has a figure of a period that ends on 2026-06-30; it is 2026-06-29" in note
    assert "a period that is not over has no" in note


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_file_is_moved_to_failed_with_a_note_and_never_lands(
    settings: Settings, folder: Path, drop: Callable, what: str
) -> None:
    data, problem = WRONG[what]
    drop(data, "export.csv")
    assert problem in refused(settings, folder)


def test_a_download_of_exactly_10_000_rows_is_refused_as_cut(settings: Settings, folder: Path, drop: Callable) -> None:
    header, *rest = lines_of(YEAR_2026)
    drop(csv_of([header, *(rest * 400)[:10_000]]))
    assert "exactly 10000 rows" in refused(settings, folder)


def test_a_huge_file_is_refused_without_reading_it(
    settings: Settings, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(b"")
    with path.open("r+b") as file:
        file.truncate(5_000_000_000)
    os.utime(path, (time.time() - 60,) * 2)
    monkeypatch.setattr(inbox, "receivers", dict)
    assert "has 5,000,000,000 bytes" in refused(settings, folder)


@pytest.mark.parametrize("name", ["284690_2026.csv", "export_or_import.csv", "report.csv", "important.csv"])
def test_a_name_without_a_flow_is_refused_with_the_names_to_use(
    settings: Settings, folder: Path, drop: Callable, name: str
) -> None:
    drop(YEAR_2026, name)
    assert "rename it so that it begins with export_ or import_" in refused(settings, folder)


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("export_280530.csv", YEAR_2026, "its name says 280530"),
        ("export.csv", without(YEAR_2026, "贸易伙伴编码", "贸易伙伴名称"), "has no partner columns"),
        ("export_IND.csv", without(YEAR_2026, "数据年月"), "does not say the one year"),
        ("export.csv", changed(YEAR_2026, 商品编码="28053013"), "of no one code"),
    ],
)
def test_a_file_whose_query_is_undetermined_is_refused(
    settings: Settings, folder: Path, drop: Callable, name: str, data: bytes, problem: str
) -> None:
    drop(data, name)
    assert problem in refused(settings, folder)


@pytest.mark.parametrize("kind", [ValueError, KeyError, RecursionError, MemoryError, pl.exceptions.PanicException])
def test_an_error_of_any_kind_while_reading_fails_that_file_alone(
    settings: Settings, folder: Path, drop: Callable, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    def fail(*_: object) -> None:
        msg = "an unexpected cell"
        raise kind(msg)

    drop(YEAR_2026)
    monkeypatch.setattr(inbox, "land", fail)
    assert re.search(rf"cannot be read \({kind.__name__}: '?an unexpected cell", refused(settings, folder))


def test_a_file_whose_bytes_were_set_aside_is_refused_with_the_reason(
    settings: Settings, folder: Path, drop: Callable
) -> None:
    drop(YEAR_2026)
    (artifact,) = receive_files(settings, CUSTOMS).landed
    Landing(settings.landing).set_aside(artifact.sha256, "withdrawn by the customs office")
    drop(YEAR_2026)
    note = refused(settings, folder)
    assert "withdrawn by the customs office" in note
    assert f"ree landing take-back {artifact.sha256[:12]} REASON" in note
