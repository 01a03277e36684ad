"""Printed cells: numbers, dashes, "NA", bounds such as ">90,000,000" and ranges, with their status."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ZERO = {"—", "–", "-", "--", "-----"}
_NOT_AVAILABLE = {"NA", "N/A", "...", "…", "XX"}
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_PLAIN = re.compile(rf"^({_NUMBER})$")
_BOUND = re.compile(rf"^([<>])\s*({_NUMBER})$")
_RANGE = re.compile(rf"^({_NUMBER})\s*[-–—]\s*({_NUMBER})$")


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


def number(text: str) -> float:
    """Read digits with optional thousands commas: 255000.0 of "255,000".

    Raises:
        ValueError: anything else.
    """
    return float(text.replace(",", ""))


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
    if match := _PLAIN.match(printed):
        value = number(match[1])
        return Cell(value, None, None, "reported" if value else "zero")
    if match := _BOUND.match(printed):
        bound = number(match[2])
        return Cell(None, bound, None, "at_least") if match[1] == ">" else Cell(None, None, bound, "at_most")
    if match := _RANGE.match(printed):
        low, high = number(match[1]), number(match[2])
        return Cell(None, low, high, "range") if low <= high else None
    return None
