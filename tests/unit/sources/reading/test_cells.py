from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from sources.model.feeds import CLOSED_LISTS
from sources.reading.cells import Cell, normalise, read_cell
from tests.helpers.violators import assert_same


def test_a_dash_of_any_length_is_zero():
    assert_same(dict.fromkeys(["—", "–", "-", "--", "-----", " — "], Cell(0.0, None, None, "zero")), read_cell)


def test_a_printed_zero_is_zero_and_not_merely_reported():
    assert_same(dict.fromkeys(["0", "0.0", "0.00"], Cell(0.0, None, None, "zero")), read_cell)


def test_marks_of_absence_are_not_available_and_never_zero():
    marks = ["NA", "N/A", "...", "…", "XX"]
    assert_same(dict.fromkeys(marks, Cell(None, None, None, "not_available")), read_cell)


def test_w_is_withheld():
    assert read_cell("W") == Cell(None, None, None, "withheld")


def test_more_than_is_a_lower_bound_and_no_number():
    # MCS 2025, world reserves
    assert read_cell(">90,000,000") == Cell(None, 90_000_000.0, None, "at_least")


def test_less_than_is_an_upper_bound_and_no_number():
    # MCS 2026
    assert read_cell("<1,000") == Cell(None, None, 1_000.0, "at_most")


def test_a_range_keeps_both_ends_and_gives_no_middle():
    ends = {
        "10,000 - 15,000": (10_000.0, 15_000.0),
        "500–17,000": (500.0, 17_000.0),
        "5—6": (5.0, 6.0),
        "7-7": (7.0, 7.0),
    }
    assert_same({printed: Cell(None, low, high, "range") for printed, (low, high) in ends.items()}, read_cell)


def test_numbers_read_with_or_without_commas_and_trailing_spaces():
    values = {"68\xa0": 68.0, "270,000": 270_000.0, "270000": 270_000.0, "1,234.5": 1_234.5, " 20 ": 20.0}
    assert_same({printed: Cell(value, None, None, "reported") for printed, value in values.items()}, read_cell)


def test_a_cell_that_is_no_known_mark_is_not_guessed():
    unknown = ["", " ", "?1", "E", "Large", "1,00", "1,0000", "12,34,567", "1 000", "-5", "15,000 - 10,000", ">W", "> ",
               "1e5"]  # fmt: skip
    assert_same(dict.fromkeys(unknown), read_cell)


def test_white_space_of_any_kind_collapses_to_one_space():
    assert normalise(" South\xa0\tAfrica \r\n") == "South Africa"


@given(st.integers(min_value=1, max_value=10**15 - 1))
def test_any_integer_printed_with_commas_reads_back(number):
    assert read_cell(f"{number:,}") == Cell(float(number), None, None, "reported")
    assert read_cell(f">{number:,}") == Cell(None, float(number), None, "at_least")
    assert read_cell(f"< {number}") == Cell(None, None, float(number), "at_most")


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.sampled_from(["-", "–", "—", " - ", " – "]))
def test_any_range_reads_back_unless_its_ends_are_swapped(low, high, dash):
    cell = read_cell(f"{low:,}{dash}{high:,}")
    assert cell == (Cell(None, float(low), float(high), "range") if low <= high else None)


@given(st.text())
@example("٣")
@example("9" * 400)
@example(">\n5")
def test_no_text_crashes_and_every_cell_read_is_consistent(text):
    cell = read_cell(text)
    if cell is None:
        return
    assert cell.status in CLOSED_LISTS["value_status"]
    has_number = cell.status in {"reported", "zero"}
    assert (cell.value is not None) == has_number
    assert (cell.low is not None) == (cell.status in {"at_least", "range"})
    assert (cell.high is not None) == (cell.status in {"at_most", "range"})


@given(st.text(alphabet="0123456789,.<>-–—NAWX \xa0", max_size=12))
def test_spaces_around_a_cell_never_change_what_it_says(text):
    assert read_cell(f"\xa0{text} ") == read_cell(text)
