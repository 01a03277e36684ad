"""The publisher's partitions: one year of one query of the online database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from sources.model.partition import ALL, PartitionKey


@dataclass(frozen=True, slots=True)
class Partition(PartitionKey):
    """One year of one query: `GACC/CHN/X/IND/284690/2025`, `GACC/CHN/M/all/2846/2024/whole/cny`.

    `flow` is X or M, `partner` an area or None for all of them, `code` the 4, 6 or 8 digits queried. `is_whole` marks
    a year that was queried as one figure, `is_in_yuan` a download in yuan instead of US$.
    """

    FORM: ClassVar[str] = "GACC/CHN/<X or M>/<ISO3 or all>/<code of 4, 6 or 8 digits>/<year>[/whole][/cny]"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(
        r"GACC/CHN/(?P<flow>[XM])/(?P<partner>[A-Z]{3}|all)/(?P<code>[0-9]{4}|[0-9]{6}|[0-9]{8})/(?P<year>(?:19|20)[0-9][0-9])"
        r"(?P<whole>/whole)?(?P<yuan>/cny)?"
    )

    flow: str
    partner: str | None
    code: str
    year: int
    is_whole: bool = False
    is_in_yuan: bool = False

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        partner = None if parts["partner"] == ALL else parts["partner"]
        return cls(parts["flow"], partner, parts["code"], int(parts["year"]), bool(parts["whole"]), bool(parts["yuan"]))

    def __str__(self) -> str:
        tail = ("/whole" if self.is_whole else "") + ("/cny" if self.is_in_yuan else "")
        return f"GACC/CHN/{self.flow}/{self.partner or ALL}/{self.code}/{self.year}{tail}"
