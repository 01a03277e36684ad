"""What is due of the publishers that are asked, from what is known and without a call.

Belongs here: the plan of the next visit, visits that are overdue, and those left unfinished. Does not belong here:
visiting (`visits.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sources.http.fetcher import Task, Window
from sources.model.source import Source
from sources.registry import fetchers, sources
from warehouse.ingest.fetch_run import journal_of, live_table, prepared
from warehouse.ingest.windows import whole_window
from warehouse.settings import Settings

_FIRST_REST, _LONGEST_REST = timedelta(hours=6), timedelta(days=8)
"""How long a publisher is left alone after a visit that failed in part."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a visit would ask for, made without a call. `calls_left` is None where the publisher sets no quota."""

    source_code: str
    tasks: tuple[Task, ...]
    as_of: datetime | None
    calls_left: int | None
    not_before: datetime | None

    @property
    def calls(self) -> int:
        """Calls that the tasks are expected to take."""
        return sum(task.calls for task in self.tasks)

    @property
    def records(self) -> int | None:
        """Records that are expected to come, as far as any are."""
        known = [task.records for task in self.tasks if task.records is not None]
        return sum(known) if known else None


def plan(settings: Settings, source: Source, window: Window | None = None) -> Plan:
    """Say what a visit would ask for, from what is known, without any call."""
    journal = journal_of(settings, source.code)
    with prepared(settings, source, window or whole_window(settings), journal) as visit:
        tasks = tuple(fetchers()[source.code].plan(visit))
    daily = live_table(settings, source).get("daily_calls")
    ended = journal.ended()
    return Plan(
        source_code=source.code,
        tasks=tasks,
        as_of=journal.catalogue()[1],
        calls_left=None if daily is None else max(0, daily - journal.calls_on(datetime.now(UTC))),
        not_before=ended.not_before if ended and ended.not_before and ended.not_before > datetime.now(UTC) else None,
    )


def last_visits(settings: Settings) -> list[tuple[str, datetime, datetime | None, int, int, datetime | None]]:
    """Of each publisher that was visited: code, last visit, last whole one, failures, tasks left, not before when."""
    found = []
    for code in fetchers():
        journal = journal_of(settings, code)
        end = journal.ended()
        if end is not None:
            found.append((code, end.at, journal.last_complete(), len(end.failures), end.left, end.not_before))
    return found


def overdue(settings: Settings) -> list[tuple[str, str]]:
    """Publishers that were due to be visited in whole and were not, each with words for a person."""
    found = []
    for code in fetchers():
        source = sources()[code]
        within = timedelta(days=source.about["live"]["visit_within_days"])
        last = journal_of(settings, code).last_complete()
        if last is None:
            if journal_of(settings, code).ended():
                found.append((code, "no visit has ever come to its end"))
        elif datetime.now(UTC) - last > within:
            found.append((code, f"the last whole visit was on {last:%Y-%m-%d}, one is due within {within.days} days"))
    return found


def unfinished(settings: Settings) -> list[str]:
    """Publishers whose last visit left something undone that may be asked for now.

    After each visit in a row that ends so, it is left alone for twice as long: 6 hours at first, 8 days at most.
    """
    now = datetime.now(UTC)
    found = []
    for code in fetchers():
        ends = journal_of(settings, code).ends()
        in_a_row = next((n for n, end in enumerate(reversed(ends)) if end.is_complete), len(ends))
        if not in_a_row:
            continue
        last = ends[-1]
        rest = timedelta(0) if last.not_before else min(_FIRST_REST * 2 ** min(in_a_row - 1, 8), _LONGEST_REST)
        if now >= (last.not_before or last.at + rest):
            found.append(code)
    return found
