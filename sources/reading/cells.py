"""Printed cells: numbers, dashes, "NA", bounds such as ">90,000,000" and ranges, with their status."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sources.reading.numbers import read_number

_ZERO = {"—", "–", "-", "--", "-----"}
_NOT_AVAILABLE = {"NA", "N/A", "...", "…", "XX"}
_BOUND = re.compile(r"([<>]) ?([^<>]+)")
_RANGE = re.compile(r"([^-–—]+)[-–—]([^-–—]+)")


@dataclass(frozen=True, slots=True)
class Cell:
    """A printed cell: its number or its bounds, and its status, one of the closed list `value_status`."""

    value: float | None
    low: float | None
    high: float | None
    status: str


def normalise(text: str) -> str:
    """Collapse white space, non-breaking spaces included, and trim."""
    return " ".join(text.replace("\xa0", " ").split())


def read_cell(text: str) -> Cell | None:
    """Read one printed cell, such as "255,000", "—" or ">90,000"; None for anything else.

    A dash is zero; "NA" is not available; "W" is withheld; ">x" and "<x" stay bounds and have no number;
    "a - b" stays a range. An empty cell is for the caller's layout to explain and is not read here.
    """
    printed = normalise(text)
    if printed in _ZERO:
        return Cell(0.0, None, None, "zero")
    if printed in _NOT_AVAILABLE:
        return Cell(None, None, None, "not_available")
    if printed == "W":
        return Cell(None, None, None, "withheld")
    value = read_number(printed)
    if value is not None:
        return Cell(value, None, None, "reported" if value else "zero")
    if match := _BOUND.fullmatch(printed):
        return _bounded(match[1], read_number(match[2]))
    if match := _RANGE.fullmatch(printed):
        return _between(read_number(match[1]), read_number(match[2]))
    return None


def _bounded(sign: str, bound: float | None) -> Cell | None:
    if bound is None:
        return None
    return Cell(None, bound, None, "at_least") if sign == ">" else Cell(None, None, bound, "at_most")


def _between(low: float | None, high: float | None) -> Cell | None:
    if low is None or high is None or low > high:
        return None
    return Cell(None, low, high, "range")
