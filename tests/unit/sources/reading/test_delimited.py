from __future__ import annotations

import contextlib
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.model.artifact import LayoutError, SourceError, TruncatedError
from sources.reading.delimited import read_records
from tests.helpers.artifacts import artifact, table

COLUMNS = ["country", "value", "note"]


def read(folder, data: bytes, encoding: str = "utf-8-sig"):
    return read_records(artifact(folder, data, name="file.csv"), COLUMNS, encoding)


def test_records_are_numbered_text_in_the_declared_order(tmp_path):
    frame = read(tmp_path, b'value,country,note\n"1,000",India,\n007,China,quota\n')
    assert frame.columns == ["artifact_row", *COLUMNS]
    assert frame.rows() == [(1, "India", "1,000", ""), (2, "China", "007", "quota")]


@pytest.mark.parametrize("order", [["country", "note", "value"], ["note", "value", "country"]])
def test_the_order_of_the_columns_does_not_matter(tmp_path, order):
    cells = {"country": "India", "value": "1", "note": "n"}
    moved = read(tmp_path, table(order, [cells[name] for name in order]))
    assert moved.equals(read(tmp_path, table(COLUMNS, ["India", "1", "n"])))


def test_columns_gained_and_lost_are_named(tmp_path):
    with pytest.raises(LayoutError, match=r"lost \['value'\], gained \['value_t', 'extra'\]"):
        read(tmp_path, b"country,value_t,note,extra\nIndia,1,,\n")


def test_a_column_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="value"):
        read(tmp_path, b"country,value,note,value\nIndia,1,,2\n")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_and_the_kind_of_line_end_do_not_matter(tmp_path, line_end, encoding):
    rows = [["India", "1", "a\xa0note"], ["China", "2", ""]]
    data = table(COLUMNS, *rows, line_end=line_end, encoding=encoding)
    assert read(tmp_path, data).rows() == [(1, *rows[0]), (2, *rows[1])]


def test_line_breaks_inside_quotes_belong_to_the_cell(tmp_path):
    assert read(tmp_path, b'country,value,note\nIndia,1,"two\nlines"\n').rows() == [(1, "India", "1", "two\nlines")]


def test_empty_columns_without_a_name_and_empty_records_are_left_out(tmp_path):
    # MCS 2024: 36 empty trailing columns, 22 all-comma rows
    data = b"country,value,note,,,\nIndia,1,,,,\n,,,,,\nChina,2,,,,\n,,,,,\n"
    assert read(tmp_path, data).rows() == [(1, "India", "1", ""), (3, "China", "2", "")]


def test_values_under_no_column_name_are_refused(tmp_path):
    with pytest.raises(LayoutError, match="no column name"):
        read(tmp_path, b"country,value,note,,\nIndia,1,,,\nChina,2,,,9\n")


def test_a_record_with_more_fields_than_the_header_is_refused(tmp_path):
    with pytest.raises(LayoutError):
        read(tmp_path, b"country,value,note\nIndia,1,,2\n")


@pytest.mark.parametrize("short", [b"China", b"China,2", b"China,2\n", b"China\n", b"China,2\nBrazil,3,\n"])
def test_a_record_that_ends_before_its_last_field_is_refused_as_cut(tmp_path, short):
    with pytest.raises(TruncatedError, match="record 2"):
        read(tmp_path, b"country,value,note\nIndia,1,\n" + short)


def test_a_last_record_without_its_line_end_is_refused_as_cut(tmp_path):
    # "28000" may be all that came of "280000": every publisher ends its file with a line end
    with pytest.raises(TruncatedError):
        read(tmp_path, b"country,note,value\nIndia,,2900\nWorld,,28000")


@pytest.mark.parametrize(
    "data",
    [b'country,note,value\nIndia,,2900\nWorld,,"28,000"', b"country,note,value,\nIndia,,2900,\nWorld,,28000,"],
    ids=["a quoted cell", "a further comma"],
)
def test_a_whole_last_record_without_its_line_end_is_refused_too(tmp_path, data):
    # its cells came whole, but the records after it may be lost: only the missing line end tells
    with pytest.raises(TruncatedError, match="its line end"):
        read(tmp_path, data)


def test_a_file_cut_inside_quotes_is_refused(tmp_path):
    with pytest.raises(SourceError):
        read(tmp_path, b'country,value,note\nIndia,1,"a note that')


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"country,value,note", b"country,value,note\n", b"country,value,note\n,,\n"],
    ids=["nothing", "a line end", "a header cut", "a header", "an empty record"],
)
def test_a_file_without_a_record_is_refused(tmp_path, data):
    with pytest.raises(SourceError, match=r"file\.csv"):
        read(tmp_path, data)


def test_another_encoding_is_refused_and_named(tmp_path):
    latin = table(COLUMNS, ["Côte d'Ivoire", "1", "—"], encoding="cp1252")
    assert read(tmp_path, latin, "cp1252").rows() == [(1, "Côte d'Ivoire", "1", "—")]
    with pytest.raises(LayoutError, match="utf-8-sig"):
        read(tmp_path, latin)


def test_a_byte_that_the_declared_encoding_lacks_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="cp1252"):
        read(tmp_path, b"country,value,note\nIndia,1,\x81\n", "cp1252")


def test_an_html_page_saved_as_a_table_is_refused(tmp_path):
    with pytest.raises(SourceError):
        read(tmp_path, b"<!DOCTYPE html>\n<html><body>Sign in, please</body></html>\n")


cells = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_any_text_reads_back_whatever_the_order_of_the_columns(scratch, rows, shuffle: random.Random):
    order = shuffle.sample(range(3), 3)
    data = table([COLUMNS[i] for i in order], *([row[i] for i in order] for row in rows))
    assert read(scratch, data).drop("artifact_row").rows() == rows


@given(st.binary(max_size=60))
def test_no_bytes_crash_the_reader(scratch, data):
    with contextlib.suppress(SourceError):
        read(scratch, b"country,value,note\n" + data)


def test_tabs_around_a_cell_are_left_out(tmp_path):
    # Chinese systems put one behind a code, so that a spreadsheet does not round it
    assert read(tmp_path, b'country,value,note\n"India\t","\t1\t",a\tb\n').rows() == [(1, "India", "1", "a\tb")]


def test_a_note_below_the_table_is_refused_and_shown(tmp_path):
    with pytest.raises(TruncatedError, match=r"record 2 .* has 1 of 3 and begins 'Source: customs'.*without the note"):
        read(tmp_path, b"country,value,note\nIndia,1,\nSource: customs\n")


def test_zero_bytes_are_refused_with_their_line(tmp_path):
    with pytest.raises(LayoutError, match="zero byte in line 2"):
        read(tmp_path, b"country,value,note\nIndia,1\x00,\n")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_text_in_utf_16_is_refused(tmp_path, encoding):
    with pytest.raises(LayoutError, match="is not readable as utf-8-sig CSV"):
        read(tmp_path, "country,value,note\nIndia,1,\n".encode(encoding))


def test_a_header_of_many_columns_and_a_file_of_blank_lines_are_read_in_a_moment(tmp_path):
    start = time.monotonic()
    with pytest.raises(LayoutError) as refusal:
        read(tmp_path, ",".join(f"c{n}" for n in range(40_000)).encode() + b"\n1\n")
    assert len(str(refusal.value)) < 4_000
    assert read(tmp_path, b"country,value,note\nIndia,1,\n" + b"\n" * 300_000 + b"China,2,\n").height == 2
    assert time.monotonic() - start < 10
