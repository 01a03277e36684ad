"""A settled frame loses the digits that a machine may change, and nothing else."""

import math

import polars as pl
import pytest

from warehouse.figures import settle_difference, settled


def test_sums_in_another_order_settle_to_the_same_figure() -> None:
    tenths = [0.1, 0.2, 0.3]
    sums = pl.DataFrame({"total": [tenths[0] + tenths[1] + tenths[2], tenths[2] + tenths[1] + tenths[0]]})
    assert sums["total"].n_unique() == 2
    assert settled(sums)["total"].to_list() == [0.6, 0.6]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (-1.1102230246251565e-16, 0.0),
        (-0.0, 0.0),
        (123456.78901234, 123456.789),
        (1.23456789012e15, 1.23456789e15),
        (0.0123456789012, 0.012345679),
        (math.inf, math.inf),
    ],
)
def test_a_difference_keeps_nine_decimal_places_and_nine_significant_digits(value, kept) -> None:
    found = settle_difference(value)
    assert (repr(found), repr(settle_difference(found))) == (repr(kept), repr(kept))


def test_fewer_digits_can_be_kept() -> None:
    assert settled(pl.DataFrame({"x": [1.23456789, 0.0123456789]}), 7)["x"].to_list() == [1.234568, 0.0123457]


def test_nulls_other_columns_and_types_stay() -> None:
    frame = pl.DataFrame(
        {"name": ["a", None], "n": [1, 2], "empty": [None, None], "x": [None, math.nan]},
        schema={"name": pl.String, "n": pl.Int64, "empty": pl.Float64, "x": pl.Float64},
    )
    found = settled(frame)
    assert found.schema == frame.schema
    assert found.equals(frame)
    assert settled(frame.head(0)).schema == frame.schema
