"""What is due from the publishers that a program can reach, without a request: plans, overdue and unfinished runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import gettempdir

from sources.http.fetcher import Task, Window
from sources.model.source import Source
from sources.registry import fetchers, sources
from warehouse.ingest.fetch_context import daily_quota, fetch_context, journal_of
from warehouse.ingest.windows import whole_window
from warehouse.settings import Settings
from warehouse.storage.landing import Landing

_FIRST_BACKOFF, _MAX_BACKOFF = timedelta(hours=6), timedelta(days=8)
"""Between runs that failed in part."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would fetch. `calls_left` is None where the publisher sets no quota."""

    source_code: str
    tasks: tuple[Task, ...]
    as_of: datetime | None
    calls_left: int | None
    not_before: datetime | None

    @property
    def calls(self) -> int:
        """Requests that the tasks are expected to take."""
        return sum(task.calls for task in self.tasks)

    @property
    def records(self) -> int | None:
        """Records that are expected, where any task has an expectation."""
        known = [task.records for task in self.tasks if task.records is not None]
        return sum(known) if known else None


def plan(settings: Settings, source: Source, window: Window | None = None) -> Plan:
    """What a run would fetch, from what is known, without any request."""
    journal, landing, scratch = journal_of(settings, source.code), Landing(settings.landing), Path(gettempdir())
    with fetch_context(settings, source, window or whole_window(settings), journal, landing, scratch) as context:
        tasks = tuple(fetchers()[source.code].plan(context))
    now = datetime.now(UTC)
    quota, last = daily_quota(source), journal.last_run()
    return Plan(
        source_code=source.code,
        tasks=tasks,
        as_of=journal.catalogue()[1],
        calls_left=None if quota is None else max(0, quota - journal.requests_on(now)),
        not_before=last.not_before if last and last.not_before and last.not_before > now else None,
    )


def last_runs(settings: Settings) -> list[tuple[str, datetime, datetime | None, int, int, datetime | None]]:
    """Of each fetched publisher: code, last run, last complete run, failures, tasks deferred, not before when."""
    found = []
    for code in fetchers():
        journal = journal_of(settings, code)
        last = journal.last_run()
        if last is not None:
            complete = journal.last_complete_run()
            found.append((code, last.at, complete, len(last.failures), last.deferred, last.not_before))
    return found


def overdue(settings: Settings) -> list[tuple[str, str]]:
    """Publishers without a complete run for longer than their `fetch_within_days`, each with a sentence."""
    found = []
    for code in fetchers():
        within = timedelta(days=sources()[code].about["live"]["fetch_within_days"])
        journal = journal_of(settings, code)
        last = journal.last_complete_run()
        if last is None:
            if journal.last_run():
                found.append((code, "no fetch run has been complete yet"))
        elif datetime.now(UTC) - last > within:
            found.append(
                (code, f"the last complete fetch run was on {last:%Y-%m-%d}, one is due within {within.days} days")
            )
    return found


def unfinished(settings: Settings) -> list[str]:
    """Publishers whose last run failed in part or deferred tasks, and that may be fetched again now.

    The wait doubles with each such run in a row: 6 hours at first, 8 days at most.
    """
    now = datetime.now(UTC)
    found = []
    for code in fetchers():
        runs = journal_of(settings, code).finished_runs()
        in_a_row = next((n for n, run in enumerate(reversed(runs)) if run.is_complete), len(runs))
        if not in_a_row:
            continue
        last = runs[-1]
        backoff = timedelta(0) if last.not_before else min(_FIRST_BACKOFF * 2 ** min(in_a_row - 1, 8), _MAX_BACKOFF)
        if now >= (last.not_before or last.at + backoff):
            found.append(code)
    return found
