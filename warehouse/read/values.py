"""Values of a result as JSON has them."""

from __future__ import annotations

import math
from datetime import date, time
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """A value as JSON has it: exact numbers, days and times in ISO 8601, lists and objects."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value.hex() if isinstance(value, bytes) else str(value)
