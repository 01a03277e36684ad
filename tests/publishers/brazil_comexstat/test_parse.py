"""Answers of Comex Stat: US$ FOB and kilograms by line, month and partner."""

from __future__ import annotations

import json

import pytest

from sources.model.artifact import LayoutError, TruncatedError, UnknownLabelError
from tests.helpers.artifacts import artifact, parse, reasons
from tests.publishers.brazil_comexstat.builders import a_record

ABOUT = {
    "source_code": "brazil_comexstat",
    "layout": "comexstat_general",
    "partition": "COMEX STAT/M/850511/2025",
    "year": 2025,
}


def answer(folder, *records, **about):
    data = json.dumps({"data": {"list": list(records)}, "success": True, "message": None}).encode()
    return parse(artifact(folder, data, **(ABOUT | about)))


def test_a_record_is_an_import_by_origin_fob(tmp_path):
    row = answer(tmp_path, a_record(metricFOB="1383730", metricKG="82946")).frame.row(0, named=True)
    assert (row["value_usd"], row["value_rounding_usd"], row["net_weight_kg"]) == (1_383_730.0, 0.5, 82_946.0)
    assert (row["flow"], row["valuation"], row["partner_basis"], row["partner_code"]) == (
        "import", "FOB", "origin", "CHN",
    )  # fmt: skip
    assert (row["hs_code"], row["code_country"], row["scope_code"]) == ("85051100", "BRA", "850511")


def test_exports_go_to_their_last_known_destination(tmp_path):
    row = answer(tmp_path, a_record(), partition="COMEX STAT/X/850511/2025").frame.row(0, named=True)
    assert (row["flow"], row["partner_basis"]) == ("export", "last_known_destination")


def test_a_number_is_read_as_text_or_as_a_number_and_a_zero_is_a_bound(tmp_path):
    read = answer(tmp_path, a_record(metricFOB=12, metricKG=0), a_record(country="Japão", metricFOB="0", metricKG="1"))
    assert read.frame.select("value_usd", "value_status", "net_weight_kg", "weight_status").rows() == [
        (12.0, "reported", None, "at_most"),
        (None, "at_most", 1.0, "reported"),
    ]


def test_an_error_of_the_interface_is_refused(tmp_path):
    with pytest.raises(TruncatedError, match=r"holds no records under data\.list"):
        parse(artifact(tmp_path, b'{"error": {"code": 429, "message": "Too many requests"}}', **ABOUT))


def test_a_lost_field_is_refused_and_a_gained_one_is_not_read(tmp_path):
    lost = a_record()
    del lost["coNcm"]
    with pytest.raises(LayoutError, match=r"lost \['coNcm'\]"):
        answer(tmp_path, lost)
    assert answer(tmp_path, a_record(metricCIF="5")).frame.height == 1


def test_a_line_of_another_code_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="'85051910', no line under 850511"):
        answer(tmp_path, a_record(coNcm="85051910"))


def test_an_unknown_country_is_set_aside_where_it_is_small(tmp_path):
    read = answer(tmp_path, a_record(metricFOB="1000000"), a_record(country="Atlântida", metricFOB="900"))
    assert (read.frame.height, reasons(read)) == (1, {"unknown_partner": 1})
    with pytest.raises(UnknownLabelError, match="Atlântida"):
        answer(tmp_path, a_record(metricFOB="1000"), a_record(country="Atlântida", metricFOB="900"))


def test_a_cell_that_is_no_number_or_no_month_is_set_aside(tmp_path):
    read = answer(tmp_path, a_record(), a_record(metricKG="1,5"), a_record(monthNumber="13"))
    assert (read.frame.height, reasons(read)) == (1, {"unreadable_value": 2})
    assert "metricKG '1,5'" in read.rejects["detail"][0]
