"""India's yearly reports: kilograms without money, and dollars, rupees and kilograms side by side."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.model.artifact import LayoutError, TruncatedError, UnknownLabelError
from tests.helpers.artifacts import parse, reasons, table
from tests.publishers.india_tradestat.builders import EIDB_EXPORTS, calendar_usd, exports, lines_kg, tradestat

CHINA = ("28461010", "CHINA P RP", "2018-2019")


def test_a_weight_has_no_value_and_a_line_is_one_of_the_whole_heading(tmp_path):
    row = lines_kg(tmp_path, ("2021", "28469010", "CHINA P RP", "14500")).frame.row(0, named=True)
    assert (row["reporter_code"], row["partner_code"], row["flow"]) == ("IND", "CHN", "import")
    assert (row["hs_code"], row["code_country"], row["scope_code"]) == ("28469010", "IND", "2846")
    assert (row["net_weight_kg"], row["weight_rounding_kg"], row["weight_raw"]) == (14_500.0, 0.5, "14500")
    assert (row["value_usd"], row["value_status"], row["weight_status"]) == (None, "not_available", "reported")
    assert (row["period_type"], row["period_start"], row["period_end"]) == (
        "calendar_year", date(2021, 1, 1), date(2021, 12, 31),
    )  # fmt: skip


def test_a_printed_total_is_the_worlds(tmp_path):
    row = lines_kg(tmp_path, ("2021", "28469010", "Total (printed)", "14,520")).frame.row(0, named=True)
    assert (row["partner_code"], row["is_partner_world"], row["net_weight_kg"]) == ("WLD", True, 14_520.0)


def test_a_printed_zero_is_less_than_half_a_kilogram(tmp_path):
    row = lines_kg(tmp_path, ("2021", "28469020", "Total (printed)", "0")).frame.row(0, named=True)
    assert (row["net_weight_kg"], row["weight_status"], row["weight_rounding_kg"]) == (None, "at_most", 0.5)
    assert row["weight_raw"] == "0"


def test_a_quantity_in_a_unit_other_than_kilograms_is_no_weight(tmp_path):
    row = lines_kg(tmp_path, ("2021", "28469010", "CHINA P RP", "14500"), unit="NOS").frame.row(0, named=True)
    assert (row["net_weight_kg"], row["weight_status"], row["weight_raw"]) == (None, "not_available", None)
    assert (row["quantity"], row["quantity_unit"]) == (14_500.0, "NOS")


def test_a_unit_with_a_digit_in_it_is_a_shifted_column(tmp_path):
    with pytest.raises(LayoutError, match=r"unit '14,500'.*shifted"):
        lines_kg(tmp_path, ("2021", "28469010", "CHINA P RP", "14500"), unit="14,500")


def test_a_small_partner_that_is_not_known_is_set_aside(tmp_path):
    rows = [("2021", "28469010", name, kg) for name, kg in (("CHINA P RP", "14500"), ("ATLANTIS", "9"))]
    total = ("2021", "28469010", "Total (printed)", "14509")
    table = lines_kg(tmp_path, *rows, total)
    assert table.frame["partner_code"].to_list() == ["CHN", "WLD"]
    assert reasons(table) == {"unknown_partner": 1}


@pytest.mark.parametrize(
    ("year", "kg"), [("2021", ""), ("2021", "n.a."), ("2021", "-3"), ("21", "5"), ("2021-22", "5")]
)
def test_a_weight_or_a_year_that_cannot_be_read_is_set_aside(tmp_path, year, kg):
    read = lines_kg(tmp_path, (year, "28469010", "CHINA P RP", kg), ("2021", "28469010", "JAPAN", "1"))
    assert reasons(read) == {"unreadable_value": 1}


def test_partners_of_the_calendar_year_that_the_wrong_labels_spoil_are_set_aside(tmp_path):
    read = lines_kg(
        tmp_path, ("2023", "28461010", "BELGIUM", "12606"), ("2023", "28461010", "Total (printed)", "12606")
    )
    assert reasons(read) == {"suspect_partner_labels": 1}
    assert read.frame["partner_code"].to_list() == ["WLD"]
    assert reasons(calendar_usd(tmp_path, ("2023", "BELGIUM", "1.00"), ("2024", "JAPAN", "2.70"))) == {
        "suspect_partner_labels": 1
    }


def test_a_calendar_year_of_the_heading_is_known_to_five_thousand_dollars(tmp_path):
    row = calendar_usd(tmp_path, ("2024", "CHINA P RP", "4.33")).frame.row(0, named=True)
    assert (row["hs_code"], row["code_country"], row["scope_code"]) == ("2846", None, None)
    assert (row["value_usd"], row["value_rounding_usd"], row["value_raw"]) == (4_330_000.0, 5_000.0, "4.33")
    assert (row["period_type"], row["weight_status"], row["valuation"]) == ("calendar_year", "not_available", "CIF")


def test_dollars_rupees_and_kilograms_of_an_export_stand_side_by_side(tmp_path):
    row = exports(tmp_path, (*CHINA, "0.28", "2.01", "13000")).frame.row(0, named=True)
    assert (row["value_usd"], row["value_local"], row["net_weight_kg"]) == (280_000.0, 20_100_000.0, 13_000.0)
    assert (row["value_rounding_usd"], row["value_rounding_local"]) == (5_000.0, 50_000.0)
    assert (row["value_raw"], row["weight_raw"], row["quantity_unit"]) == ("0.28 | 2.01", "13000", "kg")
    assert (row["flow"], row["valuation"], row["period_type"]) == ("export", "FOB", "fiscal_year")
    assert (row["period_start"], row["period_end"]) == (date(2018, 4, 1), date(2019, 3, 31))


def test_zero_dollars_are_a_bound_beside_finer_rupees(tmp_path):
    row = exports(tmp_path, (*CHINA, "0.0", "0.04", "500")).frame.row(0, named=True)
    assert (row["value_usd"], row["value_high_usd"], row["value_status"]) == (None, 5_000.0, "at_most")
    assert row["value_local"] == 400_000.0


def test_zero_rupees_are_no_number_either(tmp_path):
    row = exports(tmp_path, (*CHINA, "0.0", "0.0", "5")).frame.row(0, named=True)
    assert (row["value_local"], row["value_rounding_local"], row["value_raw"]) == (None, 50_000.0, "0.0 | 0.0")


def test_money_without_a_quantity_loads_with_an_unknown_weight(tmp_path):
    row = exports(tmp_path, (*CHINA, "0.01", "0.08", "")).frame.row(0, named=True)
    assert (row["value_usd"], row["net_weight_kg"], row["weight_status"]) == (10_000.0, None, "not_available")
    assert row["weight_raw"] is None


def test_a_country_without_any_figure_is_set_aside_and_is_not_zero(tmp_path):
    read = exports(tmp_path, (*CHINA, "", "", ""), ("28461010", "JAPAN", "2018-2019", "0.10", "0.70", "5"))
    assert reasons(read) == {"blank_cells": 1}
    assert read.frame["partner_code"].to_list() == ["JPN"]


@pytest.mark.parametrize(
    ("year", "usd", "inr", "kg"),
    [
        ("2018-2019", "0.10", "", "5"),
        ("2018-2019", "", "0.70", "5"),
        ("2018-2019", "", "", "5"),
        ("2018-2019", "0.10", "0.70", "five"),
        ("2018-2019", "a", "0.70", "5"),
        ("2018-2020", "0.10", "0.70", "5"),
        ("2018-19", "0.10", "0.70", "5"),
        ("", "0.10", "0.70", "5"),
    ],
)
def test_a_row_that_states_only_half_of_a_figure_is_set_aside_as_a_surprise(tmp_path, year, usd, inr, kg):
    good = ("28461010", "JAPAN", "2018-2019", "0.10", "0.70", "5")
    assert reasons(exports(tmp_path, ("28461010", "CHINA P RP", year, usd, inr, kg), good)) == {"unreadable_value": 1}


@pytest.mark.parametrize(
    ("line", "scope"),
    [
        ("28469020", "2846"), ("85051110", "850511"), ("85051190", "850511"), ("85051900", "850519"),
        ("26122000", "261220"), ("36069093", "360690"), ("72029911", None), ("25309040", None),
    ],
)  # fmt: skip
def test_a_code_is_whole_only_where_all_its_lines_were_asked_for(tmp_path, line, scope):
    read = exports(tmp_path, (line, "JAPAN", "2018-2019", "0.10", "0.70", "5"))
    assert read.frame["scope_code"].to_list() == [scope]


def test_a_country_that_stands_twice_in_a_year_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="share a key"):
        exports(tmp_path, (*CHINA, "0.10", "0.70", "5"), (*CHINA, "0.20", "1.40", "9"))


def test_a_country_the_portal_does_not_spell_so_stops_the_load_by_name(tmp_path):
    with pytest.raises(UnknownLabelError, match="'CHINA'"):
        exports(tmp_path, ("28461010", "CHINA", "2018-2019", "0.10", "0.70", "5"))


def test_a_file_cut_inside_a_record_is_refused(tmp_path):
    data = table(EIDB_EXPORTS, ["28461010", "W", "KGS", "JAPAN", "2018-2019", "0.10", "0.70", "500"])
    for short in (data[:-1], data[:-3], data[:-8]):
        with pytest.raises(TruncatedError):
            parse(tradestat(tmp_path, short, "extract_eidb_exports"))


@given(usd=st.integers(0, 10**7), inr=st.integers(0, 10**8), kg=st.integers(0, 10**9))
def test_every_printed_figure_lies_within_its_rounding(tmp_path_factory, usd, inr, kg):
    folder = tmp_path_factory.mktemp("exports")
    row = exports(folder, (*CHINA, f"{usd / 100:.2f}", f"{inr / 100:.2f}", str(kg))).frame.row(0, named=True)
    assert (row["value_usd"] or 0.0) == pytest.approx(usd * 1e4, abs=0.01)
    assert (row["value_local"] or 0.0) == pytest.approx(inr * 1e5, abs=0.01)
    assert (row["net_weight_kg"] or 0.0) == kg
    assert row["value_status"] == ("reported" if usd else "at_most")
