from __future__ import annotations

import pytest

from sources.model.artifact import LayoutError, SourceError, TruncatedError
from sources.reading.streams import blocks_of, read_records_of
from tests.helpers.artifacts import artifact


def read(folder, data: bytes, separator: str = "\t"):
    landed = artifact(folder, data, name="bulk.tsv")
    return read_records_of(landed, blocks_of(landed.path), separator, ["code", "value"], "code", ("2846", "850511"))


def test_records_of_the_codes_are_kept_with_their_number_in_the_file(tmp_path):
    frame = read(tmp_path, b"value\tcode\n1\t2846\n2\t0101\n\n28460\t1\n\t850511\n")
    assert frame.rows() == [(1, "2846", "1"), (5, "850511", None)]


@pytest.mark.parametrize("blank", [" ", "\u00a0"])
def test_a_code_with_blanks_around_it_is_kept(tmp_path, blank):
    data = f"code\tvalue\n{blank}2846{blank}\t1\n{blank}0101\t2\n".encode()
    assert read(tmp_path, data)["value"].to_list() == ["1"]


def test_a_text_in_blocks_that_end_anywhere_is_read_as_one(tmp_path):
    landed = artifact(tmp_path, data := b"code\tvalue\n2846\t1\r\n\n0101\t2\n850511\t3\n", name="bulk.tsv")
    for size in range(1, len(data) + 1):
        blocks = [data[at : at + size] for at in range(0, len(data), size)]
        frame = read_records_of(landed, blocks, "\t", ["code", "value"], "code", ("2846", "850511"))
        assert frame.rows() == [(1, "2846", "1"), (4, "850511", "3")]


def test_line_ends_of_windows_and_a_byte_order_mark_do_not_matter(tmp_path):
    assert read(tmp_path, b"\xef\xbb\xbfcode\tvalue\r\n2846\t1\r\n").rows() == [(1, "2846", "1")]


def test_a_quotation_mark_is_text_between_tabs_and_refused_between_commas(tmp_path):
    assert read(tmp_path, b'code\tvalue\n2846\t"1\n').rows() == [(1, "2846", '"1')]
    with pytest.raises(LayoutError, match="record 1 holds a quotation mark"):
        read(tmp_path, b'code,value\n2846,"1"\n', ",")


@pytest.mark.parametrize("other", [b"0101", b"2846"])
def test_a_ragged_record_is_named_whatever_its_code(tmp_path, other):
    with pytest.raises(LayoutError, match="record 2 holds 3 fields under a header of 2"):
        read(tmp_path, b"code\tvalue\n2846\t1\n" + other + b"\t1\t2\n")
    with pytest.raises(TruncatedError, match="record 2 ends before its last field"):
        read(tmp_path, b"code\tvalue\n2846\t1\n" + other + b"\n2846\t3\n")


@pytest.mark.parametrize("data", [b"code\tvalue\n2846\t1\n0101\t\xff\n", b"code\tvalue\n2846\t1\n28\xc3\t1\n"])
def test_a_record_that_is_no_utf_8_is_named(tmp_path, data):
    with pytest.raises(LayoutError, match=r"bulk\.tsv: record 2 is no text in UTF-8"):
        read(tmp_path, data)


def test_zero_bytes_are_refused(tmp_path):
    with pytest.raises(LayoutError, match="record 1"):
        read(tmp_path, b"code\tvalue\n2846\t1\x00\n")


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"code\tvalue", b"code\tvalue\n2846\t1", "code\tvalue\n".encode("utf-16")]
)
def test_what_is_no_such_text_is_refused(tmp_path, data):
    with pytest.raises(SourceError, match=r"bulk\.tsv"):
        read(tmp_path, data)
