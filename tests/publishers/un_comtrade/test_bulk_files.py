"""Comtrade's bulk files: one gzip of tab-separated text a reporter and period, all codes in it."""

from __future__ import annotations

import gzip
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.model.artifact import LayoutError, SourceError, TruncatedError
from sources.model.products import HS_CODES
from tests.helpers.artifacts import content, parse, parse_unless_refused
from tests.publishers.un_comtrade.builders import body, bulk, bulk_text, comtrade, many_partners, record

RECORDS = [record(), record(cmdCode="850511", netWgt=None), record(cmdCode="010121"), record(cmdCode="TOTAL")]
WHOLE = bulk(*RECORDS)


def read(folder, data: bytes, **known):
    return parse(comtrade(folder, data, "comtrade_bulk", **known))


def test_only_the_codes_the_warehouse_follows_are_kept(tmp_path):
    assert sorted(read(tmp_path, WHOLE).frame["hs_code"]) == ["284690", "850511"]


def test_every_code_the_warehouse_follows_is_kept(tmp_path):
    kept = read(tmp_path, bulk(*(record(cmdCode=code) for code in HS_CODES))).frame
    assert set(kept["hs_code"]) == set(HS_CODES)


def test_a_bulk_file_and_a_body_of_the_same_records_say_the_same(tmp_path):
    records = [*many_partners(30), record(motCode=2100), record(netWgt=0.0, isNetWgtEstimated=True, partnerCode=392)]
    from_bulk = read(tmp_path, bulk(*records))
    from_body = parse(comtrade(tmp_path, body(*records)))
    assert content(from_bulk.frame).equals(content(from_body.frame))
    assert from_bulk.content_sha256() == from_body.content_sha256()


def test_the_order_of_its_columns_does_not_matter(tmp_path):
    turned = "\n".join("\t".join(reversed(line.split("\t"))) for line in bulk_text(*RECORDS).decode().split("\n"))
    assert read(tmp_path, gzip.compress(turned.encode())).content_sha256() == read(tmp_path, WHOLE).content_sha256()


@given(st.integers(0, len(WHOLE) - 1))
@settings(max_examples=80, deadline=None)
def test_an_archive_cut_anywhere_is_refused(scratch, cut):
    with pytest.raises(TruncatedError):
        read(scratch, WHOLE[:cut])


@given(st.integers(10, len(WHOLE) - 1), st.integers(1, 255))
@settings(max_examples=120, deadline=None)
def test_an_archive_with_a_damaged_byte_is_refused_or_says_the_same(scratch, at, change):
    damaged = bytearray(WHOLE)
    damaged[at] ^= change
    table = parse_unless_refused(comtrade(scratch, bytes(damaged), "comtrade_bulk"))
    assert table is None or table.content_sha256() == read(scratch, WHOLE).content_sha256()


@pytest.mark.parametrize(
    "data",
    [bulk_text(*RECORDS), b"<html>Sign in</html>", b"", gzip.compress(b"")],
    ids=["text", "a page", "nothing", "an empty archive"],
)
def test_what_is_no_bulk_file_is_refused(tmp_path, data):
    with pytest.raises(SourceError, match="body-under-test"):
        read(tmp_path, data)


def test_bytes_changed_after_they_were_recorded_are_refused(tmp_path):
    landed = comtrade(tmp_path, WHOLE, "comtrade_bulk")
    landed.path.write_bytes(bulk(record(primaryValue=1.0)))
    with pytest.raises(TruncatedError, match="is recorded"):
        parse(landed)


def test_columns_gained_and_lost_are_named(tmp_path):
    text = bulk_text(*RECORDS).replace(b"netWgt\t", b"netWeight\t", 1)
    with pytest.raises(LayoutError, match=r"lost \['netWgt'\], gained \['netWeight'\]"):
        read(tmp_path, gzip.compress(text))


@pytest.mark.parametrize(
    "end", [b"C\tA\t2024", b"C\tA\t20240101\t2024\t52\t2024\t699\tM\t156\t0\tH6\tHS\tTrue\t284690"]
)
def test_text_that_ends_inside_a_record_is_refused(tmp_path, end):
    with pytest.raises(SourceError):
        read(tmp_path, gzip.compress(bulk_text(*RECORDS) + end))


@pytest.mark.parametrize("changes", [{"netWgt": "heavy"}, {"isNetWgtEstimated": "maybe"}, {"motCode": "sea"}])
def test_a_cell_of_another_type_stops_for_a_reason_a_reader_can_act_on(tmp_path, changes):
    with pytest.raises(SourceError, match="body-under-test"):
        read(tmp_path, bulk(record(**changes)))


def test_a_quotation_mark_does_not_swallow_the_records_after_it(tmp_path):
    data = bulk(record(mosCode='"0'), record(partnerCode=392), record(partnerCode=410))
    table = parse_unless_refused(comtrade(tmp_path, data, "comtrade_bulk"))
    assert table is None or table.rows_parsed == 3


def test_a_file_with_none_of_the_codes_is_no_row_and_no_error(tmp_path):
    table = read(tmp_path, bulk(record(cmdCode="010121")))
    assert (table.frame.height, table.rejects.height) == (0, 0)


def test_a_large_file_is_read_in_a_moment(tmp_path):
    line = bulk_text(record(cmdCode="010121")).split(b"\n", 1)[1]
    head, ours = bulk_text(record()).split(b"\n", 1)
    packed = gzip.compress(head + b"\n" + line * 100_000 + ours, compresslevel=1)
    start = time.monotonic()
    assert read(tmp_path, packed).frame.height == 1
    assert time.monotonic() - start < 5


def test_a_record_of_a_cell_too_many_is_named(tmp_path):
    lines = bulk_text(*RECORDS).split(b"\n")
    lines[2] = lines[2].replace(b"\tC00\t", b"\tC00\t\t", 1)
    with pytest.raises(LayoutError, match="body-under-test: record 2 holds 34 fields under a header of 33"):
        read(tmp_path, gzip.compress(b"\n".join(lines)))


def test_text_in_another_encoding_is_named_with_its_record(tmp_path):
    with pytest.raises(LayoutError, match="record 1 is no text in UTF-8"):
        read(tmp_path, gzip.compress(bulk_text(*RECORDS).replace(b"C00", b"\xff\xfe", 1)))


@pytest.mark.parametrize("cell", ["1.0E7", "NaN", "inf", "1,000", "-1.0", "1 000"])
def test_a_figure_that_is_no_plain_number_is_named(tmp_path, cell):
    with pytest.raises(LayoutError, match=f"record 1 has primaryValue '{cell}', not a number"):
        read(tmp_path, bulk(record(primaryValue=cell)))
