"""What of a result is a number."""

from __future__ import annotations

from decimal import Decimal


def is_number(value: object) -> bool:
    """Whether a value is a number, as true and false are not."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
