"""The publisher's partitions: a page of the portal, or a year of a report as others wrote it down."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from sources.model.partition import ALL, PartitionKey


@dataclass(frozen=True, slots=True)
class PagePartition(PartitionKey):
    """One page of the portal: `MEIDB/2846/import/all/2025-03/usd`, `EIDB/all/export/CHN/2024/quantity`.

    `code` and `partner` are None where the page lists all of them. `year` and `month` are those of the last period the
    page prints; a fiscal year has the number of its first year, and no month.
    """

    FORM: ClassVar[str] = (
        "<MEIDB or EIDB>/<code or all>/<import or export>/<partner or all>/<last period>/<usd, inr or quantity>"
    )
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(
        r"(?P<bank>MEIDB|EIDB)/(?P<code>[0-9]+|all)/(?P<flow>import|export)/(?P<partner>[A-Z]{3}|all)"
        r"/(?P<year>[0-9]{4})(?:-(?P<month>[0-9][0-9]))?/(?P<measure>usd|inr|quantity)"
    )

    bank: str
    code: str | None
    flow: str
    partner: str | None
    year: int
    month: int | None
    measure: str

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        return cls(
            bank=parts["bank"],
            code=None if parts["code"] == ALL else parts["code"],
            flow=parts["flow"],
            partner=None if parts["partner"] == ALL else parts["partner"],
            year=int(parts["year"]),
            month=int(parts["month"]) if parts["month"] else None,
            measure=parts["measure"],
        )

    @property
    def period(self) -> str:
        """The last period as the name has it: `2025-03`, or `2024` for a fiscal year."""
        return f"{self.year}-{self.month:02}" if self.month else f"{self.year}"

    def __str__(self) -> str:
        return f"{self.bank}/{self.code or ALL}/{self.flow}/{self.partner or ALL}/{self.period}/{self.measure}"


@dataclass(frozen=True, slots=True)
class ReportPartition(PartitionKey):
    """One year of a report in a transcription: `MEIDB/2846/partners/2024`, `EIDB/exports/lines/2023`.

    `code` is the heading of the report; None for the report of all export lines.
    """

    FORM: ClassVar[str] = (
        "MEIDB/<code>/<partners, totals, calendar_usd, lines_kg, lines_month_kg, lines_range_kg, export_lines_month_kg"
        " or export_lines_range_kg>/<year>, or EIDB/exports/lines/<year>"
    )
    PATTERN: ClassVar[re.Pattern[str]] = re.compile(
        r"MEIDB/(?P<code>[0-9]+)/(?P<report>partners|totals|calendar_usd|lines_kg"
        r"|(?:export_)?lines_month_kg|(?:export_)?lines_range_kg)/(?P<year>[0-9]{4})"
        r"|EIDB/exports/(?P<lines>lines)/(?P<first>[0-9]{4})"
    )

    bank: str
    code: str | None
    report: str
    year: int

    @classmethod
    def _from_parts(cls, parts: re.Match[str]) -> Self:
        if parts["lines"]:
            return cls("EIDB", None, parts["lines"], int(parts["first"]))
        return cls("MEIDB", parts["code"], parts["report"], int(parts["year"]))

    def __str__(self) -> str:
        return f"{self.bank}/{self.code or 'exports'}/{self.report}/{self.year}"
