"""Values of a result as text: readable for people, exact for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

NULL = "NULL"
_SEPARATED_FROM = 10_000
"""A column whose numbers all have fewer digits has no separators: its numbers may be years."""
_DIGITS = 4
"""Significant digits of a fraction that are shown at least, as far as it has them."""
_MOST_DECIMALS = 6


def is_number(value: object) -> bool:
    """Whether a value is a number, as true and false are not."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def are_numbers(values: Sequence[object]) -> bool:
    """Whether a column has numbers and nothing else, but nulls."""
    return all(is_number(value) for value in values if value is not None) and any(v is not None for v in values)


def readable(values: Sequence[Any]) -> list[str]:
    """The cells of a column for a person: `["240,000.00", "3.25", "NULL"]` for 240000.0, 3.25 and null.

    The numbers of a column have the same decimals. Control characters are shown as escapes, so that a text of a
    publisher neither breaks a line nor reaches the terminal as a command.
    """
    if not are_numbers(values):
        return [_readable_text(value) for value in values]
    numbers = [value for value in values if value is not None and math.isfinite(value)]
    separator = "," if any(abs(value) >= _SEPARATED_FROM for value in numbers) else ""
    decimals = max(map(_decimals, numbers), default=0)
    return [_readable_number(value, separator, decimals) for value in values]


def _decimals(value: float | Decimal) -> int:
    """The decimals that a number is shown with: all that it has, or as many as its first significant digits need."""
    if isinstance(value, Decimal):
        return max(0, -int(value.as_tuple().exponent))
    if isinstance(value, int) or value.is_integer() or abs(value) < 10**-_MOST_DECIMALS:
        return 0
    has = max(0, -int(Decimal(repr(value)).as_tuple().exponent))
    return min(has, max(2, _DIGITS - 1 - math.floor(math.log10(abs(value)))), _MOST_DECIMALS)


def _readable_number(value: Any, separator: str, decimals: int) -> str:
    if value is None:
        return NULL
    if not math.isfinite(value):
        return str(value)
    if isinstance(value, float) and value and abs(value) < 0.5 * 10**-decimals:
        return f"{value:.{_DIGITS - 1}g}"
    return f"{value:{separator}.{decimals}f}" if decimals or not isinstance(value, int) else f"{value:{separator}}"


def _readable_text(value: Any) -> str:
    if value is None:
        return NULL
    text = value if isinstance(value, str) else as_text(value)
    if text == NULL:
        return f'"{text}"'
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def as_text(value: Any) -> str:
    """A value as text without loss: `true`, `2026-11-24 18:30:00+00:00`, `[1, 2]`. Null is empty."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, Decimal):
        return f"{value:f}"
    from warehouse.read.values import plain

    shown = plain(value)
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
