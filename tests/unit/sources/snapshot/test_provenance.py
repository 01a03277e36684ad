"""A folder of one's own files: what a spreadsheet, a desktop or a slip of the hand does to `provenance.csv`."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from sources.model.artifact import SourceError, TruncatedError
from sources.registry import publisher_codes
from sources.snapshot.provenance import PROVENANCE_COLUMNS
from sources.snapshot.reader import Snapshot

DATA = (
    b"period,reporter,flow,cmdCode,partner_china_usd_million,partner_world_usd_million,china_share_pct,status\n"
    b"2026-04,IND,M,284690,0.11,0.22,50.0,available\n"
)
ROW = dict.fromkeys(PROVENANCE_COLUMNS, "x") | {
    "file": "un_comtrade/my.csv",
    "source_code": "un_comtrade",
    "layout": "extract_monthly_usd_million",
    "partition": "M/IND/M/284690/2026",
    "year": "2026",
    "edition": "",
    "release": "mine",
    "known_from": "2026-11-24",
    "known_basis": "assumed",
    "transcription": "extract",
    "url": "https://example.org",
    "sha256": hashlib.sha256(DATA).hexdigest(),
    "original_sha256": "",
}

Write = Callable[..., Path]


def text_of(*rows: dict[str, str], delimiter: str = ",") -> str:
    """A provenance table of these rows."""
    text = io.StringIO()
    writer = csv.DictWriter(text, PROVENANCE_COLUMNS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a folder with one file and a provenance table, given as rows or as bytes."""

    def make(*rows: dict[str, str], table: bytes | None = None, file: str = ROW["file"]) -> Path:
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(DATA)
        (tmp_path / "provenance.csv").write_bytes(text_of(*rows).encode() if table is None else table)
        return tmp_path

    return make


def refused(folder: Path, code: str = "un_comtrade") -> str:
    """The message that a publisher's files are refused with."""
    with pytest.raises(SourceError) as caught:
        Snapshot(folder).offers(code)
    return str(caught.value)


READ = {
    "as written": text_of(ROW).encode(),
    "with a byte order mark": b"\xef\xbb\xbf" + text_of(ROW).encode(),
    "with blank lines at its end": text_of(ROW).encode() + b"," * 20 + b"\r\n\r\n",
    "with blanks around cells": text_of(ROW | {"year": " 2026 ", "source_code": "un_comtrade "}).encode(),
    "with a hash in capitals": text_of(ROW | {"sha256": ROW["sha256"].upper()}).encode(),
}


@pytest.mark.parametrize("table", READ.values(), ids=READ)
def test_a_table_of_right_rows_is_read_however_a_program_saves_it(write: Write, table: bytes) -> None:
    (offer,) = Snapshot(write(table=table)).offers("un_comtrade")
    assert (offer.partition, offer.year, offer.read_bytes()) == ("M/IND/M/284690/2026", 2026, DATA)


WRONG_CELLS = [
    ("known_from", "24/11/2026", "no day written as YYYY-MM-DD, such as 2026-11-24"),
    ("known_from", "20261124", "no day written as YYYY-MM-DD"),
    ("known_from", "2026-02-30", "no day written as YYYY-MM-DD"),
    ("known_from", "", "no day written as YYYY-MM-DD"),
    ("year", "2026.0", "no year of four digits, such as 2026"),
    ("year", "٢٠٢٦", "no year of four digits"),
    ("known_basis", "guessed", "is none of stated, release_feed, assumed"),
    ("transcription", "orignal", "is none of original, extract, transcribed. Did you mean original?"),
    ("layout", "extract_monthly_usd", "Did you mean extract_monthly_usd_million?"),
    ("partition", " ", "is blank"),
    ("release", "", "is blank"),
    ("sha256", "1.02E+63", "no SHA-256 of 64 hexadecimal digits"),
    ("original_sha256", "abc", "no SHA-256 of 64 hexadecimal digits"),
    ("source_code", "un_comtrde", "Did you mean un_comtrade?"),
    ("source_code", "usgs_mcs", "is not in the folder of usgs_mcs"),
    ("file", "un_comtrade/mi.csv", "Did you mean un_comtrade/my.csv?"),
    ("file", "un_comtrade/../../my.csv", "no path inside this folder"),
    ("file", "/un_comtrade/my.csv", "no path inside this folder"),
    ("file", "C:/un_comtrade/my.csv", "no path inside this folder"),
    ("file", "un_comtrade\\my.csv", "no path inside this folder"),
    ("file", "my.csv", "no path inside this folder"),
    ("file", "", "no path inside this folder"),
    ("file", "un_comtrade/~$my.csv", "temporary or system file"),
]


@pytest.mark.parametrize(("column", "cell", "problem"), WRONG_CELLS)
def test_a_wrong_cell_is_refused_with_file_row_column_and_the_wanted_form(
    write: Write, column: str, cell: str, problem: str
) -> None:
    message = refused(write(ROW | {"file": "un_comtrade/a.csv"}, ROW | {column: cell}))
    assert "provenance.csv" in message
    assert "row 3, column " in message
    assert problem in message
    assert "Remedy:" in message


