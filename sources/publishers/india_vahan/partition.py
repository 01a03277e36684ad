"""The publisher's partitions: pages that quote the register, by their day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Self

from sources.model.partition import PartitionKey


@dataclass(frozen=True, slots=True)
class Partition(PartitionKey):
    """One page: `VAHAN 2024-08-02`."""

    FORM: ClassVar[str] = "VAHAN <YYYY-MM-DD>"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"VAHAN ([0-9]{4}-[0-9]{2}-[0-9]{2})")

    page_day: date

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(date.fromisoformat(parts[1]))

    def __str__(self) -> str:
        return f"VAHAN {self.page_day}"
