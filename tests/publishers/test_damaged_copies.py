"""Damaged and shuffled copies of every kind of input: nothing is ever lost or changed in silence.

A damaged copy is hashed again, as a bad download is when it lands. Of a landed file that changes later, the
recorded hash tells (`test_a_landed_file_cut_anywhere_is_refused`).
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.model.artifact import Artifact, SourceError, TruncatedError
from tests.helpers.artifacts import (
    artifact,
    bundled,
    copy_of,
    parse,
    parse_unless_refused,
    parsed,
    reasons,
    records,
    refusal,
)
from tests.helpers.violators import assert_none

pytestmark = pytest.mark.thorough

TABLES = [
    "mcs2022-raree_world.csv",
    "mcs2023-raree_world.csv",
    "mcs2024-raree_world.csv",
    "MCS2025_World_Data.csv",
    "MCS2026_Commodities_Data.csv",
]
EXTRACTS = [
    "wits_chn_exports_2022.csv",
    "ind_imports_284690_monthly_2026.csv",
    "meidb_2846_partners_2024.csv",
    "meidb_2846_totals_2025.csv",
    "quotas_2010_2024.csv",
    "baci_world_totals_2002_2024.csv",
    "gacc_exports_ind_284690_2026.csv",
    "pib_2117701_imports_tonnes.csv",
    "pib_2151394_import_shares.csv",
    "amd_2014-11.csv",
    "policy_events.csv",
    "meidb_2846_lines_kg_2021.csv",
    "meidb_2846_calendar_usd_2025.csv",
]
BODY = "chn_imports_2846_1997.json"
PANEL = "all_reporters_850511_2024.csv"
EXPORTS = "eidb_exports_lines_2024.csv"
CSVS = [*TABLES, *EXTRACTS]
WORKBOOKS = ["myb1-2022-raree-ert.xlsx", "usgs_ds140_rare_earths_2020.xlsx"]
ENCODINGS = {"MCS2026_Commodities_Data.csv": "cp1252", "gacc_exports_ind_284690_2026.csv": "gb18030"}


def encoding_of(name: str) -> str:
    """The encoding in which a file's publisher writes."""
    return ENCODINGS.get(name, "utf-8-sig")


@pytest.fixture(scope="session")
def small_panel(scratch) -> Artifact:
    """The panel's first two hundred flows."""
    data = b"".join(bundled()[PANEL].read_bytes().splitlines(keepends=True)[:201])
    return copy_of(bundled()[PANEL], scratch, data)


@pytest.fixture(scope="session")
def small_exports(scratch) -> Artifact:
    """The first hundred records of a fiscal year's exports, blank ones and a printed total among them."""
    data = b"".join(bundled()[EXPORTS].read_bytes().splitlines(keepends=True)[:101])
    return copy_of(bundled()[EXPORTS], scratch, data)


def check_nothing_vanished(original: Artifact, damaged: Artifact) -> None:
    """The damaged copy is refused, or what cannot be read is set aside, or it says exactly the same."""
    read = parse_unless_refused(damaged)
    if read is None:
        return
    whole = parse(original)
    surprises = set(reasons(read)) - whole.spec.expected_rejects
    assert surprises or read.content_sha256() == whole.content_sha256()


def cuts_inside_records(data: bytes) -> list[int]:
    """Every twenty-third byte, and all of the last sixty, but not where a record ends."""
    cuts = {*range(1, len(data), 23), *range(max(1, len(data) - 60), len(data))}
    return sorted(cut for cut in cuts if data[cut - 1 : cut] != b"\n")


@pytest.mark.parametrize("name", CSVS)
def test_a_file_cut_inside_a_record_loses_and_changes_nothing_in_silence(name, scratch):
    original = bundled()[name]
    data = original.read_bytes()
    for cut in cuts_inside_records(data):
        check_nothing_vanished(original, copy_of(original, scratch, data[:cut]))


def test_a_panel_cut_inside_a_record_loses_and_changes_nothing_in_silence(small_panel, scratch):
    data = small_panel.read_bytes()
    for cut in cuts_inside_records(data):
        check_nothing_vanished(small_panel, copy_of(small_panel, scratch, data[:cut]))


def test_exports_cut_inside_a_record_lose_and_change_nothing_in_silence(small_exports, scratch):
    data = small_exports.read_bytes()
    for cut in cuts_inside_records(data):
        check_nothing_vanished(small_exports, copy_of(small_exports, scratch, data[:cut]))


@pytest.mark.parametrize("name", TABLES)
def test_a_world_table_cut_between_two_records_is_refused(name, scratch):
    original = bundled()[name]
    lines = original.read_bytes().splitlines(keepends=True)
    for count in range(len(lines)):
        with pytest.raises(SourceError):
            parse(copy_of(original, scratch, b"".join(lines[:count])))


