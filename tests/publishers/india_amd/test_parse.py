"""India's resources: figures with their units, their marks of an estimate, and the days they speak of."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.model.artifact import LayoutError, TruncatedError, UnknownLabelError
from tests.helpers.artifacts import artifact, parse, reasons, table

COLUMNS = ["as_of", "region", "deposit", "substance", "resource", "unit", "basis", "page_url"]
PAGE = "https://example.org/answer"


def row(**changes):
    usual = {
        "as_of": "2014-11", "region": "", "deposit": "beach_sand", "substance": "monazite", "resource": "11.93",
        "unit": "Mt", "basis": "", "page_url": PAGE,
    }  # fmt: skip
    return list((usual | changes).values())


def statement(folder, *rows):
    about = {"source_code": "india_amd", "layout": "extract_resources", "partition": "AMD 2014-11", "year": 2014}
    return parse(artifact(folder, table(COLUMNS, *rows), **about))


def one(folder, **changes):
    return statement(folder, row(**changes)).frame.row(0, named=True)


def test_million_tonnes_become_tonnes_known_to_half_of_the_last_printed_digit(tmp_path):
    got = one(tmp_path)
    assert (got["value_t"], got["value_rounding_t"], got["value_raw"]) == (11_930_000.0, 5_000.0, "11.93 Mt")
    assert (got["country_code"], got["region_label"], got["region_code"]) == ("IND", None, None)
    assert (got["value_status"], got["basis_code"], got["page_url"]) == ("reported", None, PAGE)


@pytest.mark.parametrize(
    ("printed", "unit", "tonnes", "rounding"),
    [
        ("7.90", "Mt", 7_900_000.0, 5_000.0),
        ("5", "Mt", 5_000_000.0, 500_000.0),
        ("7,37,283", "t", 737_283.0, 0.5),
        ("36,945", "t", 36_945.0, 0.5),
        ("1,10,00,000", "t", 11_000_000.0, 0.5),
        ("737,283", "t", 737_283.0, 0.5),
    ],
)
def test_indias_commas_and_the_wests_are_read(tmp_path, printed, unit, tonnes, rounding):
    got = one(tmp_path, resource=printed, unit=unit)
    assert (got["value_t"], got["value_rounding_t"]) == (tonnes, rounding)


@pytest.mark.parametrize("word", ["about", "approximately", "estimated"])
def test_a_figure_the_page_calls_rough_is_an_estimate(tmp_path, word):
    got = one(tmp_path, resource=f"{word} 5")
    assert (got["value_t"], got["value_status"], got["value_raw"]) == (5e6, "estimated", f"{word} 5 Mt")


@pytest.mark.parametrize(
    ("as_of", "first", "last"),
    [
        ("2002", date(2002, 1, 1), date(2002, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-01-28", date(2026, 1, 28), date(2026, 1, 28)),
    ],
)
def test_a_statement_is_as_of_all_days_its_date_allows(tmp_path, as_of, first, last):
    got = one(tmp_path, as_of=as_of)
    assert (got["as_of_start"], got["as_of_end"]) == (first, last)


@pytest.mark.parametrize("as_of", ["2014-13", "2014-02-30", "Nov 2014", "14", ""])
def test_an_invalid_day_is_set_aside(tmp_path, as_of):
    assert reasons(statement(tmp_path, row(as_of=as_of))) == {"unreadable_value": 1}


@given(printed=st.sampled_from(["", "NA", "-1", "1.2.3", "7,3,283", "12 Mt", "5 about", "1e6", ""]))
def test_a_cell_that_is_no_figure_is_set_aside_with_its_record(tmp_path_factory, printed):
    read = statement(tmp_path_factory.mktemp("amd"), row(resource=printed))
    assert read.frame.is_empty()
    assert reasons(read) == {"unreadable_value": 1}


@pytest.mark.parametrize(
    ("column", "word"),
    [
        ("region", "Orissa"),
        ("deposit", "sea_bed"),
        ("substance", "xenotime"),
        ("unit", "kg"),
        ("unit", ""),
        ("basis", "guess"),
    ],
)
def test_a_word_of_no_list_stops_the_load_by_name(tmp_path, column, word):
    with pytest.raises(UnknownLabelError, match=f"says {column} .*{word!r}"):
        statement(tmp_path, row(**{column: word}))


def test_a_mark_of_no_list_stops_the_load_by_name(tmp_path):
    with pytest.raises(UnknownLabelError, match="'over'"):
        statement(tmp_path, row(resource="over 5"))


def test_a_state_has_its_iso_code(tmp_path):
    read = statement(tmp_path, row(region="Odisha"), row(region="Bhatikhera (Rajasthan)"))
    assert read.frame["region_code"].to_list() == ["IN-OD", "IN-RJ"]


def test_a_resource_stated_twice_is_refused(tmp_path):
    with pytest.raises(LayoutError, match="share a key"):
        statement(tmp_path, row(), row(resource="12.00"))


def test_a_record_cut_short_is_refused(tmp_path):
    data = table(COLUMNS, row())[:-9]
    with pytest.raises(TruncatedError):
        parse(artifact(tmp_path, data, source_code="india_amd", layout="extract_resources"))
