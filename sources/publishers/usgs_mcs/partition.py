"""The publisher's partitions: an edition of the summaries, or the statistics of one of its chapters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from sources.model.partition import EditionKey, PartitionKey


@dataclass(frozen=True, slots=True)
class Partition(EditionKey, series="MCS"):
    """One edition: `MCS 2022`."""


@dataclass(frozen=True, slots=True)
class ChapterPartition(PartitionKey):
    """The salient statistics of one chapter, where an edition has a file for each: `MCS 2023/yttrium`."""

    FORM: ClassVar[str] = "MCS <year>/<chapter>"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"MCS ([0-9]{4})/([a-z_]+)")

    year: int
    chapter: str

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(int(parts[1]), parts[2])

    def __str__(self) -> str:
        return f"MCS {self.year}/{self.chapter}"
