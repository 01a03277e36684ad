"""The publisher's partitions: one year of one flow of one international code, as the code or as its national lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from sources.model.partition import PartitionKey


@dataclass(frozen=True, slots=True)
class Partition(PartitionKey):
    """One year of one flow: `CENSUS/M/850511/6/2025` of the code, `CENSUS/M/850511/10/2025` of its lines.

    `flow` is M for imports or X for exports; `digits` are those of the codes in its rows.
    """

    FORM: ClassVar[str] = "CENSUS/<M or X>/<code of 6 digits>/<6 or 10>/<year>"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"CENSUS/([MX])/([0-9]{6})/(6|10)/((?:19|20)[0-9][0-9])")

    flow: str
    code: str
    digits: int
    year: int

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(parts[1], parts[2], int(parts[3]), int(parts[4]))

    def __str__(self) -> str:
        return f"CENSUS/{self.flow}/{self.code}/{self.digits}/{self.year}"
