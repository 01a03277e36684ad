"""The publisher's partitions: a reporter's trade of one period as the API or a bulk file has it, or of an extract."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from sources.model.partition import ALL, PartitionKey


@dataclass(frozen=True, slots=True)
class Partition(PartitionKey):
    """One period of a query: `A/CHN/M/2846/2024`, `M/IND/all/all/202503`, `WITS/CHN/X/280530+284690/2019`.

    `series` is the frequency (A, M), the service that the figures came through (WITS), or a year of the reporter's own
    tariff lines (LINES), whose codes are the six digits above the lines. `reporter` is None where all
    reporters were asked for, `flows` and `codes` are empty where all were. A partition of months has one month where it
    was fetched, which is what the publisher dates, and a year of months (`month` is None) where an extract has them.

    `via` is set where the partition has only the parts of flows that went by way of second partners: their codes
    (`A/IND/all/all/2024/via/344+528+702`), or `all`. It is a partition beside the one of the flows themselves.
    """

    FORM: ClassVar[str] = (
        "<A, M, WITS or LINES>/<ISO3 or all>/<M, X, M+X or all>/<codes joined by +, or all>/<YYYY or YYYYMM>"
        "[/via/<second partners joined by +, or all>]"
    )
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(
        r"(?P<series>A|M|WITS|LINES)/(?P<reporter>\w+)/(?P<flows>[MX](?:\+[MX])*|all)/(?P<codes>[0-9]+(?:\+[0-9]+)*|all)"
        r"/(?P<year>[0-9]{4})(?P<month>0[1-9]|1[0-2])?(?:/via/(?P<via>[0-9]+(?:\+[0-9]+)*|all))?"
    )

    series: str
    reporter: str | None
    flows: tuple[str, ...]
    codes: tuple[str, ...]
    year: int
    month: int | None = None
    via: str | None = None

    @property
    def period(self) -> str:
        """The period as the publisher writes it: `2024`, `202503`."""
        return f"{self.year}{self.month:02}" if self.month else str(self.year)

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(
            series=parts["series"],
            reporter=None if parts["reporter"] == ALL else parts["reporter"],
            flows=() if parts["flows"] == ALL else tuple(parts["flows"].split("+")),
            codes=() if parts["codes"] == ALL else tuple(parts["codes"].split("+")),
            year=int(parts["year"]),
            month=int(parts["month"]) if parts["month"] else None,
            via=parts["via"],
        )

    def __str__(self) -> str:
        reporter, flows, codes = self.reporter or ALL, "+".join(self.flows) or ALL, "+".join(self.codes) or ALL
        name = f"{self.series}/{reporter}/{flows}/{codes}/{self.period}"
        return name if self.via is None else f"{name}/via/{self.via}"
