"""The publisher's partitions: one year of one code, both flows and all partners."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from sources.model.partition import PartitionKey


@dataclass(frozen=True, slots=True)
class Partition(PartitionKey):
    """One year of one code: `HMRC OTS/850511/2025` of all its lines, `HMRC OTS/85051110/2025` of one line."""

    FORM: ClassVar[str] = "HMRC OTS/<code of 6 or 8 digits>/<year>"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"HMRC OTS/([0-9]{6}|[0-9]{8})/((?:19|20)[0-9][0-9])")

    code: str
    year: int

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(parts[1], int(parts[2]))

    def __str__(self) -> str:
        return f"HMRC OTS/{self.code}/{self.year}"
