"""BACI: its yearly files, of which only our codes are kept, and the extracts that others made of them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.model.artifact import LayoutError, SourceError, TruncatedError, UnknownLabelError
from sources.model.products import HS_CODES
from tests.helpers.artifacts import artifact, parse, parse_unless_refused, reasons, table

YEARLY = ["t", "i", "j", "k", "v", "q"]
FULL = ["year", "exporter", "importer", "hs6", "value_kusd", "qty_t"]
LARGEST = ["year", "exporter_iso2", "importer_iso2", "hs6", "value_usd", "quantity_t", "baci_release"]
TOTALS = ["hs6", "year", "hs_revision", "world_usd", "world_tonnes"]
PARTITIONS = {
    "baci_csv": "BACI V202601/HS17/all/2024",
    "extract_full_kusd_t": "BACI V202601/HS17/850511/2024",
    "extract_flows_usd": "BACI V202601/HS02+HS17/850511/2002-2023/partial",
    "extract_world_totals": "BACI V202601/HS02+HS17/850511/2002-2024/world totals",
}


def baci(folder, layout, data, **known):
    facts = {"partition": PARTITIONS[layout], "source_code": "cepii_baci", "name": "file-under-test"}
    return artifact(folder, data, layout=layout, **(facts | known))


def yearly(folder, *rows, **known):
    return parse(baci(folder, "baci_csv", table(YEARLY, *rows), **known))


def test_a_record_of_a_yearly_file_becomes_dollars_and_kilograms(tmp_path):
    read = yearly(tmp_path, ["2024", "156", "699", "850511", "    162786.289", " 19259.294"])
    got = read.frame.row(0, named=True)
    assert (got["exporter_code"], got["importer_code"], got["hs_code"]) == ("CHN", "IND", "850511")
    assert (got["period_start"], got["period_end"], got["hs_revision"]) == (
        date(2024, 1, 1), date(2024, 12, 31), "HS2017",
    )  # fmt: skip
    assert (got["value_usd"], got["value_rounding_usd"], got["value_raw"]) == (162_786_289.0, 0.5, "162786.289")
    assert (got["net_weight_kg"], got["weight_rounding_kg"], got["weight_raw"]) == (19_259_294.0, 0.5, "19259.294")
    assert got["coverage"] == "complete"


@pytest.mark.parametrize(
    ("code", "area"),
    [("699", "IND"), ("842", "USA"), ("490", "S19"), ("58", "BEL"), ("280", "DEU"), ("251", "FRA"), ("757", "CHE"),
     ("849", "UMI"), ("711", "X711"), ("697", "X697"), ("516", "NAM")],
)  # fmt: skip
def test_countries_are_known_by_their_numbers(tmp_path, code, area):
    assert yearly(tmp_path, ["2024", code, "156", "850511", "1.0", "1.0"]).frame["exporter_code"].item() == area


@pytest.mark.parametrize("code", ["356", "840", "9999", "IN"])
def test_a_number_that_is_no_country_of_bacis_stops_the_load(tmp_path, code):
    with pytest.raises(UnknownLabelError, match=f"'{code}'"):
        yearly(tmp_path, ["2024", "156", code, "850511", "1.0", "1.0"])


def test_of_all_codes_only_those_followed_are_kept_and_rows_keep_their_number(tmp_path):
    rows = [["2024", "156", "699", code, "1.0", "1.0"] for code in ("010121", *HS_CODES, "999999")]
    read = yearly(tmp_path, *rows)
    assert set(read.frame["hs_code"]) == set(HS_CODES)
    assert read.frame["artifact_row"].to_list() == list(range(2, len(HS_CODES) + 2))


@pytest.mark.parametrize(
    ("printed", "weight", "status"),
    [("NA", None, "not_available"), ("        NA", None, "not_available"), ("0.000", None, "at_most"),
     ("0.001", 1.0, "reported")],
)  # fmt: skip
def test_a_weight_that_is_not_known_is_never_a_number(tmp_path, printed, weight, status):
    got = yearly(tmp_path, ["2024", "156", "699", "850511", "1.0", printed]).frame.row(0, named=True)
    assert (got["net_weight_kg"], got["weight_status"], got["weight_raw"]) == (weight, status, printed.strip())


@pytest.mark.parametrize(("value", "weight"), [("0.000", "1"), ("NA", "1"), ("-1", "1"), ("1", "n.a."), ("inf", "1")])
def test_a_value_that_bacis_positive_flows_cannot_have_is_set_aside(tmp_path, value, weight):
    bad = ["2024", "156", "699", "850511", value, weight]
    read = yearly(tmp_path, bad, ["2024", "156", "392", "850511", "1.0", "1.0"])
    assert reasons(read) == {"unreadable_value": 1}
    assert read.frame["importer_code"].to_list() == ["JPN"]


def test_a_flow_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="share a key"):
        yearly(tmp_path, *[["2024", "156", "699", "850511", "1.0", "1.0"]] * 2)


def test_a_file_without_our_codes_is_refused(tmp_path):
    with pytest.raises(TruncatedError, match="no record of the codes"):
        yearly(tmp_path, ["2024", "156", "699", "010121", "1.0", "1.0"])


def test_columns_gained_and_lost_are_named(tmp_path):
    data = table([*YEARLY[:-1], "quantity"], ["2024", "156", "699", "850511", "1.0", "1.0"])
    with pytest.raises(LayoutError, match=r"lost \['q'\], gained \['quantity'\]"):
        parse(baci(tmp_path, "baci_csv", data))


@pytest.mark.parametrize("data", [b"", b"\n", b"\x00\x00\n", b"<html></html>\n", b"t,i,j,k,v,q\n", b"\xff\xfe\xfa\n"])
def test_what_is_no_yearly_file_is_refused(tmp_path, data):
    with pytest.raises(SourceError, match="file-under-test"):
        parse(baci(tmp_path, "baci_csv", data))


TWO = table(YEARLY, ["2024", "156", "699", "850511", "10.5", "1.25"], ["2024", "156", "392", "850511", "11.5", "NA"])


@given(st.integers(1, len(TWO) - 1))
@settings(max_examples=60, deadline=None)
def test_a_yearly_file_cut_anywhere_loses_whole_records_or_is_refused(scratch, cut):
    read = parse_unless_refused(baci(scratch, "baci_csv", TWO[:cut]))
    assert read is None or TWO[:cut].endswith(b"\n")


def test_a_record_cut_short_inside_the_file_is_refused(tmp_path):
    with pytest.raises(TruncatedError, match="record 1 ends before its last field"):
        parse(baci(tmp_path, "baci_csv", TWO.replace(b",1.25", b"", 1)))


def test_names_beside_the_codes_of_the_full_extract_are_not_needed(tmp_path):
    row = ["2024", "CHN", "IND", "850511", "1.484", ""]
    bare = parse(baci(tmp_path, "extract_full_kusd_t", table(FULL, row)))
    named = table([*FULL, "exporter_name", "importer_name"], [*row, "China", "India"])
    assert bare.content_sha256() == parse(baci(tmp_path, "extract_full_kusd_t", named)).content_sha256()
    got = bare.frame.row(0, named=True)
    assert (got["value_usd"], got["net_weight_kg"], got["weight_status"]) == (1484.0, None, "not_available")


def test_largest_flows_are_partial_and_taiwan_there_is_bacis_other_asia(tmp_path):
    data = table(
        LARGEST,
        ["2002", "TW", "NA", "850511", "86884710", "", "HS02 V202601"],
        ["2017", "DE", "CS", "850511", "5", "0", "HS17 V202601"],
    )
    rows = parse(baci(tmp_path, "extract_flows_usd", data)).frame
    assert rows.select("exporter_code", "importer_code").rows() == [("S19", "NAM"), ("DEU", "SCG")]
    assert rows["hs_revision"].to_list() == ["HS2002", "HS2017"]
    assert rows["coverage"].unique().to_list() == ["partial"]
    assert rows.select("weight_status", "weight_rounding_kg").rows() == [("not_available", None), ("at_most", 500.0)]


@pytest.mark.parametrize("release", ["HS02 V202501", "HS12 V202601", "V202601", ""])
def test_releases_are_never_mixed(tmp_path, release):
    data = table(LARGEST, ["2002", "CN", "IN", "850511", "5", "", release])
    with pytest.raises(UnknownLabelError, match="baci_release"):
        parse(baci(tmp_path, "extract_flows_usd", data))


def test_a_world_total_is_of_the_world_on_both_sides_and_others_shares_are_not_read(tmp_path):
    row = ["850511", "2024", "HS17", "4962889102", "187826.6"]
    bare = parse(baci(tmp_path, "extract_world_totals", table(TOTALS, row)))
    more = table([*TOTALS, "china_export_share", "export_hhi"], [*row, "0.6266", "0.4098"])
    assert bare.content_sha256() == parse(baci(tmp_path, "extract_world_totals", more)).content_sha256()
    got = bare.frame.row(0, named=True)
    assert (got["exporter_code"], got["importer_code"], got["coverage"]) == ("WLD", "WLD", "world_total")
    assert (got["value_usd"], got["net_weight_kg"], got["weight_rounding_kg"]) == (4_962_889_102.0, 187_826_600.0, 50.0)


@pytest.mark.parametrize(
    "name", ["BACI/HS17/all/2024", "BACI V202601/all/2024", "BACI V202601", "BACI V26/HS17/all/2024"]
)
def test_a_partition_that_does_not_state_release_and_revision_is_refused(tmp_path, name):
    with pytest.raises(LayoutError, match="name it BACI"):
        yearly(tmp_path, ["2024", "156", "699", "850511", "1.0", "1.0"], partition=name)


def test_a_yearly_file_is_of_one_revision(tmp_path):
    with pytest.raises(LayoutError, match="its own partition"):
        yearly(tmp_path, ["2024", "156", "699", "850511", "1", "1"], partition="BACI V202601/HS02+HS17/all/2024")
