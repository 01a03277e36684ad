from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sources.reading.numbers import printed_number, read_number
from tests.helpers.strange_cells import NO_NUMBERS, no_numbers
from tests.helpers.violators import assert_none, assert_same

INDIAN = {"1,23,456.00": 123_456.0, "12,34,567": 1_234_567.0, "1,00,00,000": 10_000_000.0, "1,23,456": 123_456.0}
PLAIN = {"0": 0.0, "0.00": 0.0, "0.17": 0.17, "1,200": 1_200.0, "1200": 1_200.0, " 1,200\t": 1_200.0, "5.50": 5.5,
         "6,347,970": 6_347_970.0}  # fmt: skip


def column(*texts: str | None, decimals: int = 2, grouping: str = "thousands") -> list[float | None]:
    frame = pl.DataFrame({"cell": texts}, {"cell": pl.String})
    return frame.select(printed_number("cell", decimals, grouping))["cell"].to_list()


def test_commas_part_thousands_and_nothing_else():
    assert_same(PLAIN, read_number)
    assert column(*PLAIN) == list(PLAIN.values())


def test_india_groups_by_two_above_the_last_three_digits_where_the_layout_is_indian():
    assert_same(INDIAN | PLAIN, lambda text: read_number(text, grouping="indian"))
    assert column(*INDIAN, grouping="indian") == list(INDIAN.values())
    assert_same(dict.fromkeys(INDIAN), read_number)


def test_what_is_no_number_is_not_made_one():
    assert_none(text for text in NO_NUMBERS if read_number(text) is not None)
    assert_none(text for text in NO_NUMBERS if read_number(text, grouping="indian") is not None)
    assert column(*NO_NUMBERS) == [None] * len(NO_NUMBERS)


def test_more_decimals_than_the_layout_prints_are_no_number():
    # a point as a thousands mark, in a column of whole numbers
    assert column("1.200", "1.2", "1200", decimals=0) == [None, None, 1_200.0]
    assert column("1.200", "1.20", "1.2", decimals=2) == [None, 1.2, 1.2]


def test_a_cell_that_is_missing_has_no_number():
    assert column(None, "", " ") == [None, None, None]


@given(no_numbers())
def test_no_text_of_a_strange_kind_is_read(text):
    assert read_number(text) is None
    assert read_number(text, grouping="indian") is None
    assert column(text, decimals=20, grouping="indian") == [None]


@given(st.integers(0, 10**15 - 1), st.integers(0, 99))
def test_every_printed_figure_reads_back(whole, cents):
    for text in (f"{whole}.{cents:02}", f"{whole:,}.{cents:02}"):
        assert column(text) == [float(f"{whole}.{cents:02}")]
        assert read_number(text) == float(f"{whole}.{cents:02}")
