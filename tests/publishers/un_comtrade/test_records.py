"""Comtrade's own records: what a body says, and which bodies say nothing."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.model.artifact import LayoutError, SourceError, TruncatedError, UnknownLabelError
from tests.helpers.artifacts import parse, parse_all_unless_refused, parse_unless_refused, reasons
from tests.publishers.un_comtrade.builders import RECORD, body, comtrade, many_partners, record


def read(folder, *records, **known):
    return parse(comtrade(folder, body(*records), **known))


def row(folder, **changes):
    return read(folder, record(**changes)).frame.row(0, named=True)


def test_a_record_becomes_a_flow_in_us_dollars_and_kilograms(tmp_path):
    got = row(tmp_path)
    assert (got["reporter_code"], got["partner_code"], got["flow"]) == ("IND", "CHN", "import")
    assert (got["hs_code"], got["hs_revision"], got["code_country"]) == ("284690", "HS2022", None)
    assert (got["period_start"], got["period_end"]) == (date(2024, 1, 1), date(2024, 12, 31))
    assert (got["value_usd"], got["value_rounding_usd"], got["value_raw"]) == (1000.0, 0.0, "1000.0")
    assert (got["net_weight_kg"], got["weight_status"]) == (250.0, "reported")
    assert (got["quantity"], got["quantity_unit"], got["valuation"]) == (250.0, "kg", "CIF")
    assert got["is_partner_world"] is False


def test_india_is_699(tmp_path):
    assert row(tmp_path, reporterCode=156, partnerCode=699)["partner_code"] == "IND"
    assert row(tmp_path, reporterCode=699, partnerCode=156)["reporter_code"] == "IND"


def test_the_world_is_marked_and_other_asia_is_a_special_area(tmp_path):
    assert row(tmp_path, partnerCode=0)["is_partner_world"] is True
    assert row(tmp_path, partnerCode=490)["partner_code"] == "S19"
    assert row(tmp_path, partnerCode=842)["partner_code"] == "USA"


def test_a_reporter_that_is_its_own_partner_is_kept(tmp_path):
    got = row(tmp_path, reporterCode=156, partnerCode=156)
    assert (got["reporter_code"], got["partner_code"]) == ("CHN", "CHN")


def test_a_month_is_a_month_and_february_ends_in_time(tmp_path):
    got = row(tmp_path, freqCode="M", period="202402", refMonth=2)
    assert (got["period_type"], got["period_start"], got["period_end"]) == (
        "month",
        date(2024, 2, 1),
        date(2024, 2, 29),
    )


@pytest.mark.parametrize("breakdown", [{"motCode": 2100}, {"customsCode": "C01"}])
def test_rows_of_a_breakdown_are_set_aside_and_their_total_loads(tmp_path, breakdown):
    table = read(tmp_path, record(), record(primaryValue=600.0, **breakdown))
    assert table.frame["value_usd"].to_list() == [1000.0]
    assert reasons(table) == {"breakdown_row": 1}
    assert json.loads(table.rejects["row_json"][0])["primaryValue"] == 600.0


@pytest.mark.parametrize("field", ["partner2Code", "motCode", "customsCode"])
def test_a_record_whose_breakdown_code_is_left_out_does_not_vanish(tmp_path, field):
    table = parse_unless_refused(comtrade(tmp_path, body(record(), record(partnerCode=392, **{field: None}))))
    assert table is None or table.rows_parsed == 2


def test_two_total_rows_of_one_flow_are_refused(tmp_path):
    with pytest.raises(LayoutError, match="share a key"):
        read(tmp_path, record(), record(primaryValue=2.0))


@pytest.mark.parametrize("weight", [0, 0.0, None])
def test_a_weight_of_zero_or_nothing_is_not_available(tmp_path, weight):
    got = row(tmp_path, netWgt=weight)
    assert (got["net_weight_kg"], got["weight_status"]) == (None, "not_available")


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ({}, "reported"),
        ({"isNetWgtEstimated": True}, "estimated"),
        ({"legacyEstimationFlag": 4}, "estimated"),
        ({"legacyEstimationFlag": 6}, "estimated"),
        ({"legacyEstimationFlag": 2}, "reported"),
        ({"isNetWgtEstimated": True, "netWgt": 0}, "not_available"),
    ],
)
def test_either_flag_of_estimation_marks_the_weight(tmp_path, flags, status):
    assert row(tmp_path, **flags)["weight_status"] == status


def test_a_value_of_zero_is_zero_and_one_left_out_is_not_reported(tmp_path):
    assert row(tmp_path, primaryValue=0.0)["value_status"] == "zero"
    left_out = row(tmp_path, primaryValue=None)
    assert (left_out["value_usd"], left_out["value_status"]) == (None, "not_available")


def test_the_valuation_is_the_records_own_then_the_reporters_practice(tmp_path):
    assert row(tmp_path, cifvalue=None, fobvalue=1000.0)["valuation"] == "FOB"
    assert row(tmp_path, cifvalue=None, fobvalue=None)["valuation"] == "CIF"
    assert row(tmp_path, cifvalue=None, fobvalue=None, flowCode="X")["valuation"] == "FOB"
    assert row(tmp_path, cifvalue=None, reporterCode=36)["valuation"] == "unknown"


@pytest.mark.parametrize(
    ("code", "revision"),
    [("H0", "HS1992"), ("H1", "HS1996"), ("H2", "HS2002"), ("H3", "HS2007"), ("H4", "HS2012"), ("H5", "HS2017")],
)
def test_each_classification_code_is_its_revision_of_the_hs(tmp_path, code, revision):
    assert row(tmp_path, classificationCode=code)["hs_revision"] == revision


@pytest.mark.parametrize(
    "changes",
    [
        {"flowCode": "ZZ"},
        {"freqCode": "Q"},
        {"classificationCode": "S4"},
        {"partnerCode": 9999},
        {"reporterCode": 9999},
        {"partnerCode": None},
        {"flowCode": None},
    ],
)
def test_a_code_that_is_not_known_stops_the_load_by_name(tmp_path, changes):
    with pytest.raises(UnknownLabelError, match=str(next(iter(changes.values())))):
        read(tmp_path, record(**changes))


def test_a_page_of_exactly_the_cap_is_refused_as_truncated(tmp_path):
    with pytest.raises(TruncatedError, match=r"exactly 500 records.*split the query"):
        read(tmp_path, *many_partners(500))


def test_a_page_one_short_of_the_cap_loads_whole(tmp_path):
    assert read(tmp_path, *many_partners(499)).frame.height == 499


def test_five_hundred_records_under_a_higher_cap_load_whole(tmp_path):
    assert read(tmp_path, *many_partners(500), layout="comtrade_data").frame.height == 500


@pytest.mark.parametrize("count", [0, 1, 3, None, "2"])
def test_a_count_that_is_not_the_number_of_records_is_refused(tmp_path, count):
    data = body(record(), record(partnerCode=392), count=count)
    with pytest.raises(TruncatedError, match="count"):
        parse(comtrade(tmp_path, data))


def test_an_empty_answer_is_not_zero_trade(tmp_path):
    with pytest.raises(TruncatedError, match=r"no record.*not zero trade"):
        read(tmp_path)


def test_a_body_that_carries_an_error_is_refused_with_its_words(tmp_path):
    with pytest.raises(SourceError, match="maximum period"):
        parse(comtrade(tmp_path, body(error="maximum period allowed is 12")))


@pytest.mark.parametrize(
    "data",
    [
        b'{"statusCode": 401, "message": "Access denied due to invalid subscription key."}',
        b'{"statusCode": 403, "message": "Out of call volume quota."}',
        b'{"errorObject": {"errorMessage": "Too many parameters"}}',
        b"<!DOCTYPE html><html><body>414 URI Too Long</body></html>",
        b"",
        b"[]",
        b"null",
        b'{"count": 0, "data": null, "error": ""}',
        b'{"count": 1, "data": [5], "error": ""}',
        b'{"count": 1, "data": ["a"], "error": ""}',
        b'{"count": 1, "data": {"a": 1}, "error": ""}',
        b"\xff\xfe{}",
    ],
)
def test_what_is_no_body_of_records_is_refused(tmp_path, data):
    with pytest.raises(SourceError, match="body-under-test"):
        parse(comtrade(tmp_path, data))


def test_fields_gained_and_lost_are_named(tmp_path):
    changed = record(tradeValue=1.0)
    del changed["primaryValue"]
    with pytest.raises(LayoutError, match=r"lost \['primaryValue'\], gained \['tradeValue'\]"):
        read(tmp_path, changed)


def test_records_that_differ_in_their_fields_are_refused(tmp_path):
    shorter = record(partnerCode=392)
    del shorter["netWgt"]
    with pytest.raises(LayoutError, match="netWgt"):
        read(tmp_path, record(), shorter)


@pytest.mark.parametrize("changes", [{"netWgt": "heavy"}, {"partnerCode": "CHN"}, {"isNetWgtEstimated": "yes"}])
def test_a_field_of_another_type_is_refused(tmp_path, changes):
    with pytest.raises(LayoutError):
        read(tmp_path, record(**changes))


@pytest.mark.parametrize("changes", [{"period": "20x4"}, {"period": "2024-01"}, {"freqCode": "M", "period": "202413"}])
def test_a_period_that_is_none_stops_for_a_reason_a_reader_can_act_on(tmp_path, changes):
    with pytest.raises(SourceError, match="body-under-test"):
        read(tmp_path, record(**changes))


def test_order_and_the_servers_own_time_are_no_content(tmp_path):
    records = many_partners(40)
    first = parse(comtrade(tmp_path, body(*records)))
    turned = [dict(reversed(r.items())) for r in reversed(records)]
    second = parse(comtrade(tmp_path, body(*turned, elapsedTime="9.99 secs")))
    assert first.content_sha256() == second.content_sha256()


@given(st.integers(0, len(body(record(), record(partnerCode=392))) - 1))
@settings(max_examples=60)
def test_a_body_cut_anywhere_is_refused(scratch, cut):
    whole = body(record(), record(partnerCode=392))
    with pytest.raises(SourceError):
        parse(comtrade(scratch, whole[:cut]))


@given(st.sampled_from(sorted(RECORD)), st.none() | st.integers(-9, 9) | st.text(max_size=3) | st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_field_can_make_a_record_vanish_or_crash_the_parser(scratch, field, value):
    data = body(record(), record(**({"partnerCode": 392} | {field: value})))
    tables = parse_all_unless_refused(comtrade(scratch, data))
    assert not tables or sum(table.rows_parsed for table in tables) == 2


def test_an_estimated_quantity_is_not_published_unmarked(tmp_path):
    # Korea's exports to India in 2023: 777 kg is Comtrade's estimate, the weight is reported
    estimate = {"qty": 777.0, "isQtyEstimated": True, "netWgt": 1200.0, "legacyEstimationFlag": 2}
    for changes in (estimate, estimate | {"isQtyEstimated": False}, estimate | {"legacyEstimationFlag": 0}):
        got = row(tmp_path, **changes)
        assert (got["quantity"], got["net_weight_kg"], got["weight_status"]) == (None, 1200.0, "reported")


def test_an_estimated_weight_is_its_quantity_too_and_marks_it(tmp_path):
    both = {"isQtyEstimated": True, "isNetWgtEstimated": True, "legacyEstimationFlag": 6}
    got = row(tmp_path, **both)
    assert (got["quantity"], got["net_weight_kg"], got["weight_status"]) == (250.0, 250.0, "estimated")
    assert row(tmp_path, **both, qtyUnitCode=5)["quantity"] is None
    assert row(tmp_path, **both | {"qty": 249.0})["quantity"] is None


@pytest.mark.parametrize("flag", [4, 5, 6, 7])
def test_the_bit_of_the_weight_says_that_it_is_estimated(tmp_path, flag):
    assert row(tmp_path, legacyEstimationFlag=flag)["weight_status"] == "estimated"
    assert row(tmp_path, legacyEstimationFlag=flag - 4)["weight_status"] == "reported"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"primaryValue": True}, "record 1 has primaryValue True, not a number"),
        ({"primaryValue": "123.4"}, "record 1 has primaryValue '123.4', not a number"),
        ({"netWgt": -5.0}, "record 1 has netWgt -5.0, not a number of zero or more"),
        ({"partnerCode": 156.0}, "record 1 has partnerCode 156.0, not a whole number"),
        ({"isNetWgtEstimated": 0}, "record 1 has isNetWgtEstimated 0, not true or false"),
        ({"period": 2024.0}, "record 1 has period 2024.0, not text"),
        ({"cmdDesc": ["a"]}, "record 1 has cmdDesc"),
        ({"typeCode": "S"}, "record 1 has typeCode 'S'"),
        ({"refYear": 2023}, "record 1 has refYear 2023 beside period '2024'"),
        ({"refMonth": 5}, "record 1 has refMonth 5 beside period '2024'"),
        ({"refPeriodId": 20230101}, "record 1 has refPeriodId 20230101"),
        ({"period": "٢٠٢٤"}, "record 1"),
    ],
)
def test_a_field_that_cannot_be_is_named_with_its_record(tmp_path, changes, message):
    with pytest.raises(LayoutError, match=message):
        read(tmp_path, record(**changes))


def test_a_period_may_be_a_number_and_a_body_may_lack_its_count(tmp_path):
    whole = json.loads(body(record(period=2024)))
    del whole["count"]
    (got,) = parse(comtrade(tmp_path, json.dumps(whole).encode())).frame.to_dicts()
    assert (got["period_start"], got["value_usd"]) == (date(2024, 1, 1), 1000.0)


def test_a_whole_number_of_dollars_is_a_number(tmp_path):
    assert row(tmp_path, primaryValue=1000)["value_usd"] == 1000.0
