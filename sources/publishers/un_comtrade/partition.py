"""The publisher's partitions: one year of a reporter's trade, as the API, a bulk file or an extract has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from sources.model.partition import ALL, PartitionKey


@dataclass(frozen=True, slots=True)
class Partition(PartitionKey):
    """One year of a query: `A/CHN/M/2846/2024`, `M/IND/M+X/all/2025`, `WITS/CHN/X/280530+284690/2019`.

    `series` is the frequency (A, M) or the service that the figures came through (WITS). `reporter` is None where all
    reporters were asked for, `codes` is empty where all codes were.
    """

    FORM: ClassVar[str] = "<A, M or WITS>/<ISO3 or all>/<M, X or M+X>/<codes joined by +, or all>/<year>"
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(
        r"(?P<series>A|M|WITS)/(?P<reporter>\w+)/(?P<flows>[MX](?:\+[MX])*)/(?P<codes>[0-9]+(?:\+[0-9]+)*|all)/(?P<year>[0-9]{4})"
    )

    series: str
    reporter: str | None
    flows: tuple[str, ...]
    codes: tuple[str, ...]
    year: int

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(
            series=parts["series"],
            reporter=None if parts["reporter"] == ALL else parts["reporter"],
            flows=tuple(parts["flows"].split("+")),
            codes=() if parts["codes"] == ALL else tuple(parts["codes"].split("+")),
            year=int(parts["year"]),
        )

    def __str__(self) -> str:
        reporter, codes = self.reporter or ALL, "+".join(self.codes) or ALL
        return f"{self.series}/{reporter}/{'+'.join(self.flows)}/{codes}/{self.year}"
