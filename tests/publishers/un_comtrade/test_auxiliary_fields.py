"""What beside the measured figure a record says never costs the figure: units, tiny partners, other flows, fields."""

from __future__ import annotations

import gzip
import json
import logging

import pytest

from sources.model.artifact import LayoutError, UnknownLabelError
from sources.reading.tables import forget_added_fields
from tests.helpers.artifacts import artifact, parse, reasons, refusal, table
from tests.publishers.un_comtrade.builders import body, bulk, comtrade, record

WITS = [
    "reporter",
    "flow",
    "hs_code",
    "year",
    "partner",
    "value_1000usd",
    "quantity_kg",
    "quantity_unit",
    "source_file",
]


def read(folder, *records, **known):
    return parse(comtrade(folder, body(*records), **known))


def world(**changes):
    return record(**{"partnerCode": 0, "primaryValue": 1e6, "cifvalue": 1e6} | changes)


@pytest.mark.parametrize(
    ("code", "unit"),
    [(2, "square_metre"), (6, "pairs"), (9, "thousand_items"), (13, "carat"), (21, "unit 21")],
)
def test_a_quantity_in_another_unit_stands_under_its_own_unit_and_the_weight_stays(tmp_path, code, unit):
    got = read(tmp_path, record(qtyUnitCode=code, qty=77.0)).frame.row(0, named=True)
    assert (got["value_usd"], got["net_weight_kg"]) == (1000.0, 250.0)
    assert (got["quantity"], got["quantity_unit"]) == (77.0, unit)


@pytest.mark.parametrize("code", [None, -1, 1])
def test_a_quantity_without_a_unit_is_none_and_the_figure_stays(tmp_path, code):
    got = read(tmp_path, record(qtyUnitCode=code, qty=77.0)).frame.row(0, named=True)
    assert (got["value_usd"], got["net_weight_kg"]) == (1000.0, 250.0)
    assert (got["quantity"], got["quantity_unit"]) == (None, None)


@pytest.mark.parametrize(("code", "area"), [(849, "UMI"), (80, "X080"), (356, "IND"), (588, "PAK"), (97, None)])
def test_the_special_areas_of_comtrade_are_known(tmp_path, code, area):
    made = comtrade(tmp_path, body(record(partnerCode=code)))
    if area is None:
        assert refusal(made).startswith("UnknownLabelError")
    else:
        assert parse(made).frame["partner_code"].to_list() == [area]


def test_two_codes_of_one_area_are_parts_of_its_flow(tmp_path):
    got = read(tmp_path, record(partnerCode=849), record(partnerCode=581), record()).frame
    assert got.select("partner_code", "part_label").rows() == [("UMI", "849"), ("UMI", "581"), ("CHN", None)]


def test_the_same_code_twice_is_still_refused(tmp_path):
    with pytest.raises(LayoutError, match="share a key"):
        read(tmp_path, record(partnerCode=849), record(partnerCode=849), record(partnerCode=581))


def test_a_tiny_unknown_partner_is_set_aside_and_the_total_stays(tmp_path):
    got = read(tmp_path, world(), record(primaryValue=999_100.0), record(partnerCode=985, primaryValue=900.0))
    assert got.frame["partner_code"].to_list() == ["WLD", "CHN"]
    assert got.frame["value_usd"].to_list() == [1e6, 999_100.0]
    assert reasons(got) == {"unknown_partner": 1}
    reject = got.rejects.row(0, named=True)
    assert json.loads(reject["row_json"])["primaryValue"] == 900.0
    assert "0.09 % of the flow's total" in reject["detail"]
    assert "un_comtrade,m49,985,area,???" in reject["detail"]


@pytest.mark.parametrize(
    "others",
    [
        [record(partnerCode=985, primaryValue=1001.0)],
        [record(partnerCode=985, primaryValue=600.0), record(partnerCode=986, primaryValue=600.0)],
        [record(partnerCode=985, primaryValue=None)],
    ],
    ids=["more than a thousandth", "together more than a thousandth", "of unknown size"],
)
def test_an_unknown_partner_that_is_not_tiny_stops_the_artifact_by_name(tmp_path, others):
    with pytest.raises(UnknownLabelError, match="'985'"):
        read(tmp_path, world(), *others)


def test_an_unknown_partner_that_is_tiny_in_one_flow_and_large_in_another_stops_the_artifact(tmp_path):
    exports = [world(flowCode="X"), record(flowCode="X", partnerCode=985, primaryValue=5e5)]
    with pytest.raises(UnknownLabelError, match="'985'"):
        read(tmp_path, world(), record(partnerCode=985, primaryValue=1.0), *exports)


