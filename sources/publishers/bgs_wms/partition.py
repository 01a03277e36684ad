"""The publisher's partitions: the download of one list, or of both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from sources.model.partition import PartitionKey


@dataclass(frozen=True, slots=True)
class Partition(PartitionKey):
    """One list (`BGS WMS/rare_earth_oxides`), or both in one download (`BGS WMS`, no `commodity`)."""

    FORM: ClassVar[str] = "BGS WMS[/rare_earth_oxides or rare_earth_minerals]"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"BGS WMS(?:/(rare_earth_(?:oxides|minerals)))?")

    commodity: str | None

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(parts[1])

    def __str__(self) -> str:
        return f"BGS WMS/{self.commodity}" if self.commodity else "BGS WMS"
