"""Which pages of the portal are due, and why: by what was landed, when it was last asked for, and what came.

Belongs here: the calendar of both banks. Does not belong here: asking; the numbers, which are data under [live] in
source.toml.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta

from sources.http.fetcher import Look, Task, Visit
from sources.publishers.india_tradestat.fetch.form import Asked
from sources.publishers.india_tradestat.partition import PagePartition

OUT, NOT_OUT, WITHDRAWN = "out", "not out", "withdrawn"
"""What a look found, in its mark `found`: figures, none of a page never held, none of a page that was held."""

_FLOWS = ("import", "export")
_MONTHS_A_YEAR = 12
_YEARS_A_PAGE = 5


def plan_pages(visit: Visit) -> list[Task]:
    """The pages that are due, months first, the oldest first; a month's first page tells whether it is out."""
    tasks = []
    had_forms: set[str] = set()
    newest_out = _newest_out(visit)
    for asked, records in [*_months(visit), *_years(visit)]:
        why = _why(visit, asked, newest_out)
        if why is None:
            continue
        first, last = _span(asked)
        tasks.append(
            Task(
                key=asked.partition,
                first=first,
                last=last,
                calls=1 if asked.address in had_forms else 2,
                records=records,
                why=why,
                ask=asdict(asked),
                service=asked.address,
            )
        )
        had_forms.add(asked.address)
    return tasks


def _months(visit: Visit) -> Iterator[tuple[Asked, int]]:
    """Every page of every month that is over and in the window."""
    live = visit.about["live"]
    number = _number(*map(int, live["first_month"].split("-")))
    while number < _number(visit.today.year, visit.today.month):
        year, month = divmod(number, _MONTHS_A_YEAR)
        is_probe = True
        for group in live["monthly"]:
            for measure in group["measures"]:
                for code in group["codes"]:
                    for flow in _FLOWS:
                        asked = Asked("MEIDB", code, flow, "all", year, month + 1, measure, is_probe)
                        is_probe = False
                        if visit.window.touches(*_span(asked)):
                            yield asked, group["records"]
        number += 1


def _years(visit: Visit) -> Iterator[tuple[Asked, int]]:
    """The newest fiscal year that may be out, and every fifth before it, whose pages print those between."""
    live = visit.about["live"]
    newest = _newest_year(visit)
    anchors = range(live["anchor_year"], newest, _YEARS_A_PAGE)
    for year in sorted({*anchors, newest}):
        for group in live["yearly"]:
            for code in group["codes"]:
                for flow in _FLOWS:
                    for measure in group["measures"]:
                        asked = Asked("EIDB", code, flow, group["partner"], year, 0, measure)
                        if visit.window.touches(*_span(asked)):
                            yield asked, group["records"]


def _why(visit: Visit, asked: Asked, newest_out: int) -> str | None:
    """Why a page is due; None if it is not."""
    look = visit.looks.get(asked.partition)
    if look is None:
        return "not asked for yet"
    if not asked.month:
        return _why_year(visit, asked, look.at.date())
    if _number(asked.year, asked.month) > newest_out - visit.about["live"]["newest_months"]:
        return _why_new(visit, asked, look)
    return _why_month(visit, asked, look)


def _why_new(visit: Visit, asked: Asked, look: Look) -> str | None:
    """A month that is not out, and the newest that are, are asked for in every visit."""
    if look.marks.get("found", OUT) == OUT or _is_out(visit, asked):
        return f"among the newest months, last asked for on {look.at.date()}"
    return f"{asked.period} was not out on {look.at.date()}" if is_young(visit, asked) else None


def _why_month(visit: Visit, asked: Asked, look: Look) -> str | None:
    live = visit.about["live"]
    seen = look.at.date()
    age = _age(visit, asked)
    days = (visit.today - seen).days
    updated = str(visit.catalogue.get("updated", ""))
    if age <= live["revised_for_months"]:
        if days >= live["revised_after_days"]:
            return f"may have been revised since {seen}"
        was = look.marks.get("updated", "")
        if updated and was and updated != was and days >= live["updated_after_days"]:
            return f"the portal's figures are of {updated}, the page held of {was}"
    elif age <= live["settled_after_months"] and seen < _settling_day(visit.today, live["settles_in_month"]):
        return f"may have been revised with its fiscal year since {seen}"
    return None


def is_young(visit: Visit, asked: Asked) -> bool:
    """Whether a month is among those that may still be revised each month, or may not be out."""
    return _age(visit, asked) <= int(visit.about["live"]["revised_for_months"])


def _age(visit: Visit, asked: Asked) -> int:
    return _number(visit.today.year, visit.today.month) - _number(asked.year, asked.month)


def _is_out(visit: Visit, asked: Asked) -> bool:
    """Whether the month is known to be out, by its first page."""
    group = visit.about["live"]["monthly"][0]
    probe = Asked("MEIDB", group["codes"][0], _FLOWS[0], "all", asked.year, asked.month, group["measures"][0])
    look = visit.looks.get(probe.partition)
    return look is not None and look.marks.get("found") == OUT


def _newest_out(visit: Visit) -> int:
    """The newest month of which any page is known to be out; before all months where none is."""
    pages = [PagePartition.parse(key) for key, look in visit.looks.items() if look.marks.get("found") == OUT]
    out = [_number(page.year, page.month) for page in pages if page.month]
    return max(out, default=-1)


def _why_year(visit: Visit, asked: Asked, seen: date) -> str | None:
    """The newest fiscal year is asked for again while it is the newest; the others are settled."""
    live = visit.about["live"]
    if asked.year == _newest_year(visit) and (visit.today - seen).days >= live["yearly_after_days"]:
        return f"may have been revised since {seen}"
    return None


def _newest_year(visit: Visit) -> int:
    """The first year of the newest fiscal year that may be out."""
    wait = timedelta(days=visit.about["live"]["appears_after_days"])
    return next(year for year in range(visit.today.year - 1, 0, -1) if date(year + 1, 3, 31) + wait <= visit.today)


def _span(asked: Asked) -> tuple[date, date]:
    """First and last day that a page is about: its month, or its five fiscal years."""
    if asked.month:
        last = calendar.monthrange(asked.year, asked.month)[1]
        return date(asked.year, asked.month, 1), date(asked.year, asked.month, last)
    return date(asked.year - _YEARS_A_PAGE + 1, 4, 1), date(asked.year + 1, 3, 31)


def _settling_day(today: date, month: int) -> date:
    """The last first day of that month."""
    this_year = date(today.year, month, 1)
    return this_year if this_year <= today else date(today.year - 1, month, 1)


def _number(year: int, month: int) -> int:
    """Months counted through."""
    return year * _MONTHS_A_YEAR + month - 1
