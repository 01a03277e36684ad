"""Printed numbers: the one reader for cells of all publishers.

A number is ASCII digits with at most one decimal point. A comma is a thousands mark or the text is no number: groups of
three ("1,234,567"), where a layout is Indian also groups of two above the last three ("12,34,567"), none where a
program wrote the file. Not numbers are
signs, exponents, decimal commas, other scripts, leading zeros, more than fifteen digits before the point, more decimals
than the layout prints, and text of two cells or lines in one.
"""

from __future__ import annotations

import re
from typing import Literal

import polars as pl

Grouping = Literal["thousands", "indian", "none"]

_UNGROUPED = r"0|[1-9][0-9]{0,14}"
_THOUSANDS = r"[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4}"
_INDIAN = r"[1-9][0-9]?(?:,[0-9]{2}){0,5},[0-9]{3}"
_INTEGERS: dict[Grouping, str] = {
    "thousands": rf"(?:{_THOUSANDS}|{_UNGROUPED})",
    "indian": rf"(?:{_INDIAN}|{_THOUSANDS}|{_UNGROUPED})",
    "none": rf"(?:{_UNGROUPED})",
}
ANY_DECIMALS = 20
"""For a table of many figures whose decimals nothing states."""


def number_pattern(decimals: int = ANY_DECIMALS, grouping: Grouping = "thousands") -> str:
    """Regular expression of a number with at most `decimals`, to be part of a longer one; it holds no group."""
    fraction = rf"(?:\.[0-9]{{1,{decimals}}})?" if decimals else ""
    return _INTEGERS[grouping] + fraction


def read_number(text: str, decimals: int = ANY_DECIMALS, grouping: Grouping = "thousands") -> float | None:
    """The number that a text prints: 255000.0 of "255,000"; None for anything else. Space around it does not count."""
    printed = text.strip()
    return float(printed.replace(",", "")) if re.fullmatch(number_pattern(decimals, grouping), printed) else None


def printed_number(column: str, decimals: int, grouping: Grouping = "thousands") -> pl.Expr:
    """The number printed in a text column, as `read_number` reads it; null for anything else.

    `decimals` is the most that the layout prints. A null is a cell that cannot be read, unless the layout says what an
    empty cell means: its record is rejected, never published without the figure.
    """
    printed = pl.col(column).str.strip_chars()
    digits = pl.when(printed.str.contains(rf"^{number_pattern(decimals, grouping)}$")).then(
        printed.str.replace_all(",", "")
    )
    return digits.cast(pl.Float64)
