"""How current the figures of a release are: the newest period held against each publisher's calendar.

A calendar is `due_after_days` of a `source.toml`: by kind of period, the days after its end by which the publisher's
figure is out. A publisher on no fixed days has none, and is never late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sources.registry import sources
from warehouse import clock
from warehouse.release.store import current_release, database
from warehouse.settings import Settings
from warehouse.storage.database import open_database

_MONTHS = {"month": 1, "calendar_year": 12, "fiscal_year": 12}
"""Months of each kind of period that may have a calendar."""
_WORD = {"month": "month", "calendar_year": "year", "fiscal_year": "fiscal year"}
_NEWEST = """
select source_code, period_type, max(last_period_start)
from marts.mart_coverage
where last_period_start <= ?
group by source_code, period_type
order by source_code, period_type
"""
_GAPS = """
with series as (
    select
        reporter_name,
        reporter_code,
        partner_code,
        flow,
        product_key,
        period_type,
        max(period_start) filter (where holding_status = 'held') as newest_start
    from marts.mart_coverage_calendar
    group by all
    having newest_start is not null
)
select
    series.reporter_name,
    series.period_type,
    max(series.newest_start),
    min(cells.period_start),
    max(cells.period_start),
    count(distinct (series.partner_code, series.flow, series.product_key))
from series
inner join marts.mart_coverage_calendar as cells
    on series.reporter_code = cells.reporter_code and series.partner_code = cells.partner_code
    and series.flow = cells.flow and series.product_key = cells.product_key
    and series.period_type = cells.period_type
    and cells.period_start > series.newest_start and cells.holding_status = 'not_held'
group by series.reporter_name, series.period_type
order by series.reporter_name, series.period_type
"""


@dataclass(frozen=True, slots=True)
class Currency:
    """How current one kind of period of a publisher is: `Currency("uk_hmrc", "month", 2026-06-01, 2026-09-29, 60, 0)`.

    Attributes:
        newest_start: first day of the newest period held.
        next_due_on: the day after which the period that follows is late.
        days_late: days since then; 0 if it is not late.
        n_late: periods that are late: those between the newest held and the newest due.
    """

    source_code: str
    period_type: str
    newest_start: date
    next_due_on: date
    days_late: int
    n_late: int

    def __str__(self) -> str:
        awaited = _next(self.period_type, self.newest_start)
        newest = f"newest {_WORD[self.period_type]} {label(self.period_type, self.newest_start)}"
        if not self.n_late:
            return f"{newest}; {label(self.period_type, awaited)} is due by {self.next_due_on}."
        last = awaited
        for _ in range(self.n_late - 1):
            last = _next(self.period_type, last)
        late = _span(self.period_type, awaited, last)
        days = "1 day" if self.days_late == 1 else f"{self.days_late} days"
        return f"{newest}; {late} {'are' if self.n_late > 1 else 'is'} late, since {self.next_due_on} ({days})."


@dataclass(frozen=True, slots=True)
class Gap:
    """Series of one reporter that were held and stop before what is due.

    `Gap("India", "month", 2026-06-01, 2026-07-01, 2026-07-01, 8)`: eight series, partner × flow × product.
    """

    reporter_name: str
    period_type: str
    newest_start: date
    first_start: date
    last_start: date
    n_series: int

    def __str__(self) -> str:
        newest = f"newest {_WORD[self.period_type]} {label(self.period_type, self.newest_start)}"
        late = _span(self.period_type, self.first_start, self.last_start)
        return f"{self.reporter_name}: {newest}; {self.n_series} series lack {late}."


def label(period_type: str, start: date) -> str:
    """A period as `dim_period` labels it: `2026-07`, `2025`, `FY2025-26`."""
    if period_type == "month":
        return f"{start:%Y-%m}"
    return f"FY{start.year}-{(start.year + 1) % 100:02d}" if period_type == "fiscal_year" else str(start.year)


def _span(period_type: str, first: date, last: date) -> str:
    return " to ".join(dict.fromkeys([label(period_type, first), label(period_type, last)]))


def judged_on(settings: Settings) -> date:
    """The day that figures are judged late by: today with live publishers, else the last day that the release knows.

    A snapshot does not grow by itself, so that a build of it gives the same warnings on every day.
    """
    release = current_release(settings)
    if settings.sources == "live" or release is None:
        return clock.today()
    day: date = release.about["as_of_day"]
    return day


def calendar_of(source_code: str) -> Mapping[str, int]:
    """Days after the end of a period by which a publisher's figure is out, `{"month": 60}`; empty if none."""
    found: Mapping[str, int] = sources()[source_code].about.get("due_after_days", {})
    return found


def currency(settings: Settings, day: date) -> list[Currency]:
    """How current each publisher with a calendar is on a day, one entry a kind of period that it has figures of.

    Raises:
        LookupError: nothing is published.
        FileHeldError: another process has the release open for writing.
    """
    with open_database(database(settings), settings, read_only=True) as con:
        found = con.execute(_NEWEST, [day]).fetchall()
    return [
        currency_of(code, period_type, newest, calendar_of(code)[period_type], day)
        for code, period_type, newest in found
        if code in sources() and period_type in calendar_of(code)
    ]


def currency_of(source_code: str, period_type: str, newest_start: date, due_after_days: int, day: date) -> Currency:
    """How current a kind of period is on a day, of which the newest held begins on `newest_start`."""
    awaited = _next(period_type, newest_start)
    due_on = _due_on(period_type, awaited, due_after_days)
    n_late = 0
    while _due_on(period_type, awaited, due_after_days) < day:
        n_late += 1
        awaited = _next(period_type, awaited)
    return Currency(source_code, period_type, newest_start, due_on, max(0, (day - due_on).days), n_late)


def gaps(settings: Settings) -> list[Gap]:
    """Series of `mart_coverage_calendar` that were held and stop before what is due, by reporter and kind of period.

    Raises:
        LookupError: nothing is published.
        FileHeldError: another process has the release open for writing.
    """
    with open_database(database(settings), settings, read_only=True) as con:
        return [Gap(*row) for row in con.execute(_GAPS).fetchall()]


def _next(period_type: str, start: date) -> date:
    """First day of the period after the one that begins on `start`."""
    month = start.year * 12 + start.month - 1 + _MONTHS[period_type]
    return date(month // 12, month % 12 + 1, 1)


def _due_on(period_type: str, start: date, due_after_days: int) -> date:
    return _next(period_type, start) - timedelta(days=1) + timedelta(days=due_after_days)
