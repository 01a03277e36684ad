"""Which pages of the portal are due, and why: by what has landed, when it was last fetched, and what was received.

A page of a month also prints the same month of the year before: that month needs no page of its own. The intervals are
data under [live] in `source.toml`.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta

from sources.http.fetcher import FetchContext, Task, TaskState
from sources.publishers.india_tradestat.fetch.form import ReportQuery
from sources.publishers.india_tradestat.partition import PagePartition

OUT, YEAR_BEFORE, NO_TRADE = "out", "year before", "no trade"
"""`found` in a page's cursor: figures of its period; of a month that is out without trade, figures of the year before
alone, or none.
"""
NOT_OUT, WITHDRAWN = "not out", "withdrawn"
"""`found` of a page that tells nothing of its period: it is not out, or its figures were withdrawn."""

_FLOWS = ("import", "export")
_MONTHS_A_YEAR = 12
_YEARS_A_PAGE = 5


def plan_pages(context: FetchContext) -> list[Task]:
    """The pages that are due, months first, the newest first; a month's first page tells whether it is out.

    A month that was never fetched is not due where the page of the same month a year later prints it: one that was
    fetched with figures, or is due in this run and certain to be out.
    """
    tasks: list[Task] = []
    forms_read: set[str] = set()
    due: set[str] = set()
    newest_out = _newest_out(context)
    for query, records in [*_months(context), *_years(context)]:
        why = _why(context, query, newest_out, due)
        if why is None:
            continue
        due.add(query.partition)
        first, last = _span(query)
        tasks.append(
            Task(
                key=query.partition,
                first=first,
                last=last,
                calls=1 if query.address in forms_read else 2,
                records=records,
                why=why,
                params=asdict(query),
                service=query.address,
            )
        )
        forms_read.add(query.address)
    return tasks


def _months(context: FetchContext) -> Iterator[tuple[ReportQuery, int]]:
    """Every page of every month that is over and in the window, the newest month first."""
    live = context.about["live"]
    first = _number(*map(int, live["first_month"].split("-")))
    for number in reversed(range(first, _number(context.today.year, context.today.month))):
        year, month = divmod(number, _MONTHS_A_YEAR)
        is_probe = True
        for group in live["monthly"]:
            for measure in group["measures"]:
                for code in group["codes"]:
                    for flow in _FLOWS:
                        query = ReportQuery("MEIDB", code, flow, "all", year, month + 1, measure, is_probe)
                        is_probe = False
                        if context.window.touches(*_span(query)):
                            yield query, group["records"]


def _years(context: FetchContext) -> Iterator[tuple[ReportQuery, int]]:
    """The newest fiscal year that may be out, and every fifth before it, whose pages print those between."""
    live = context.about["live"]
    newest = _newest_year(context)
    anchors = range(live["anchor_year"], newest, _YEARS_A_PAGE)
    for year in sorted({*anchors, newest}):
        for group in live["yearly"]:
            for code in group["codes"]:
                for flow in _FLOWS:
                    for measure in group["measures"]:
                        query = ReportQuery("EIDB", code, flow, group["partner"], year, 0, measure)
                        if context.window.touches(*_span(query)):
                            yield query, group["records"]


def _why(context: FetchContext, query: ReportQuery, newest_out: int, due: Collection[str]) -> str | None:
    """Why a page is due; None if it is not. `due` are the pages of this run so far."""
    previous = context.states.get(query.partition)
    if previous is None:
        return None if _is_printed_a_year_later(context, query, due) else "not fetched yet"
    if _is_of_this_visit(context, previous):
        return None
    if not query.month:
        return _why_year(context, query, previous.fetched_at.date())
    if _number(query.year, query.month) > newest_out - context.about["live"]["newest_months"]:
        return _why_new(context, query, previous)
    return _why_month(context, query, previous)


def _is_printed_a_year_later(context: FetchContext, query: ReportQuery, due: Collection[str]) -> bool:
    """Whether the page of the same month a year later prints what this one would."""
    if not query.month:
        return False
    later = replace(query, year=query.year + 1)
    previous = context.states.get(later.partition)
    if previous is not None:
        return previous.cursor.get("found") in (OUT, YEAR_BEFORE, NO_TRADE)
    return later.partition in due and is_certainly_out(context, later)


def _is_of_this_visit(context: FetchContext, previous: TaskState) -> bool:
    """Whether a page was fetched today by a run that left tasks undone: the run that resumes it leaves the page out."""
    complete = context.last_complete_run
    is_resumed = complete is None or previous.fetched_at > complete
    return is_resumed and previous.fetched_at.date() >= context.today


def _why_new(context: FetchContext, query: ReportQuery, previous: TaskState) -> str | None:
    """A month that is not out, and the newest that are, are fetched in every run."""
    if previous.cursor.get("found", OUT) == OUT or _is_out(context, query):
        return f"among the newest months, last fetched on {previous.fetched_at.date()}"
    return f"{query.period} was not out on {previous.fetched_at.date()}" if is_young(context, query) else None


def _why_month(context: FetchContext, query: ReportQuery, previous: TaskState) -> str | None:
    live = context.about["live"]
    seen = previous.fetched_at.date()
    age = age_in_months(context.today, query)
    days = (context.today - seen).days
    updated = str(context.catalogue.get("updated", ""))
    if age <= live["revised_for_months"]:
        if days >= live["revised_after_days"]:
            return f"may have been revised since {seen}"
        was = previous.cursor.get("updated", "")
        if updated and was and updated != was and days >= live["updated_after_days"]:
            return f"the portal's figures are of {updated}, the landed page of {was}"
    elif age <= live["settled_after_months"] and seen < _settling_day(context.today, live["settles_in_month"]):
        return f"may have been revised with its fiscal year since {seen}"
    return None


def is_certainly_out(context: FetchContext, query: ReportQuery) -> bool:
    """Whether a month is so old that the portal has published it."""
    return age_in_months(context.today, query) >= int(context.about["live"]["certainly_out_after_months"])


def is_young(context: FetchContext, query: ReportQuery) -> bool:
    """Whether a month is among those that may still be revised each month, or may not be out."""
    return age_in_months(context.today, query) <= int(context.about["live"]["revised_for_months"])


def age_in_months(today: date, query: ReportQuery) -> int:
    """How many months after the month of a query `today` is."""
    return _number(today.year, today.month) - _number(query.year, query.month)


def _is_out(context: FetchContext, query: ReportQuery) -> bool:
    """Whether the month is known to be out, by its first page."""
    group = context.about["live"]["monthly"][0]
    probe = ReportQuery("MEIDB", group["codes"][0], _FLOWS[0], "all", query.year, query.month, group["measures"][0])
    previous = context.states.get(probe.partition)
    return previous is not None and previous.cursor.get("found") == OUT


def _newest_out(context: FetchContext) -> int:
    """The newest month of which any page is known to be out; before all months where none is."""
    published = [key for key, state in context.states.items() if state.cursor.get("found") == OUT]
    pages = [PagePartition.parse(key) for key in published]
    out = [_number(page.year, page.month) for page in pages if page.month]
    return max(out, default=-1)


def _why_year(context: FetchContext, query: ReportQuery, seen: date) -> str | None:
    """The newest fiscal year is fetched again while it is the newest; the others are final."""
    live = context.about["live"]
    if query.year == _newest_year(context) and (context.today - seen).days >= live["yearly_after_days"]:
        return f"may have been revised since {seen}"
    return None


def _newest_year(context: FetchContext) -> int:
    """The first year of the newest fiscal year that may be out."""
    wait = timedelta(days=context.about["live"]["appears_after_days"])
    return next(year for year in range(context.today.year - 1, 0, -1) if date(year + 1, 3, 31) + wait <= context.today)


def _span(query: ReportQuery) -> tuple[date, date]:
    """First and last day that a page is about: its month, or its five fiscal years."""
    if query.month:
        last = calendar.monthrange(query.year, query.month)[1]
        return date(query.year, query.month, 1), date(query.year, query.month, last)
    return date(query.year - _YEARS_A_PAGE + 1, 4, 1), date(query.year + 1, 3, 31)


def _settling_day(today: date, month: int) -> date:
    """The last first day of that month."""
    this_year = date(today.year, month, 1)
    return this_year if this_year <= today else date(today.year - 1, month, 1)


def _number(year: int, month: int) -> int:
    """Months counted through."""
    return year * _MONTHS_A_YEAR + month - 1
