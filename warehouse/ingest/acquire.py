"""Acquire a publisher's bytes in one run: files of the snapshot, a fetch run, files of the inbox. All of it lands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sources.model.source import Source
from sources.registry import fetchers, receivers
from warehouse.ingest.inbox import receive_files
from warehouse.ingest.ingest import fetched_partitions, land
from warehouse.ingest.visits import Visits
from warehouse.publisher_settings import why_not_asked
from warehouse.settings import Settings
from warehouse.storage.landing import Landing


@dataclass(slots=True)
class Acquired:
    """What landed and what failed. `deferred` counts tasks left for a later run, which may start at `not_before`.

    `failures` are of the fetch run, `refused` of the inbox. `instead` says what the release shows of a publisher that
    has never been fetched; it is empty for the others.
    """

    source_code: str
    offered: int = 0
    new_artifacts: int = 0
    deferred: int = 0
    failures: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    not_before: datetime | None = None
    instead: str = ""

    @property
    def is_owed(self) -> bool:
        """Whether anything that is due has not arrived."""
        return bool(self.failures or self.refused or self.deferred)

    def summary(self) -> str:
        """What is missing, why, and when it is retried; the number of new artifacts where nothing is."""
        lines = [f"- {failure}" for failure in [*self.failures, *self.refused]]
        if self.failures:
            lines.append("The next run retries each of them.")
        if self.refused:
            lines.append("Correct a refused file and drop it again.")
        if self.deferred:
            until = f" after {self.not_before:%Y-%m-%d %H:%M} UTC" if self.not_before else " in the next run"
            lines.append(f"{self.deferred:,} task(s) are deferred and continue{until}; what landed stays.")
        if self.is_owed and self.instead:
            lines.append(self.instead)
        return "\n".join(lines) or f"{self.new_artifacts} new of {self.offered}."


def is_visited(settings: Settings, source_code: str) -> bool:
    """Whether builds with these settings fetch from a publisher."""
    if settings.sources != "live" or source_code not in fetchers():
        return False
    return not why_not_asked(source_code, settings.publishers.get(source_code, {}))


def acquire(settings: Settings, source: Source, visits: Visits, years: Collection[int] | None = None) -> Acquired:
    """Land whatever a publisher has. A failure is reported and stops nothing else.

    Of a publisher that is fetched, this waits for its visit, which was started before.

    Raises:
        SourceError: a file of the snapshot or of the user's own folder differs from its provenance.
    """
    acquired = Acquired(source.code)
    if is_visited(settings, source.code):
        visited = visits.result(source.code)
        fetched = visited.fetched
        acquired.new_artifacts = visited.new_files + fetched.new_artifacts
        acquired.offered = visited.files + fetched.fetched
        acquired.failures += fetched.failures
        acquired.deferred = fetched.deferred
        acquired.not_before = fetched.not_before
        acquired.instead = _instead_of_a_fetch(settings, source, visited.files)
    else:
        acquired.new_artifacts, acquired.offered = land(settings, source, years)
    if settings.sources != "landing" and source.code in receivers():
        received = receive_files(settings, source)
        acquired.new_artifacts += len(received.landed)
        acquired.offered += len(received.landed) + len(received.failed)
        acquired.refused += received.failed
    return acquired


def _instead_of_a_fetch(settings: Settings, source: Source, files: int) -> str:
    """What the release shows of a publisher of which nothing has been fetched yet; empty where something has."""
    if fetched_partitions(settings, source, Landing(settings.landing)):
        return ""
    if not files:
        return f"Nothing has been fetched from {source.code} yet, and no file of it is bundled."
    return f"Nothing has been fetched from {source.code} yet: its figures are those of {files} bundled file(s)."