def test_a_misspelt_column_of_a_cell_is_named(write: Write) -> None:
    for column, cell, _ in WRONG_CELLS[:13]:
        assert f"row 2, column {column}: " in refused(write(ROW | {column: cell})), column


def test_all_wrong_rows_are_listed_at_once(write: Write) -> None:
    message = refused(write(ROW | {"year": "2026.0", "known_from": "24/11/2026"}, ROW))
    assert message.count("\n- ") == 3
    assert "has 3 problems" in message
    assert "row 3, column file: 'un_comtrade/my.csv' has a row already, row 2" in message


def test_long_cells_are_shortened_and_every_row_is_still_named(write: Write) -> None:
    rows = [ROW | {"file": f"un_comtrade/{number}.csv", "known_from": "9" * 30_000} for number in range(10)]
    message = refused(write(*rows))
    assert all(f"row {number}, column known_from" in message for number in range(2, 12))
    assert len(message) < 9_000


def test_a_thousand_wrong_rows_make_a_short_message(write: Write) -> None:
    message = refused(write(*[ROW | {"file": f"un_comtrade/{n}.csv", "year": "?"} for n in range(1000)]))
    assert "and 1981 more" in message
    assert len(message) < 8_000


WRONG_TABLES = {
    "semicolons": (text_of(ROW, delimiter=";").encode(), "has no commas between its columns"),
    "tabs": (text_of(ROW, delimiter="\t").encode(), "has no commas between its columns"),
    "Latin letters": (text_of(ROW | {"how": "é"}).encode("latin-1"), "line 2 holds the byte 0xe9"),
    "UTF-16": (text_of(ROW).encode("utf-16"), "is no text in UTF-8"),
    "an open quotation mark": (text_of(ROW).encode() + b'"x', "is no readable CSV"),
    "a comma in a cell": (text_of(ROW).replace("mine", "mine, really").encode(), "row 2 has 22 cells"),
    "a column left out": (text_of(ROW).replace("known_from,", "", 1).encode(), "lacks 'known_from'"),
    "a column of one's own": (text_of(ROW).replace("how,", "hwo,", 1).encode(), "has the unknown 'hwo'"),
    "nothing": (b"", "lacks 'file'"),
}


@pytest.mark.parametrize(("table", "problem"), WRONG_TABLES.values(), ids=WRONG_TABLES)
def test_a_table_in_another_form_is_refused_with_the_form_that_is_needed(
    write: Write, table: bytes, problem: str
) -> None:
    message = refused(write(table=table))
    assert problem in message
    assert "Remedy:" in message


@pytest.mark.parametrize(
    "name", [".DS_Store", "Thumbs.db", "desktop.ini", "~$my.csv", ".~lock.my.csv#", "my.csv~", "__MACOSX/._my.csv"]
)
def test_files_of_the_desktop_are_ignored(write: Write, name: str) -> None:
    folder = write(ROW)
    for place in (folder, folder / "un_comtrade"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(b"\0\1")
    assert len(Snapshot(folder).offers("un_comtrade")) == 1


def test_a_folder_that_is_no_publisher_is_refused_with_the_nearest_code(write: Write) -> None:
    folder = write(file="un_comtrde/my.csv")
    message = refused(folder)
    assert "un_comtrde/my.csv has no row" in message
    assert "Did you mean un_comtrade?" in message
    assert Snapshot(folder).offers("usgs_mcs") == []


def test_a_code_like_no_other_stops_every_publisher(write: Write) -> None:
    folder = write(ROW | {"file": "qqq/my.csv", "source_code": "qqq"}, file="qqq/my.csv")
    assert {refused(folder, code) for code in publisher_codes()} == {refused(folder)}
    assert "row 2, column source_code: 'qqq' is none of bgs_wms" in refused(folder)


def test_a_bad_row_stops_its_own_publisher_alone(write: Write) -> None:
    folder = write(ROW, ROW | {"source_code": "usgs_mcs", "file": "usgs_mcs/a.csv", "layout": "mcs2026"})
    assert "there is no file 'usgs_mcs/a.csv'" in refused(folder, "usgs_mcs")
    assert len(Snapshot(folder).offers("un_comtrade")) == 1


def test_an_empty_file_is_refused(write: Write) -> None:
    folder = write(ROW)
    (folder / ROW["file"]).write_bytes(b"")
    assert "is empty: it has 0 bytes" in refused(folder)


def test_bytes_of_another_hash_are_refused_with_both_hashes(write: Write) -> None:
    folder = write(ROW | {"sha256": "0" * 64})
    (offer,) = Snapshot(folder).offers("un_comtrade")
    with pytest.raises(TruncatedError, match=f"{ROW['sha256']}, and {'0' * 64} is recorded"):
        offer.check_bytes()
