"""The progress of all publishers' visits on a terminal: tasks, requests, time left, in one display."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskID, TextColumn

from orchestration.cli import console
from warehouse.ingest.visit import VisitState
from warehouse.ingest.visit_note import running_visits
from warehouse.ingest.visits import log as line_log
from warehouse.settings import Settings
from warehouse.wording import duration

_REFRESHED_EVERY_S = 0.5


def hide_minute_lines(record: logging.LogRecord) -> bool:
    """Whether a log record is shown: on a terminal the display is there for the lines about progress."""
    return record.name != line_log.name or not console.out.is_terminal


@contextmanager
def shown_visits(settings: Settings) -> Iterator[None]:
    """Show the visits of the build in this block, on a terminal only. The display stays as it was at their end."""
    if not console.out.is_terminal:
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_show, args=(settings, ended), name="visit display", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _show(settings: Settings, ended: threading.Event) -> None:
    display: _Display | None = None
    while not ended.wait(_REFRESHED_EVERY_S):
        visits = running_visits(settings)
        if visits and (display or any(visit.phase != "done" for visit in visits)):
            display = display or _Display()
            display.update(visits)
            if all(visit.phase == "done" for visit in visits):
                break
    if display:
        display.progress.stop()


class _Display:
    """A row per publisher, and one over all: `un_comtrade ━━━━ 120/1,089 tasks 96 calls 2 h 10 min left`."""

    def __init__(self) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[counts]}", justify="right"),
            TextColumn("{task.fields[calls]}", justify="right"),
            TextColumn("{task.fields[left]}", justify="right"),
            console=console.out,
            expand=True,
        )
        self.rows: dict[str, TaskID] = {}
        self.progress.start()

    def update(self, visits: Sequence[VisitState]) -> None:
        """Show how far the visits are."""
        for visit in visits:
            counts = f"{visit.tasks_done:,}/{visit.tasks:,} tasks" if visit.tasks else ""
            self._set(visit.source_code, _done(visit), _total(visit), counts, visit.calls, _left(visit))
        ended = sum(visit.phase == "done" for visit in visits)
        left = [visit.seconds_left for visit in visits if visit.phase != "done"]
        known = [seconds for seconds in left if seconds is not None]
        in_all = f"{duration(max(known))} left" if known and len(known) == len(left) else ""
        calls = sum(visit.calls for visit in visits)
        self._set("all publishers", ended, len(visits), f"{ended}/{len(visits)} visited", calls, in_all)

    def _set(self, name: str, done: int, total: int | None, counts: str, calls: int, left: str) -> None:
        if name not in self.rows:
            self.rows[name] = self.progress.add_task(name, counts="", calls="", left="")
        row = self.rows[name]
        self.progress.update(row, completed=done, total=total, counts=counts, calls=_calls(calls), left=left)


def _calls(calls: int) -> str:
    return f"{calls:,} call{'' if calls == 1 else 's'}"


def _done(visit: VisitState) -> int:
    return 1 if visit.phase == "done" and not visit.tasks else visit.tasks_done


def _total(visit: VisitState) -> int | None:
    """The number of tasks; None while it is unknown, 1 where nothing is due."""
    return visit.tasks or (1 if visit.phase == "done" else None)


def _left(visit: VisitState) -> str:
    if visit.seconds_left is not None:
        about = duration(visit.seconds_left)
        return f"{about} to its quota" if visit.is_limited else f"{about} left"
    return {"waiting": "", "lists": "lists", "done": "done", "tasks": ""}[visit.phase]
