"""India's answers to Parliament: what a printed tonne and a printed per cent mean."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.model.artifact import LayoutError, TruncatedError, UnknownLabelError
from tests.helpers.artifacts import artifact, parse, reasons, table

IMPORTS = ["prid", "hs_code", "financial_year", "country", "quantity_tonnes"]
SHARES = ["prid", "measure", "hs_code", "period", "share_pct"]
PIB = {"source_code": "pib_india", "partition": "PIB 2117701", "year": 2025}


def imports(folder, *rows, columns=IMPORTS):
    """Rows as code, fiscal year, country, tonnes."""
    full = [["2117701", *row] for row in rows]
    return parse(artifact(folder, table(columns, *full), layout="extract_pib_imports_tonnes", **PIB))


def shares(folder, *rows):
    """Rows as measure, code, period, per cent."""
    full = [["2117701", *row] for row in rows]
    return parse(artifact(folder, table(SHARES, *full), layout="extract_pib_import_shares", **PIB))


def test_a_printed_tonne_is_a_thousand_kilograms_of_a_fiscal_year(tmp_path):
    row = imports(tmp_path, ("28053000", "2023-24", "CHINA", "699.0")).frame.row(0, named=True)
    assert (row["reporter_code"], row["partner_code"], row["flow"]) == ("IND", "CHN", "import")
    assert (row["net_weight_kg"], row["weight_status"], row["weight_raw"]) == (699_000.0, "reported", "699.0")
    assert (row["period_type"], row["period_start"], row["period_end"]) == (
        "fiscal_year", date(2023, 4, 1), date(2024, 3, 31),
    )  # fmt: skip
    assert (row["value_usd"], row["value_status"], row["valuation"]) == (None, "not_available", "unknown")


@pytest.mark.parametrize(
    ("printed", "kg", "rounding"),
    [
        ("437.0", 437_000.0, 500.0),  # the zero is the transcription's
        ("761", 761_000.0, 500.0),
        ("714.5", 714_500.0, 50.0),
        ("473.65", 473_650.0, 5.0),
        ("0.57", 570.0, 5.0),
        ("1,185", 1_185_000.0, 500.0),
    ],
)
def test_a_weight_is_known_to_half_of_its_last_printed_digit(tmp_path, printed, kg, rounding):
    row = imports(tmp_path, ("2846", "2019-20", "JAPAN", printed)).frame.row(0, named=True)
    assert (row["net_weight_kg"], row["weight_rounding_kg"], row["weight_raw"]) == (kg, rounding, printed)


@pytest.mark.parametrize(("printed", "bound"), [("0.0", 500.0), ("0", 500.0), ("0.00", 5.0)])
def test_a_printed_zero_is_a_bound_and_no_weight(tmp_path, printed, bound):
    row = imports(tmp_path, ("28053000", "2019-20", "OTHERS", printed)).frame.row(0, named=True)
    assert (row["net_weight_kg"], row["weight_status"], row["weight_rounding_kg"]) == (None, "at_most", bound)


def test_others_and_total_are_no_countries(tmp_path):
    read = imports(tmp_path, ("2846", "2019-20", "OTHERS", "144.0"), ("2846", "2019-20", "TOTAL", "1375"))
    assert read.frame.select("partner_code", "is_partner_world").rows() == [("XOTH", False), ("WLD", True)]


def test_a_national_line_says_which_code_it_covers_whole(tmp_path):
    read = imports(tmp_path, ("28053000", "2019-20", "CHINA", "1.0"), ("2846", "2019-20", "CHINA", "1.0"))
    assert read.frame.select("hs_code", "code_country", "scope_code").rows() == [
        ("28053000", "IND", "280530"), ("2846", None, None),
    ]  # fmt: skip


@pytest.mark.parametrize("year", ["2023", "2023-25", "2023-2024", "FY24", ""])
def test_a_year_that_is_no_fiscal_year_is_set_aside(tmp_path, year):
    read = imports(tmp_path, ("2846", year, "CHINA", "1.0"), ("2846", "1999-00", "CHINA", "2.0"))
    assert reasons(read) == {"unreadable_value": 1}
    assert read.frame["period_start"].to_list() == [date(1999, 4, 1)]


@given(printed=st.sampled_from(["", "n.a.", "-5", "nan", "inf", "1.2.3", "12t", "\x01"]))
def test_a_cell_that_is_no_number_is_set_aside_with_its_record(tmp_path_factory, printed):
    read = imports(tmp_path_factory.mktemp("pib"), ("2846", "2019-20", "CHINA", printed))
    assert read.frame.is_empty()
    assert reasons(read) == {"unreadable_value": 1}


@pytest.mark.parametrize("label", ["CHINA P RP", "China", "CHINNA", ""])
def test_a_country_of_another_spelling_stops_the_load_by_name(tmp_path, label):
    with pytest.raises(UnknownLabelError, match=repr(label)):
        imports(tmp_path, ("2846", "2019-20", label, "1.0"), ("2846", "2019-20", "JAPAN", "1.0"))


def test_eight_digits_are_a_line_of_indias_and_four_or_six_an_international_code(tmp_path):
    codes = ("28469090", "85051110", "284690", "2805")
    read = imports(tmp_path, *((code, "2019-20", "CHINA", "1.0") for code in codes))
    assert read.frame.select("hs_code", "code_country", "scope_code").rows() == [
        ("28469090", "IND", None), ("85051110", "IND", None), ("284690", None, None), ("2805", None, None),
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["850650", "85065000", "280540", "28054000", "28461", "284690901", "28469O90", ""])
def test_a_code_outside_the_headings_followed_stops_the_load_by_name(tmp_path, code):
    with pytest.raises(UnknownLabelError, match=rf"says hs_code \['{code}'\]"):
        imports(tmp_path, (code, "2019-20", "CHINA", "1.0"), ("2846", "2019-20", "CHINA", "1.0"))


def test_a_row_of_another_release_is_refused(tmp_path):
    data = table(IMPORTS, ["2151394", "2846", "2019-20", "CHINA", "1.0"])
    with pytest.raises(LayoutError, match="release '2151394'"):
        parse(artifact(tmp_path, data, layout="extract_pib_imports_tonnes", **PIB))


def test_a_country_that_stands_twice_in_a_year_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="share a key"):
        imports(tmp_path, ("2846", "2019-20", "CHINA", "1.0"), ("2846", "2019-20", "CHINA", "2.0"))


def test_a_column_gained_or_lost_is_named(tmp_path):
    with pytest.raises(LayoutError, match=r"lost \['quantity_tonnes'\], gained \['quantity_kg'\]"):
        imports(tmp_path, ("2846", "2019-20", "CHINA", "1.0"), columns=[*IMPORTS[:-1], "quantity_kg"])


def test_a_record_cut_short_is_refused(tmp_path):
    data = table(IMPORTS, ["2117701", "2846", "2019-20", "CHINA", "1.0"])[:-6]
    with pytest.raises(TruncatedError):
        parse(artifact(tmp_path, data, layout="extract_pib_imports_tonnes", **PIB))


def test_per_cent_becomes_a_fraction_known_to_half_of_its_last_digit(tmp_path):
    read = shares(
        tmp_path,
        ("quantity_share", "850511", "2024", "90.4"),
        ("quantity_share", "850519", "2023", "87.89"),
        ("value_share", "850511", "2024-25", "81.3"),
    )
    assert read.frame.select("share", "share_rounding", "value_raw").rows() == [
        (0.904, 0.0005, "90.4"), (0.8789, 0.00005, "87.89"), (0.813, 0.0005, "81.3"),
    ]  # fmt: skip
    assert read.frame.select("period_type", "period_start", "period_end").rows() == [
        ("calendar_year", date(2024, 1, 1), date(2024, 12, 31)),
        ("calendar_year", date(2023, 1, 1), date(2023, 12, 31)),
        ("fiscal_year", date(2024, 4, 1), date(2025, 3, 31)),
    ]
    assert read.frame.select("reporter_code", "partner_code", "flow").unique().rows() == [("IND", "CHN", "import")]


def test_a_share_of_zero_is_a_bound(tmp_path):
    row = shares(tmp_path, ("value_share", "850590", "2024-25", "0.0")).frame.row(0, named=True)
    assert (row["share"], row["value_status"], row["share_rounding"]) == (None, "at_most", 0.0005)


def test_a_share_of_something_else_stops_the_load_by_name(tmp_path):
    with pytest.raises(UnknownLabelError, match="'unit_share'"):
        shares(tmp_path, ("unit_share", "850511", "2024", "90.4"))


@pytest.mark.parametrize(("period", "printed"), [("2024-26", "9.0"), ("last year", "9.0"), ("2024", "most")])
def test_a_share_or_a_period_that_cannot_be_read_is_set_aside(tmp_path, period, printed):
    assert reasons(shares(tmp_path, ("value_share", "850511", period, printed))) == {"unreadable_value": 1}


def test_one_table_is_filled_by_each_layout():
    from sources.registry import sources

    source = sources()["pib_india"]
    assert [spec.layouts for spec in source.tables] == [
        {"extract_pib_imports_tonnes", "extract_pib_imports_usd"}, {"extract_pib_import_shares"},
    ]  # fmt: skip