def test_a_body_cut_anywhere_is_refused(scratch):
    original = bundled()[BODY]
    data = original.read_bytes().rstrip()
    for cut in [*range(0, len(data), 37), len(data) - 1]:
        with pytest.raises(SourceError):
            parse(copy_of(original, scratch, data[:cut]))


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_cut_anywhere_is_refused(name, scratch):
    original = bundled()[name]
    data = original.read_bytes()
    for cut in [*range(0, len(data), 997), len(data) - 1]:
        with pytest.raises(TruncatedError, match=name):
            parse(copy_of(original, scratch, data[:cut]))


def test_a_body_that_lost_a_record_is_refused(scratch):
    original = bundled()[BODY]
    body = json.loads(original.read_bytes())
    for at in range(len(body["data"])):
        kept = body | {"data": [r for i, r in enumerate(body["data"]) if i != at]}
        with pytest.raises(TruncatedError, match="says count"):
            parse(copy_of(original, scratch, json.dumps(kept).encode()))


def test_a_landed_file_cut_anywhere_is_refused(scratch):
    def refused(name: str, data: bytes) -> str:
        return refusal(dataclasses.replace(bundled()[name], path=artifact(scratch, data).path))

    landed = {name: bundled()[name].read_bytes() for name in [*CSVS, BODY, *WORKBOOKS]}
    assert_none(
        f"{name} cut after {cut} bytes: {found}"
        for name, data in landed.items()
        for cut in sorted({0, 1, len(data) // 3, len(data) // 2, len(data) - 1})
        if not re.match("TruncatedError: .*sha256", found := refused(name, data[:cut]))
    )


@pytest.mark.parametrize("name", [*CSVS, EXPORTS, BODY, *WORKBOOKS])
@given(spot=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
@settings(max_examples=40, deadline=None)
def test_no_damaged_byte_crashes_a_parser_or_costs_a_row_in_silence(name, scratch, spot, change):
    original = bundled()[name]
    data = bytearray(original.read_bytes())
    data[int(spot * len(data))] ^= change
    read = parse_unless_refused(copy_of(original, scratch, bytes(data)))
    if read is None:
        return
    whole = parsed(name)
    lost = whole.frame.height - read.frame.height
    assert lost <= read.rejects.height - whole.rejects.height or name in {TABLES[3], TABLES[4]}


@pytest.mark.parametrize("name", [*CSVS, EXPORTS])
@given(shuffle=st.randoms(use_true_random=False))
@settings(max_examples=5, deadline=None)
def test_the_order_of_rows_and_columns_is_no_content(name, scratch, shuffle):
    original = bundled()[name]
    encoding = encoding_of(name)
    header, *body = records(original.read_bytes(), encoding)
    order = shuffle.sample(range(len(header)), len(header))
    shuffle.shuffle(body)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([row[i] for i in order] for row in [header, *body])
    shuffled = parse(copy_of(original, scratch, text.getvalue().encode(encoding)))
    assert shuffled.content_sha256() == parsed(name).content_sha256()


def test_the_order_of_records_and_fields_of_a_body_is_no_content(scratch):
    original = bundled()[BODY]
    body = json.loads(original.read_bytes())
    turned = body | {"data": [dict(reversed(r.items())) for r in reversed(body["data"])], "elapsedTime": "9 secs"}
    shuffled = parse(copy_of(original, scratch, json.dumps(turned).encode()))
    assert shuffled.content_sha256() == parsed(BODY).content_sha256()


def test_a_sign_in_page_saved_under_its_name_is_refused(scratch):
    page = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body>Sign in, please.</body></html>\n"
    found = {
        name: refusal(copy_of(bundled()[name], scratch, page)) for name in [*CSVS, PANEL, EXPORTS, BODY, *WORKBOOKS]
    }
    assert_none(f"{name}: {text}" for name, text in found.items() if not re.match(rf"\w+Error: .*{name}", text))


def test_a_column_gained_or_lost_is_named(scratch):
    def last_column_renamed(name: str) -> tuple[str, str]:
        original, encoding = bundled()[name], encoding_of(name)
        data = original.read_bytes()
        last = [column for column in records(data, encoding)[0] if column][-1]
        renamed = data.replace(last.encode(encoding.removesuffix("-sig")), b"renamed", 1)
        return last, refusal(copy_of(original, scratch, renamed))

    tried = {name: last_column_renamed(name) for name in [*CSVS, PANEL, EXPORTS]}
    assert_none(
        f"{name}, {last!r} renamed: {found}"
        for name, (last, found) in tried.items()
        if not re.search(rf"Error: .*lost \[('{last}')?\], gained \['renamed'\]", found)
    )
