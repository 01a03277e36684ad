"""Acquire a publisher's bytes in one run: files of the snapshot, a fetch run, files of the inbox. All of it lands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sources.http.fetcher import Window
from sources.model.source import Source
from sources.registry import fetchers, receivers
from warehouse.ingest.fetch_run import run_fetch
from warehouse.ingest.inbox import receive_files
from warehouse.ingest.ingest import land
from warehouse.settings import Settings


@dataclass(slots=True)
class Acquired:
    """What landed and what failed. `deferred` counts tasks left for a later run, which may start at `not_before`."""

    source_code: str
    offered: int = 0
    new_artifacts: int = 0
    deferred: int = 0
    failures: list[str] = field(default_factory=list)
    not_before: datetime | None = None

    def summary(self) -> str:
        """What is missing, why, and when it is retried; the number of new artifacts where nothing is."""
        lines = [f"- {failure}" for failure in self.failures]
        if self.failures:
            lines.append("The next run retries each of them; correct a refused file and drop it again.")
        if self.deferred:
            until = f" after {self.not_before:%Y-%m-%d %H:%M} UTC" if self.not_before else " in the next run"
            lines.append(f"{self.deferred} task(s) are deferred and continue{until}; what landed stays.")
        return "\n".join(lines) or f"{self.new_artifacts} new of {self.offered}."


def acquire(
    settings: Settings, source: Source, window: Window | None = None, years: Collection[int] | None = None
) -> Acquired:
    """Land whatever a publisher has. A failure is reported and stops nothing else.

    Raises:
        SourceError: a file of the snapshot or of the user's own folder differs from its provenance.
    """
    acquired = Acquired(source.code)
    acquired.new_artifacts, acquired.offered = land(settings, source, years)
    if settings.sources == "live" and source.code in fetchers():
        fetched = run_fetch(settings, source, window)
        acquired.new_artifacts += fetched.new_artifacts
        acquired.offered += fetched.fetched
        acquired.failures += fetched.failures
        acquired.deferred = fetched.deferred
        acquired.not_before = fetched.not_before
    if settings.sources != "landing" and source.code in receivers():
        received = receive_files(settings, source)
        acquired.new_artifacts += len(received.landed)
        acquired.offered += len(received.landed) + len(received.failed)
        acquired.failures += received.failed
    return acquired
