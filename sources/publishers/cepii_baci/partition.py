"""The publisher's partitions: flows of one or several years in a release of BACI."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from sources.model.partition import ALL, PartitionKey

_COVERAGES = {None: "complete", "partial": "partial", "world totals": "world_total"}
_TAILS = {coverage: f"/{tail}" if tail else "" for tail, coverage in _COVERAGES.items()}


@dataclass(frozen=True, slots=True)
class Partition(PartitionKey):
    """Years of codes in a release: `BACI V202601/HS17/850511/2024`, `BACI V202601/HS02+HS17/850511/2010-2024/partial`.

    `codes` is empty where the file holds all codes. `coverage` is one of the feed's: complete, partial or world_total.
    """

    FORM: ClassVar[str] = "BACI V<YYYYMM>[letter]/HS<rev>/<codes or all>/<year or years>[/partial or world totals]"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(
        r"BACI (?P<release>V[0-9]{6}[a-z]?)/(?P<revisions>HS[0-9][0-9](?:\+HS[0-9][0-9])*)"
        r"/(?P<codes>[0-9]+(?:\+[0-9]+)*|all)/(?P<first>[0-9]{4})"
        r"(?:-(?P<last>[0-9]{4}))?(?:/(?P<tail>partial|world totals))?"
    )

    release: str
    revisions: tuple[str, ...]
    codes: tuple[str, ...]
    first_year: int
    last_year: int
    coverage: str = "complete"

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(
            release=parts["release"],
            revisions=tuple(parts["revisions"].split("+")),
            codes=() if parts["codes"] == ALL else tuple(parts["codes"].split("+")),
            first_year=int(parts["first"]),
            last_year=int(parts["last"] or parts["first"]),
            coverage=_COVERAGES[parts["tail"]],
        )

    def __str__(self) -> str:
        years = f"{self.first_year}" if self.first_year == self.last_year else f"{self.first_year}-{self.last_year}"
        codes = "+".join(self.codes) or ALL
        return f"BACI {self.release}/{'+'.join(self.revisions)}/{codes}/{years}{_TAILS[self.coverage]}"
