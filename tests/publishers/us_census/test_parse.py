"""Answers of the US Census Bureau: header rows, groups of countries, units, lines, damaged bodies."""

from __future__ import annotations

from datetime import date

import pytest

from sources.model.artifact import LayoutError, TruncatedError, UnknownLabelError
from tests.helpers.artifacts import parse, reasons
from tests.publishers.us_census.builders import HEADER, a_row, a_year, an_answer, lines_of_a_year, saved
from warehouse.quality.gates import judge_load, stopping

WORLD = {"CTY_CODE": "-", "CTY_NAME": "TOTAL FOR ALL COUNTRIES"}


def test_a_record_is_a_months_trade_in_us_dollars_at_customs_value(tmp_path):
    read = parse(an_answer(tmp_path, a_row(GEN_VAL_MO="31031063", GEN_QY1_MO="812")))
    (row,) = read.frame.rows(named=True)
    assert (row["reporter_code"], row["partner_code"], row["partner_label"]) == ("USA", "CHN", "CHINA")
    assert (row["period_start"], row["period_end"]) == (date(2025, 1, 1), date(2025, 1, 31))
    assert (row["value_usd"], row["value_rounding_usd"], row["net_weight_kg"]) == (31_031_063.0, 0.5, 812.0)
    assert (row["valuation"], row["partner_basis"], row["code_country"]) == ("FOB", "origin", None)


def test_the_total_is_the_world_and_groups_of_countries_are_left_out_on_record(tmp_path):
    groups = [("0003", "EUROPEAN UNION"), ("0014", "PACIFIC RIM COUNTRIES"), ("5XXX", "ASIA"), ("X001", "A GROUP")]
    rows = [a_row(CTY_CODE=code, CTY_NAME=name) for code, name in groups]
    read = parse(an_answer(tmp_path, a_row(**WORLD), a_row(), *rows))
    assert read.frame.select("partner_code", "is_partner_world").rows() == [("WLD", True), ("CHN", False)]
    assert reasons(read) == {"country_group": 4}


def test_a_quantity_is_a_weight_only_where_its_unit_is_kilograms(tmp_path):
    read = parse(
        an_answer(
            tmp_path,
            a_row(),
            a_row(UNIT_QY1="NO", CTY_CODE="5880", CTY_NAME="JAPAN"),
            a_row(UNIT_QY1="-", GEN_QY1_MO="0", CTY_CODE="4280", CTY_NAME="GERMANY"),
        )
    )
    assert read.frame.select("net_weight_kg", "weight_status", "quantity", "quantity_unit").rows() == [
        (10.0, "reported", None, None),
        (None, "not_available", 10.0, "NO"),
        (None, "not_available", None, None),
    ]


def test_lines_of_ten_digits_are_kept_as_lines_of_the_united_states(tmp_path):
    read = parse(an_answer(tmp_path, a_row(code="8505110070"), partition="CENSUS/M/850511/10/2025"))
    assert read.frame.select("hs_code", "code_country", "scope_code").rows() == [("8505110070", "USA", "850511")]


def test_exports_have_names_of_their_own(tmp_path):
    names = {"I_COMMODITY": "E_COMMODITY", "GEN_VAL_MO": "ALL_VAL_MO", "GEN_QY1_MO": "QTY_1_MO"}
    header = [names.get(name, name) for name in HEADER]
    about = {"layout": "census_exports_hs", "partition": "CENSUS/X/850511/6/2025"}
    read = parse(an_answer(tmp_path, a_row(), header=header, **about))
    assert read.frame.select("flow", "value_usd", "partner_basis").rows() == [
        ("export", 1000.0, "last_known_destination")
    ]


def test_an_answer_of_another_flow_than_its_partition_says_is_refused(tmp_path):
    with pytest.raises(LayoutError, match=r"imports under the partition 'CENSUS/X"):
        parse(an_answer(tmp_path, a_row(), partition="CENSUS/X/850511/6/2025"))


@pytest.mark.parametrize("code", ["284690", "8505110070", "85051"])
def test_a_code_of_another_query_stops_the_answer_by_its_row(tmp_path, code):
    with pytest.raises(LayoutError, match=rf"row 2 is of '{code}', no code of 6 digits under 850511"):
        parse(an_answer(tmp_path, a_row(), a_row(code=code, time="2025-02")))


def test_a_lost_field_is_named(tmp_path):
    header = [name.replace("GEN_VAL_MO", "GEN_VALUE_MO") for name in HEADER]
    with pytest.raises(LayoutError, match=r"lost \['GEN_VAL_MO'\], gained \['GEN_VALUE_MO'\].*Remedy"):
        parse(an_answer(tmp_path, a_row(), header=header))


def test_a_row_with_another_number_of_cells_is_named(tmp_path):
    with pytest.raises(LayoutError, match="row 2 has 8 cells under 9 names"):
        parse(an_answer(tmp_path, a_row(), a_row()[:-1]))


def test_a_field_that_stands_twice_has_to_say_the_same(tmp_path):
    wrong = a_row()
    wrong[7] = "284690"
    with pytest.raises(LayoutError, match=r"row 1 says I_COMMODITY \['850511', '284690'\]"):
        parse(an_answer(tmp_path, wrong))


@pytest.mark.parametrize(
    "data",
    [b"<html><title>Invalid Key</title></html>", b'[["CTY_CODE","time"],["5700"', b"[]", b'{"error":1}', b"[[1],[2]]"],
)
def test_what_is_no_whole_answer_is_refused_with_a_remedy(tmp_path, data):
    with pytest.raises(TruncatedError, match=r"Remedy: "):
        parse(saved(tmp_path, data))


def test_an_unreadable_cell_is_set_aside_by_name(tmp_path):
    read = parse(an_answer(tmp_path, a_row(), a_row(GEN_VAL_MO="1.5e6"), a_row(time="202501")))
    assert reasons(read) == {"unreadable_value": 2}
    assert read.rejects["detail"].to_list() == [
        "cannot be read: GEN_VAL_MO '1.5e6'", "cannot be read: time '202501'",
    ]  # fmt: skip


def test_a_large_unknown_country_stops_the_answer_and_a_small_one_is_set_aside(tmp_path):
    unknown = {"CTY_CODE": "4803", "CTY_NAME": "KOSOVO"}
    with pytest.raises(UnknownLabelError, match="4803"):
        parse(an_answer(tmp_path, a_row(), a_row(**unknown)))
    read = parse(an_answer(tmp_path, a_row(GEN_VAL_MO="1000000"), a_row(**unknown, GEN_VAL_MO="9")))
    assert reasons(read) == {"unknown_partner": 1}


def test_what_the_api_answers_passes_gate_one(tmp_path):
    load = [(a, parse(a)) for a in (a_year(tmp_path), lines_of_a_year(tmp_path))]
    assert not stopping(judge_load(load))


def test_a_month_in_thousands_is_refused_at_gate_one(tmp_path):
    rows = [a_row(GEN_VAL_MO="31031063000"), a_row(**WORLD, GEN_VAL_MO="31031063000")]
    one = an_answer(tmp_path, *rows)
    failed = {result.rule for result in stopping(judge_load([(one, parse(one))]))}
    assert "months_of_one_partner_stay_below_500_million" in failed
