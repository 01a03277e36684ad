"""Extracts of Comext: euros, procedures that add up, codes of no country, masked lines, damaged records."""

from __future__ import annotations

import pytest

from sources.model.artifact import LayoutError, TruncatedError, UnknownLabelError
from tests.helpers.artifacts import artifact, parse, reasons
from tests.publishers.eurostat_comext.builders import ABOUT, a_line, a_month, an_extract
from tests.publishers.eurostat_comext.fake import COLUMNS
from warehouse.quality.gates import judge_load, stopping


def test_a_record_is_a_part_of_a_months_flow_in_euros(tmp_path):
    (row,) = parse(an_extract(tmp_path, a_line(VALUE_EUR="20000000", QUANTITY_KG="400000"))).frame.rows(named=True)
    assert (row["reporter_code"], row["partner_code"], row["flow"], row["hs_code"]) == (
        "DEU",
        "CHN",
        "import",
        "85051110",
    )
    assert (row["value_local"], row["currency_code"], row["value_usd"]) == (20_000_000.0, "EUR", None)
    assert (row["net_weight_kg"], row["weight_rounding_kg"]) == (400_000.0, 0.5)
    assert (row["code_country"], row["scope_code"], row["part_label"]) == ("DEU", "850511", "E procedure 1")


@pytest.mark.parametrize(
    ("flow", "trade", "expected"),
    [
        ("1", "E", ("import", "CIF", "origin")),
        ("1", "I", ("import", "CIF", "consignment")),
        ("2", "E", ("export", "FOB", "last_known_destination")),
        ("2", "I", ("export", "FOB", "last_known_destination")),
    ],
)
def test_a_flow_inside_and_outside_the_union_has_its_valuation_and_partner(tmp_path, flow, trade, expected):
    read = parse(an_extract(tmp_path, a_line(FLOW=flow, TRADE_TYPE=trade)))
    assert read.frame.select("flow", "valuation", "partner_basis").rows() == [expected]


def test_procedures_of_one_flow_are_its_parts(tmp_path):
    read = parse(an_extract(tmp_path, a_line(), a_line(STAT_PROCEDURE="2", VALUE_EUR="50")))
    assert read.frame.select("part_label", "value_local").sort("part_label").rows() == [
        ("E procedure 1", 1000.0), ("E procedure 2", 50.0),
    ]  # fmt: skip


def test_two_records_of_one_part_stop_the_extract(tmp_path):
    with pytest.raises(LayoutError, match="share a key"):
        parse(an_extract(tmp_path, a_line(), a_line(VALUE_EUR="50")))


@pytest.mark.parametrize("code", ["GR", "EL"])
def test_greece_is_one_country_by_either_code(tmp_path, code):
    read = parse(an_extract(tmp_path, a_line(REPORTER=code, PARTNER="GB"), a_line(PARTNER=code, TRADE_TYPE="I")))
    assert set(read.frame.select("reporter_code", "partner_code").rows()) == {("GRC", "GBR"), ("DEU", "GRC")}


def test_stores_secret_countries_and_parts_of_countries_are_set_aside_whatever_their_size(tmp_path):
    lines = [a_line(PARTNER=code, VALUE_EUR="5000000") for code in ("QP", "QY", "QZ", "XI")]
    read = parse(an_extract(tmp_path, a_line(), *lines, a_line(REPORTER="XI")))
    assert read.frame.height == 1
    assert reasons(read) == {"no_country": 5}


def test_another_unknown_partner_is_set_aside_where_small_and_stops_the_month_where_not(tmp_path):
    read = parse(an_extract(tmp_path, a_line(VALUE_EUR="1000000"), a_line(PARTNER="XK", VALUE_EUR="9")))
    assert reasons(read) == {"unknown_partner": 1}
    with pytest.raises(UnknownLabelError, match="XK"):
        parse(an_extract(tmp_path, a_line(), a_line(PARTNER="XK")))


def test_a_masked_line_is_set_aside_and_its_flow_is_not_added_up(tmp_path):
    read = parse(an_extract(tmp_path, a_line(), a_line(PRODUCT_NC="850511XX"), a_line(PARTNER="JP")))
    assert reasons(read) == {"masked_line": 1}
    assert read.frame.select("partner_code", "scope_code").sort("partner_code").rows() == [
        ("CHN", None), ("JPN", "850511"),
    ]  # fmt: skip


def test_a_weight_may_be_a_fraction_or_missing_and_0_is_below_the_last_digit(tmp_path):
    kilograms = {"JP": "0.25", "US": "", "GB": "0"}
    lines = [a_line(PARTNER=partner, QUANTITY_KG=kg) for partner, kg in kilograms.items()]
    read = parse(an_extract(tmp_path, *lines)).frame.sort("partner_code")
    assert read.select("partner_code", "net_weight_kg", "weight_rounding_kg", "weight_status").rows() == [
        ("GBR", None, 0.5, "at_most"), ("JPN", 0.25, 0.005, "reported"), ("USA", None, None, "not_available"),
    ]  # fmt: skip


def test_a_lost_column_is_named(tmp_path):
    header = ",".join("VALUE" if name == "VALUE_EUR" else name for name in COLUMNS)
    with pytest.raises(LayoutError, match=r"lost \['VALUE_EUR'\].*Remedy"):
        parse(artifact(tmp_path, f"{header}\n{a_line()}\n".encode(), **ABOUT))


def test_a_record_cut_short_is_named(tmp_path):
    with pytest.raises(TruncatedError, match="Remedy"):
        parse(an_extract(tmp_path, a_line(), a_line()[:30]))


@pytest.mark.parametrize("period", ["202605", "202652", "2026-06"])
def test_a_record_of_another_period_is_named(tmp_path, period):
    with pytest.raises(LayoutError, match=f"record 2 is of the period '{period}', not 202606"):
        parse(an_extract(tmp_path, a_line(), a_line(PERIOD=period)))


def test_an_unreadable_cell_is_set_aside_by_name(tmp_path):
    read = parse(an_extract(tmp_path, a_line(), a_line(PARTNER="JP", VALUE_EUR="1e6")))
    assert read.rejects.select("reason_code", "detail").rows() == [
        ("unreadable_value", "cannot be read: VALUE_EUR '1e6'")
    ]


@pytest.mark.parametrize(
    ("cells", "says"), [({"FLOW": "3"}, "FLOW"), ({"TRADE_TYPE": "K"}, "1K"), ({"REPORTER": "US"}, "US")]
)
def test_an_unknown_flow_type_or_reporter_stops_the_month(tmp_path, cells, says):
    with pytest.raises(UnknownLabelError, match=says):
        parse(an_extract(tmp_path, a_line(**cells)))


def test_a_month_passes_gate_one(tmp_path):
    one = a_month(tmp_path)
    assert not stopping(judge_load([(one, parse(one))]))


def test_a_month_in_a_wrong_unit_is_refused_at_gate_one(tmp_path):
    one = an_extract(tmp_path, a_line(VALUE_EUR="20000000000"))
    failed = {result.rule for result in stopping(judge_load([(one, parse(one))]))}
    assert failed == {"months_of_one_partner_stay_below_500_million_euros"}
