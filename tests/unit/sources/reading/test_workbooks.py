"""Sheets of workbooks: raised characters, figures as stored, and files that are no workbooks."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.model.artifact import LayoutError, TruncatedError
from sources.reading.workbooks import read_sheet
from sources.snapshot.build.workbook import workbook
from tests.helpers.artifacts import artifact


def cells(folder, **runs):
    (row,) = read_sheet(artifact(folder, workbook("S", runs)), "S")
    return row[1]


def test_a_raised_character_is_told_from_the_name_it_is_glued_to(tmp_path):
    (name,) = cells(tmp_path, A1=[("China", False), ("3", True)])
    assert (name.plain, name.raised, name.whole) == ("China", "3", "China3")


def test_a_cell_that_is_raised_as_a_whole_has_no_plain_text(tmp_path):
    (mark,) = cells(tmp_path, A1=[("e", True)])
    assert (mark.plain, mark.raised, mark.whole) == ("", "e", "e")


def test_the_first_run_of_a_cell_has_the_font_of_its_cell(tmp_path):
    """Excel writes a footnote so: the cell is raised, its first run carries no font, the sentence is set down again."""
    book = openpyxl.Workbook()
    book.active.title = "S"
    text = openpyxl.cell.rich_text.CellRichText(
        "e", openpyxl.cell.rich_text.TextBlock(openpyxl.cell.text.InlineFont(), "Estimated.")
    )
    book.active["A1"].value = text
    book.active["A1"].font = openpyxl.styles.Font(vertAlign="superscript")
    saved = io.BytesIO()
    book.save(saved)
    ((_, (note,)),) = read_sheet(artifact(tmp_path, saved.getvalue()), "S")
    assert note.runs == (("e", True), ("Estimated.", False))


@pytest.mark.parametrize(
    ("stored", "text"), [(227, "227"), (9.99, "9.99"), (0.499, "0.499"), (1040.0, "1040"), ("NA", "NA"), ("--", "--")]
)
def test_a_figure_is_the_number_its_cell_holds(tmp_path, stored, text):
    (figure,) = cells(tmp_path, A1=[(stored, False)])
    assert figure.plain == text


def test_rows_keep_their_numbers_and_empty_ones_are_left_out(tmp_path):
    data = workbook("S", {"A1": [("a", False)], "B7": [("b", False)]})
    rows = read_sheet(artifact(tmp_path, data), "S")
    assert [(number, [cell.whole for cell in row]) for number, row in rows] == [(1, ["a", ""]), (7, ["", "b"])]


def test_another_sheet_is_asked_for_by_name(tmp_path):
    with pytest.raises(LayoutError, match=r"no sheet 'T8', only \['T7'\]"):
        read_sheet(artifact(tmp_path, workbook("T7", {"A1": [("a", False)]})), "T8")


@pytest.mark.parametrize("data", [b"", b"\0" * 4000, b"<!DOCTYPE html><title>Sign in</title>", b"PK\x03\x04garbage"])
def test_what_is_no_workbook_is_refused(tmp_path, data):
    with pytest.raises(TruncatedError, match="not a whole workbook"):
        read_sheet(artifact(tmp_path, data), "S")


def test_an_archive_without_a_workbooks_parts_is_refused(tmp_path):
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    with pytest.raises(LayoutError, match="not a readable workbook"):
        read_sheet(artifact(tmp_path, saved.getvalue()), "S")


def test_a_workbook_with_a_part_that_is_no_xml_is_refused(tmp_path):
    whole, saved = workbook("S", {"A1": [("a", False)]}), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as good, zipfile.ZipFile(saved, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, b"<a><b>" if name.endswith("sheet1.xml") else good.read(name))
    with pytest.raises(LayoutError, match="not a readable workbook"):
        read_sheet(artifact(tmp_path, saved.getvalue()), "S")


def test_a_changed_byte_of_a_figure_is_told_by_its_checksum(tmp_path):
    data = workbook("S", {"A1": [(2900, False)]})
    assert data.count(b"<v>2900</v>") == 1
    with pytest.raises(TruncatedError, match=r"sheet1\.xml has a wrong checksum"):
        read_sheet(artifact(tmp_path, data.replace(b"<v>2900</v>", b"<v>2800</v>")), "S")


@settings(deadline=None)
@given(figures=st.lists(st.integers(0, 10**9) | st.sampled_from(["NA", "W", "--"]), min_size=1, max_size=8))
def test_the_same_cells_give_the_same_bytes_and_are_read_as_written(scratch, figures):
    runs = {f"A{row}": [(figure, False)] for row, figure in enumerate(figures, start=1)}
    data = workbook("S", runs)
    assert workbook("S", runs) == data
    rows = read_sheet(artifact(scratch, data), "S")
    assert [row[0].plain for _, row in rows] == [str(figure) for figure in figures]


def test_runs_of_a_figure_are_parted(tmp_path):
    (cell,) = cells(tmp_path, A1=[("1,100", False), ("2", False), ("3", True), ("4", True)])
    assert (cell.figure, cell.raised, cell.parts) == ("1,100 2", "3 4", "1,100 2 3 4")


def altered(part: str, change):
    """A workbook with the bytes of one part changed."""
    altered = io.BytesIO()
    data = workbook("S", {"A1": [("a", False)]})
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(altered, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, change(old.read(info)) if part in info.filename else old.read(info))
    return altered.getvalue()


def test_a_workbook_that_unpacks_to_more_than_a_table_needs_is_refused(tmp_path):
    bomb = altered("worksheets/", lambda xml: xml.replace(b"<sheetData", b"<!--" + b"x" * 9_000_000 + b"--><sheetData"))
    assert len(bomb) < 100_000
    with pytest.raises(LayoutError, match=r"unpacks its .* bytes to 9,.* allowed are 8,000,000"):
        read_sheet(artifact(tmp_path, bomb), "S")


def test_a_cell_far_from_the_table_is_refused(tmp_path):
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    far = altered("worksheets/", lambda xml: xml.replace(b"</sheetData>", row))
    with pytest.raises(LayoutError, match="spans 1,048,576 rows and 16,384 columns"):
        read_sheet(artifact(tmp_path, far), "S")
