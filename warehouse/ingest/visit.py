"""A visit: one publisher's fetch run while it is under way. What it has done and has left, and whether it must stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from sources.http.fetcher import Task

Phase = Literal["waiting", "lists", "tasks", "done"]
"""Not started; the publisher's lists are requested; its tasks are fetched; the visit has ended."""
_MEASURED_CALLS = 3
"""From so many calls on, the time of a call is measured; before, it is the publisher's pause."""


class VisitStopped(BaseException):
    """The build ended before the visit did. What landed stays, and the next run resumes."""


@dataclass(frozen=True, slots=True)
class VisitState:
    """How far a visit is.

    `tasks` and `tasks_done` count tasks, `calls` the requests sent since the visit began, `calls_due` those that the
    remaining tasks are expected to take. `seconds_left` is None until the plan and the time of a call are known.
    `is_limited` says that the day's quota ends the visit before its tasks are done. `since` is in UTC.
    """

    source_code: str
    phase: Phase
    since: str
    tasks: int = 0
    tasks_done: int = 0
    calls: int = 0
    calls_due: int = 0
    seconds_left: float | None = None
    is_limited: bool = False


@dataclass(slots=True)
class Visit:
    """The progress of one visit. Its thread writes it; others read `state` and may set `stop`.

    `pause_s` is the publisher's pause between requests in seconds, `calls_left` what is left of its quota of the day,
    None where it has none.
    """

    source_code: str
    pause_s: float = 0.0
    calls_left: int | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    _phase: Phase = "waiting"
    _since: datetime = field(default_factory=lambda: datetime.now(UTC))
    _began: float = field(default_factory=time.monotonic)
    _tasks: Sequence[Task] = ()
    _done: int = 0
    _calls: int = 0
    _planned_at: tuple[float, int] = (0.0, 0)

    def require_running(self) -> None:
        """Raises VisitStopped if the build has ended."""
        if self.stop.is_set():
            raise VisitStopped(self.source_code)

    def sleep(self, seconds: float) -> None:
        """Wait, at most until the build ends; then raise VisitStopped."""
        self.stop.wait(seconds)
        self.require_running()

    def begin(self) -> None:
        """The publisher's lists are requested."""
        self._since, self._began, self._phase = datetime.now(UTC), time.monotonic(), "lists"

    def plan(self, tasks: Sequence[Task]) -> None:
        """These tasks are due, in this order."""
        self._tasks, self._phase = tasks, "tasks"
        self._planned_at = (time.monotonic(), self._calls)

    def count_call(self) -> None:
        """A request is about to be sent."""
        self._calls += 1
        if self.calls_left is not None:
            self.calls_left -= 1

    def finish_tasks(self, done: int) -> None:
        """So many tasks, the first of the plan, are fetched, failed or deferred."""
        self._done = done

    def end(self) -> None:
        """The visit has ended, whatever its outcome."""
        self._phase = "done"

    @property
    def seconds_taken(self) -> float:
        """Seconds since the visit began."""
        return time.monotonic() - self._began

    @property
    def state(self) -> VisitState:
        """How far the visit is now."""
        due = sum(task.calls for task in self._tasks[self._done :])
        pace = self._seconds_a_call()
        possible = due if self.calls_left is None else min(due, max(0, self.calls_left))
        return VisitState(
            source_code=self.source_code,
            phase=self._phase,
            since=self._since.isoformat(timespec="seconds"),
            tasks=len(self._tasks),
            tasks_done=self._done,
            calls=self._calls,
            calls_due=due,
            seconds_left=possible * pace if self._phase == "tasks" and (pace or not due) else None,
            is_limited=possible < due,
        )

    def _seconds_a_call(self) -> float:
        """Seconds between two calls: as measured in this visit, at least the pause."""
        began, before = self._planned_at
        calls = self._calls - before
        measured = (time.monotonic() - began) / calls if calls >= _MEASURED_CALLS else 0.0
        return max(measured, self.pause_s)
