"""The publisher's partitions: one month of all member states."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from sources.model.partition import PartitionKey


@dataclass(frozen=True, slots=True)
class Partition(PartitionKey):
    """One month, both flows, all reporters and partners, the followed codes: `COMEXT/2026-06`."""

    FORM: ClassVar[str] = "COMEXT/<year>-<month>"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"COMEXT/((?:19|20)[0-9][0-9])-(0[1-9]|1[0-2])")

    year: int
    month: int

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(int(parts[1]), int(parts[2]))

    def __str__(self) -> str:
        return f"COMEXT/{self.year}-{self.month:02}"

    @property
    def period(self) -> str:
        """The month as the publisher's files have it: `202606`."""
        return f"{self.year}{self.month:02}"
