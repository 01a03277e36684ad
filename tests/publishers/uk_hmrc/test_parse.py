"""HMRC's records: pounds and kilograms, several records a flow, suppressed figures, pages."""

from __future__ import annotations

import json

import pytest

from sources.model.artifact import LayoutError, TruncatedError, UnknownLabelError
from tests.helpers.artifacts import artifact, parse, reasons, table
from tests.publishers.uk_hmrc.builders import a_record

EXTRACT = ("MonthId", "flow", "CommodityId", "country", "Value", "NetMass")
ABOUT = {"source_code": "uk_hmrc", "layout": "hmrc_ots", "partition": "HMRC OTS/850511/2025", "year": 2025}


def body(folder, *records, **more):
    return parse(artifact(folder, json.dumps({"value": list(records), **more}).encode(), **ABOUT))


def test_records_of_one_flow_are_its_parts_by_type_and_port(tmp_path):
    read = body(
        tmp_path,
        a_record(Value=870, NetMass=3, PortId=120),
        a_record(Value=1200, NetMass=8, PortId=120),
        a_record(Value=99, NetMass=None, PortId=-1),
    )
    assert read.frame.select("part_label", "value_local", "net_weight_kg", "weight_status").rows() == [
        ("type 3, port -1 1", 99.0, None, "not_available"),
        ("type 3, port 120 1", 1200.0, 8.0, "reported"),
        ("type 3, port 120 2", 870.0, 3.0, "reported"),
    ]
    assert read.frame.select("scope_code", "hs_code", "flow", "partner_code").unique().rows() == [
        ("850511", "85051110", "import", "CHN")
    ]


def test_the_order_of_records_changes_no_part(tmp_path):
    records = [a_record(Value=value) for value in (5, 9, 7)]
    there, back = body(tmp_path, *records), body(tmp_path, *reversed(records))
    assert there.content_sha256() == back.content_sha256()


def test_a_printed_0_is_below_half_a_pound_and_no_figure_is_withheld(tmp_path):
    read = body(tmp_path, a_record(Value=0, NetMass=0), a_record(Value=None, NetMass=None, FlowTypeId=1))
    assert read.frame.select("flow", "value_local", "value_status", "weight_status").rows() == [
        ("import", None, "withheld", "not_available"),
        ("import", None, "at_most", "at_most"),
    ]


@pytest.mark.parametrize(("flow_type", "flow"), [(1, "import"), (2, "export"), (3, "import"), (4, "export")])
def test_a_flow_type_has_a_direction(tmp_path, flow_type, flow):
    assert body(tmp_path, a_record(FlowTypeId=flow_type)).frame["flow"].to_list() == [flow]


def test_an_unknown_flow_type_stops_the_body(tmp_path):
    with pytest.raises(UnknownLabelError, match=r"says flow \['5'\]"):
        body(tmp_path, a_record(FlowTypeId=5))


def test_countries_whose_trade_is_suppressed_have_no_letters_and_are_one_unspecified_partner(tmp_path):
    secret = {"CountryId": 958, "CountryCodeAlpha": None, "CountryName": "Secret countries"}
    other = secret | {"CountryId": 959, "CountryName": "Countries not disclosed"}
    read = body(tmp_path, a_record(), a_record(Value=900, Country=secret), a_record(Value=30, Country=other))
    assert read.frame.sort("value_local").select(
        "partner_code", "partner_label", "part_label", "value_local"
    ).rows() == [
        ("XUNS", "no ISO code", "type 3, port 120, Countries not disclosed 1", 30.0),
        ("XUNS", "no ISO code", "type 3, port 120, Secret countries 1", 900.0),
        ("CHN", "CN", "type 3, port 120 1", 1000.0),
    ]


def test_a_small_country_with_unknown_letters_is_set_aside_and_a_large_one_stops_the_body(tmp_path):
    kosovo = {"CountryId": 95, "CountryCodeAlpha": "XK", "CountryName": "Kosovo"}
    read = body(tmp_path, a_record(Value=1_000_000), a_record(Value=900, Country=kosovo))
    assert (read.frame.height, reasons(read)) == (1, {"unknown_partner": 1})
    with pytest.raises(UnknownLabelError, match="XK"):
        body(tmp_path, a_record(Value=1_000), a_record(Value=900, Country=kosovo))


def test_one_page_of_several_is_refused(tmp_path):
    with pytest.raises(TruncatedError, match="one page of several"):
        body(tmp_path, a_record(), **{"@odata.nextLink": "https://api.uktradeinfo.com/OTS?$skip=1"})


def test_an_error_in_place_of_records_is_refused(tmp_path):
    with pytest.raises(TruncatedError, match="holds no records under 'value'"):
        parse(artifact(tmp_path, b'{"error": {"code": "", "message": "The query is invalid."}}', **ABOUT))


def test_a_lost_field_is_refused_and_a_gained_one_is_not_read(tmp_path):
    lost = a_record()
    del lost["NetMass"]
    with pytest.raises(LayoutError, match=r"lost \['NetMass'\]"):
        body(tmp_path, lost)
    assert body(tmp_path, a_record(IsFinal=True)).frame.height == 1


def test_a_line_of_another_code_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="'85051910', no line under 850511"):
        body(tmp_path, a_record(CommodityId=85051910))


def test_a_cell_that_is_no_number_is_set_aside(tmp_path):
    rows = [("202501", "import", "85051110", "CN", "1200,5", "3"), ("202501", "import", "85051110", "CN", "12", "3")]
    about = ABOUT | {"layout": "extract_ots_months", "partition": "HMRC OTS/85051110/2025"}
    read = parse(artifact(tmp_path, table(EXTRACT, *rows), **about))
    assert (read.frame.height, reasons(read)) == (1, {"unreadable_value": 1})
    assert read.rejects["detail"].item() == "cannot be read: Value '1200,5'"
