"""The publisher's partitions: one saved query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from sources.model.partition import PartitionKey


@dataclass(frozen=True, slots=True)
class Partition(PartitionKey):
    """One query: `DataWeb/M/HTS4`, imports for consumption of headings of four digits, in years and years to date.

    A later download of the query is a new release of it.
    """

    FORM: ClassVar[str] = "DataWeb/M/HTS4"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"DataWeb/(M)/HTS(4)")

    flow: str
    digits: int

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(parts[1], int(parts[2]))

    def __str__(self) -> str:
        return f"DataWeb/{self.flow}/HTS{self.digits}"
