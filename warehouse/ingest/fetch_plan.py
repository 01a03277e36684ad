"""What is due from the publishers that a program can reach, without a request: plans, overdue and unfinished runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from tempfile import gettempdir

from sources.http.fetcher import Task, Window
from sources.model.source import Source
from sources.registry import fetchers, sources
from warehouse.ingest.fetch_context import calls_left, daily_quota, fetch_context, journal_of, pause_of
from warehouse.ingest.windows import whole_window
from warehouse.publisher_settings import free_key_of, why_not_asked
from warehouse.settings import Settings
from warehouse.storage.landing import Landing
from warehouse.wording import duration

_FIRST_BACKOFF, _MAX_BACKOFF = timedelta(hours=6), timedelta(days=8)
"""Between runs that failed in part."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would fetch.

    `quota` (requests a day) and `calls_left` today are None where the publisher sets none. `pause_s` is the pause
    between two requests in seconds. `calls_with_key` is what the plan would cost with a key that the user could have
    and has not given, `key_variable` the setting that takes it. `not_asked` says in a sentence why nothing is
    requested; it is empty where the publisher is asked.
    """

    source_code: str
    tasks: tuple[Task, ...]
    as_of: datetime | None
    calls_left: int | None
    not_before: datetime | None
    quota: int | None = None
    pause_s: float = 0.0
    calls_with_key: int | None = None
    key_variable: str = ""
    not_asked: str = ""

    @property
    def calls(self) -> int:
        """Requests that the tasks are expected to take."""
        return sum(task.calls for task in self.tasks)

    @property
    def records(self) -> int | None:
        """Records that are expected, where any task has an expectation."""
        known = [task.records for task in self.tasks if task.records is not None]
        return sum(known) if known else None

    @property
    def cost(self) -> str:
        """The cost in words, and what a free key would make of it; empty where nothing is due.

        `8,158 calls, about 17 days at 500 calls a day, newest first. With a free key (REE_UN_COMTRADE__KEY): 285 calls,
        about 7 min.`
        """
        if not self.tasks:
            return ""
        order = ", newest first" if self.tasks[0].last > self.tasks[-1].last else ""
        words = f"{self._in_words(self.calls)}{order}."
        if self.calls_with_key is not None and self.calls_with_key < self.calls:
            words += f" With a free key ({self.key_variable}): {self._in_words(self.calls_with_key)}."
        return words

    def _in_words(self, calls: int) -> str:
        counted = f"{calls:,} call{'' if calls == 1 else 's'}"
        days = 1 if self.quota is None else 1 + ceil(max(0, calls - (self.calls_left or 0)) / self.quota)
        if days > 1:
            return f"{counted}, about {days} days at {self.quota:,} calls a day"
        return f"{counted}, about {duration(calls * self.pause_s)}" if self.pause_s else counted


def plan(settings: Settings, source: Source, window: Window | None = None) -> Plan:
    """What a run would fetch, from what is known, without any request."""
    journal, landing, scratch = journal_of(settings, source.code), Landing(settings.landing), Path(gettempdir())
    if not_asked := why_not_asked(source.code, settings.publishers.get(source.code, {})):
        left = calls_left(settings, source)
        return Plan(source.code, (), journal.catalogue()[1], left, None, not_asked=not_asked)
    key = free_key_of(source.code, settings.publishers.get(source.code, {}))
    with fetch_context(settings, source, window or whole_window(settings), journal, landing, scratch) as context:
        planned = fetchers()[source.code].plan
        tasks = tuple(planned(context))
        with_key = planned(replace(context, is_key_assumed=True)) if key else None
    now, last = datetime.now(UTC), journal.last_run()
    return Plan(
        source_code=source.code,
        tasks=tasks,
        as_of=journal.catalogue()[1],
        calls_left=calls_left(settings, source),
        not_before=last.not_before if last and last.not_before and last.not_before > now else None,
        quota=daily_quota(source),
        pause_s=pause_of(settings, source),
        calls_with_key=None if with_key is None else sum(task.calls for task in with_key),
        key_variable=key,
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


def not_asked(settings: Settings) -> dict[str, str]:
    """The publishers that a program can reach and that these settings leave out, each with the sentence why."""
    reasons = {code: why_not_asked(code, settings.publishers.get(code, {})) for code in fetchers()}
    return {code: reason for code, reason in reasons.items() if reason}


def _asked(settings: Settings) -> list[str]:
    left_out = not_asked(settings)
    return [code for code in fetchers() if code not in left_out]


def overdue(settings: Settings) -> list[tuple[str, str]]:
    """Publishers without a complete run for longer than their `fetch_within_days`, each with a sentence."""
    found = []
    for code in _asked(settings):
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
    for code in _asked(settings):
        runs = journal_of(settings, code).finished_runs()
        in_a_row = next((n for n, run in enumerate(reversed(runs)) if run.is_complete), len(runs))
        if not in_a_row:
            continue
        last = runs[-1]
        backoff = timedelta(0) if last.not_before else min(_FIRST_BACKOFF * 2 ** min(in_a_row - 1, 8), _MAX_BACKOFF)
        if now >= (last.not_before or last.at + backoff):
            found.append(code)
    return found
