"""Periods as the portal's table headers name them."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sources.model.artifact import Artifact, LayoutError

_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_YEAR = r"((?:19|20)[0-9][0-9])"
_MONTH = re.compile(rf"^([A-Z][a-z]{{2}}) ?- ?{_YEAR}(?: ?\(([A-Z])\))?$")
_RANGE = re.compile(rf"^([A-Z][a-z]{{2}}) ?- ?([A-Z][a-z]{{2}}) ?-? ?{_YEAR}(?: ?\(([A-Z])\))?$")
_FISCAL = re.compile(rf"^{_YEAR} ?- ?{_YEAR}(?: ?\(([A-Z][a-z]{{2}}) ?- ?([A-Z][a-z]{{2}})\))?$")
_PARTIAL = re.compile(
    r"Data available [0-9]{4} ?- ?[0-9]{4} to ([0-9]{4} ?- ?[0-9]{4}) ?(\([A-Z][a-z]{2} ?- ?[A-Z][a-z]{2}\))"
)


@dataclass(frozen=True, slots=True)
class Period:
    """A period of `TRADE`, and the letter the portal puts behind it ("" if none)."""

    kind: str
    start: date
    end: date
    flag: str


def read_period(artifact: Artifact, printed: str, beside: Iterable[str] = ()) -> Period | None:
    """Read a header cell: "Jun-2022 (R)", "Jan-Jun2022 (R)", "2021 - 2022", "2025 - 2026 (Apr-Aug)".

    January to December is a calendar year, April to March of two years a fiscal year. A range over the turn of a year
    ("Apr-Feb2022") ends in a month that has a column of its own among the cells `beside` it ("Feb-2022"), which settles
    the year it prints. None where the cell names no period at all.

    Raises:
        LayoutError: a month or a year that cannot be, or a range over the turn of a year whose last month is beside
            it in no year, or in several that would do.
    """
    if match := _MONTH.match(printed):
        month = _month(artifact, printed, match[1])
        return Period("month", *_span(int(match[2]), month, month), match[3] or "")
    if match := _RANGE.match(printed):
        first, last = _month(artifact, printed, match[1]), _month(artifact, printed, match[2])
        if first > last:
            return _over_the_turn(artifact, match, (first, last), beside)
        kind = "calendar_year" if (first, last) == (1, 12) else "month_range"
        return Period(kind, *_span(int(match[3]), first, last), match[4] or "")
    if match := _FISCAL.match(printed):
        return _fiscal(artifact, printed, int(match[1]), int(match[2]), (match[3], match[4]))
    return None


def with_partial_year(text: str, header: str) -> str:
    """The header with the months it covers, where the page says so only above the table.

    "Data available 2017-2018 to 2025-2026 (Apr-Aug)": the column 2025 - 2026 is five months, not a year.
    """
    match = _PARTIAL.search(text)
    if match and _without_spaces(match[1]) == _without_spaces(header):
        return f"{header} {match[2]}"
    return header


def _over_the_turn(artifact: Artifact, match: re.Match[str], months: tuple[int, int], beside: Iterable[str]) -> Period:
    first, last = months
    cells = [*beside, match[0]]
    ends = {int(m[2]) for cell in cells if (m := _MONTH.match(cell)) and m[1] == match[2]}
    named = {int(m[3]) for cell in cells if (m := _RANGE.match(cell)) and (m[1], m[2]) == (match[1], match[2])}
    readings = [later for later in (0, 1) if {year + later for year in named} <= ends]
    if len(readings) != 1:
        raise LayoutError(
            artifact,
            f"prints the period '{match[0]}', which runs over the turn of a year, beside {match[2]} of {sorted(ends)}.",
            "the months of the page settle which of its two years it prints; fetch the page again, or look at it.",
        )
    year = int(match[3]) + readings[0]
    start, _ = _span(year - 1, first, first)
    _, end = _span(year, last, last)
    return Period("fiscal_year" if months == (4, 3) else "month_range", start, end, match[4] or "")


def _fiscal(
    artifact: Artifact, printed: str, year: int, following: int, months: tuple[str | None, str | None]
) -> Period:
    if following != year + 1:
        raise LayoutError(artifact, f"prints the fiscal year '{printed}'.", "a fiscal year is two years in a row.")
    if months[0] is None or months[1] is None or months == ("Apr", "Mar"):
        return Period("fiscal_year", date(year, 4, 1), date(following, 3, 31), "")
    first, last = _month(artifact, printed, months[0]), _month(artifact, printed, months[1])
    start, _ = _span(year if first > 3 else following, first, first)
    _, end = _span(year if last > 3 else following, last, last)
    return Period("month_range", start, end, "")


def _month(artifact: Artifact, printed: str, name: str) -> int:
    if name not in _MONTHS:
        raise LayoutError(artifact, f"prints the period '{printed}'; '{name}' is no month.", "look at the page.")
    return _MONTHS[name]


def _span(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _without_spaces(text: str) -> str:
    return text.replace(" ", "")
