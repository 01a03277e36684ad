"""The publisher's partitions: releases of the Press Information Bureau by their number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from sources.model.partition import PartitionKey


@dataclass(frozen=True, slots=True)
class Partition(PartitionKey):
    """One release: `PIB 2112701`."""

    FORM: ClassVar[str] = "PIB <PRID>"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(r"PIB ([0-9]+)")

    prid: str

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(parts[1])

    def __str__(self) -> str:
        return f"PIB {self.prid}"