def test_two_unknown_names_of_tiny_partners_do_not_stop_a_wits_file(tmp_path):
    rows = [
        ("World", "5000.00", "5000"), ("India", "4999.00", "4990"), ("Atlantis", "0.50", "5"), ("Utopia", "0.50", "5"),
    ]  # fmt: skip
    data = table(WITS, *(["China", "Export", "850511", "2012", *row, "Kg", "x.xlsx"] for row in rows))
    partition = "WITS/CHN/X/850511/2012"
    made = artifact(tmp_path, data, source_code="un_comtrade", layout="extract_wits", partition=partition, year=2012)
    got = parse(made)
    assert got.frame["partner_code"].to_list() == ["WLD", "IND"]
    assert reasons(got) == {"unknown_partner": 2}


def test_a_quantity_of_wits_in_another_unit_is_no_weight(tmp_path):
    units = [("India", "7", "Item"), ("Japan", "", ""), ("World", "9", "Kg")]
    data = table(WITS, *(["China", "Export", "850511", "2012", p, "5.00", n, unit, "x"] for p, n, unit in units))
    partition = "WITS/CHN/X/850511/2012"
    made = artifact(tmp_path, data, source_code="un_comtrade", layout="extract_wits", partition=partition, year=2012)
    got = parse(made).frame.select("value_usd", "net_weight_kg", "weight_status", "quantity", "quantity_unit").rows()
    assert got == [
        (5000.0, None, "not_available", 7.0, "Item"),
        (5000.0, None, "not_available", None, None),
        (5000.0, 9.0, "reported", 9.0, "kg"),
    ]


def test_re_exports_of_an_extract_are_set_aside_with_a_reason(tmp_path):
    row = ["India", "5.00", "7", "Kg", "x"]
    data = table(WITS, *(["China", flow, "850511", "2012", *row] for flow in ("Export", "Re-Export")))
    partition = "WITS/CHN/X/850511/2012"
    made = artifact(tmp_path, data, source_code="un_comtrade", layout="extract_wits", partition=partition, year=2012)
    got = parse(made)
    assert got.frame["flow"].to_list() == ["export"]
    assert reasons(got) == {"other_flow": 1}
    assert got.rejects["detail"].to_list() == ["re_export: not loaded from an extract"]


def test_a_flow_that_the_publisher_does_not_list_stops_the_artifact(tmp_path):
    assert refusal(comtrade(tmp_path, body(record(flowCode="ZZ")))).startswith("UnknownLabelError")


@pytest.fixture(autouse=True)
def first_of_a_run():
    forget_added_fields("un_comtrade")


def test_a_field_that_the_publisher_adds_is_not_read_and_is_named_in_the_log_once(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, logger="ree.parse"):
        got = read(tmp_path, record(carbonKg=1.0), record(partnerCode=0))
        read(tmp_path, record(carbonKg=2.0))
    assert got.frame["value_usd"].to_list() == [1000.0, 1000.0]
    assert caplog.text.count("carbonKg") == 1
    assert "un_comtrade: 1 fields are new" in caplog.text


def test_a_column_that_the_publisher_adds_to_a_bulk_file_is_not_read(tmp_path, caplog):
    lines = gzip.decompress(bulk(record())).decode().splitlines()
    data = gzip.compress(f"{lines[0]}\tcarbonKg\n{lines[1]}\t1.0\n".encode())
    with caplog.at_level(logging.WARNING, logger="ree.parse"):
        got = parse(comtrade(tmp_path, data, layout="comtrade_bulk"))
    assert got.frame["value_usd"].to_list() == [1000.0]
    assert "carbonKg" in caplog.text


@pytest.mark.parametrize("lost", ["primaryValue", "netWgt", "partner2Code", "qtyUnitCode"])
def test_a_field_that_is_lost_stops_the_artifact_by_name(tmp_path, lost):
    short = {name: value for name, value in record().items() if name != lost}
    with pytest.raises(LayoutError, match=lost):
        read(tmp_path, record(), short)


def test_a_description_that_is_lost_stops_nothing(tmp_path):
    short = {name: value for name, value in record().items() if name != "cmdDesc"}
    assert read(tmp_path, short).frame["value_usd"].to_list() == [1000.0]


@pytest.mark.parametrize(("flow", "part"), [("M", "cifvalue"), ("X", "fobvalue")])
def test_a_value_that_its_own_part_contradicts_is_refused_by_record(tmp_path, flow, part):
    other = "fobvalue" if part == "cifvalue" else "cifvalue"
    parts = {"flowCode": flow, "primaryValue": 50.0, part: 50_000.0, other: None}
    text = refusal(comtrade(tmp_path, body(world(), record(**parts))))
    assert text.startswith("LayoutError")
    assert "record 2 has primaryValue 50.0 beside" in text


def test_a_value_without_parts_is_read(tmp_path):
    found = read(tmp_path, record(cifvalue=None, fobvalue=None))
    assert found.frame["value_usd"].to_list() == [1000.0]
