"""All visits of one build: publishers are fetched side by side, one thread each, every one at its own pace.

The threads share the journal (a transaction per call) and the ledger (one append at a time). They load nothing: the
build loads what landed, one publisher at a time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from sources.http.fetcher import Window
from sources.model.source import Source
from sources.reading.vocabulary import use_own_labels
from sources.registry import sources
from warehouse.ingest.fetch_context import calls_left, pause_of
from warehouse.ingest.fetch_run import FetchSummary, run_fetch
from warehouse.ingest.ingest import land
from warehouse.ingest.own_labels import read_own_labels
from warehouse.ingest.visit import Visit, VisitState, VisitStopped
from warehouse.ingest.visit_note import in_a_line, remove_note, write_note
from warehouse.settings import Settings

log = logging.getLogger("ree.visits")
"""One line a minute. A terminal shows a progress display instead (`orchestration/cli/visit_display.py`)."""

_NOTED_EVERY_S = 0.5
_LINE_EVERY_S = 60.0
_JOINED_FOR_S = 5.0
"""Seconds that the end of a build waits for its threads. One that is still waiting for a response ends with the
process, and lands nothing more."""


@dataclass(frozen=True, slots=True)
class Visited:
    """What a visit brought: files of the bundle and the user's own folder (new, offered), and the fetch run."""

    new_files: int
    files: int
    fetched: FetchSummary


@dataclass(slots=True)
class _Started:
    visit: Visit
    thread: threading.Thread
    result: Future[Visited]


@dataclass(slots=True)
class Visits:
    """The visits of one build. Use it as a context manager: the end of the block stops those that are under way."""

    settings: Settings
    _started: dict[str, _Started] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _reporter: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        until = time.monotonic() + _JOINED_FOR_S
        threads = [one.thread for one in self._started.values()] + ([self._reporter] if self._reporter else [])
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        remove_note(self.settings)

    def start(self, windows: Mapping[str, Window | None]) -> None:
        """Start a visit of each of these publishers, unless it was started before; None is the window of the settings.

        A daemon thread, since Ctrl-C must end a process whose publisher does not respond.
        """
        for code, window in windows.items():
            if code not in self._started:
                source = sources()[code]
                visit = Visit(code, pause_of(self.settings, source), calls_left(self.settings, source), self._stop)
                result: Future[Visited] = Future()
                thread = threading.Thread(
                    target=self._run, args=(source, window, visit, result), name=f"visit {code}", daemon=True
                )
                self._started[code] = _Started(visit, thread, result)
                thread.start()
        if self._reporter is None:
            self._reporter = threading.Thread(target=self._report, name="visits", daemon=True)
            self._reporter.start()

    def result(self, source_code: str) -> Visited:
        """Wait for a visit that was started. One that raised may be started again.

        Raises:
            SourceError: a file of the bundle or of the user's own folder differs from its provenance.
            OwnLabelsError: the file of own labels is wrong.
            OSError, JournalError, LedgerError: the disk, the journal or the ledger failed.
        """
        try:
            return self._started[source_code].result.result()
        except Exception:
            del self._started[source_code]
            raise

    @property
    def states(self) -> list[VisitState]:
        """How far each visit is, in the order in which they were started."""
        return [started.visit.state for started in list(self._started.values())]

    def _run(self, source: Source, window: Window | None, visit: Visit, result: Future[Visited]) -> None:
        try:
            with use_own_labels(read_own_labels(self.settings)):
                new, offered = land(self.settings, source)
                result.set_result(Visited(new, offered, run_fetch(self.settings, source, window, visit)))
        except VisitStopped as stopped:
            log.debug("%s: its visit was stopped; the next run resumes it", source.code)
            result.set_exception(stopped)
        except BaseException as error:  # noqa: BLE001 - `result` raises it in the thread of the build
            result.set_exception(error)
        finally:
            visit.end()

    def _report(self) -> None:
        """Keep the note of the visits, and log a line a minute, until all of them have ended."""
        shown: list[VisitState] = []
        logged_at = time.monotonic()
        while not self._stop.wait(_NOTED_EVERY_S):
            states = self.states
            if states != shown:
                with suppress(OSError):  # a full disk fails the build where it lands, not here
                    write_note(self.settings, states)
                shown = states
            if time.monotonic() - logged_at >= _LINE_EVERY_S and any(state.phase != "done" for state in states):
                logged_at = time.monotonic()
                log.info(in_a_line(states))
