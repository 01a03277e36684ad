"""The publisher's partitions: statements of resources as of a day, a month or a year."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self

from sources.model.partition import PartitionKey

_WHOLE_YEAR = ((1, 1), (12, 31))


@dataclass(frozen=True, slots=True)
class Partition(PartitionKey):
    """One statement, by the first and the last day it may be as of: `AMD 2024`, `AMD 2023-08`, `AMD 2023-01-28`."""

    FORM: ClassVar[str] = "AMD <YYYY, YYYY-MM or YYYY-MM-DD>"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"AMD ([0-9]{4})(?:-([0-9][0-9])(?:-([0-9][0-9]))?)?")

    first_day: date
    last_day: date

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        year, month, day = (int(part) if part else None for part in parts.groups())
        if year is None or month is None:
            return cls(date(year or 0, 1, 1), date(year or 0, 12, 31))
        if day is None:
            return cls(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
        return cls(date(year, month, day), date(year, month, day))

    def __str__(self) -> str:
        first, last = self.first_day, self.last_day
        if first == last:
            return f"AMD {first}"
        is_year = ((first.month, first.day), (last.month, last.day)) == _WHOLE_YEAR
        return f"AMD {first:%Y}" if is_year else f"AMD {first:%Y-%m}"
