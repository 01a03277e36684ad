"""The publisher's partitions: one year of one flow of one international code, all its lines and all partners."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from sources.model.partition import PartitionKey


@dataclass(frozen=True, slots=True)
class Partition(PartitionKey):
    """One year of one flow: `COMEX STAT/M/850511/2025`. `flow` is M (imports) or X (exports)."""

    FORM: ClassVar[str] = "COMEX STAT/<M or X>/<code of 6 digits>/<year>"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"COMEX STAT/([MX])/([0-9]{6})/((?:19|20)[0-9][0-9])")

    flow: str
    code: str
    year: int

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(parts[1], parts[2], int(parts[3]))

    def __str__(self) -> str:
        return f"COMEX STAT/{self.flow}/{self.code}/{self.year}"
