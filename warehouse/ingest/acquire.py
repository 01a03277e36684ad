"""What arrives of a publisher in one run: a visit, files of the inbox, files of the snapshot; all of it lands.

Belongs here: which of these ways a publisher's bytes come in, by the settings. Does not belong here: the ways
themselves (`visits.py`, `inbox.py`, `ingest.land`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sources.http.fetcher import Window
from sources.model.source import Source
from sources.registry import fetchers, receivers
from warehouse.ingest.fetch_run import visit
from warehouse.ingest.inbox import take_in
from warehouse.ingest.ingest import land
from warehouse.settings import Settings


@dataclass(slots=True)
class Arrived:
    """What landed and what did not. `left` counts tasks that wait for a later run, which may begin at `not_before`."""

    source_code: str
    offered: int = 0
    new: int = 0
    left: int = 0
    failures: list[str] = field(default_factory=list)
    not_before: datetime | None = None

    def in_words(self) -> str:
        """What did not arrive, why, and what will happen next; how many did, where all is well."""
        words = [f"- {failure}" for failure in self.failures]
        if self.failures:
            words.append("Each is asked for again, or taken in again once it is mended, in the next run.")
        if self.left:
            until = f" after {self.not_before:%Y-%m-%d %H:%M} UTC" if self.not_before else " in the next run"
            words.append(f"{self.left} task(s) were left and go on{until}; what landed stays.")
        return "\n".join(words) or f"{self.new} new of {self.offered}."


def arrive(
    settings: Settings, source: Source, window: Window | None = None, years: Collection[int] | None = None
) -> Arrived:
    """Land whatever there is of a publisher. What fails is reported and stops nothing else.

    Raises:
        SourceError: a file of the snapshot or of the user's own folder is not what its provenance says.
    """
    arrived = Arrived(source.code)
    arrived.new, arrived.offered = land(settings, source, years)
    if settings.sources == "live" and source.code in fetchers():
        visited = visit(settings, source, window)
        arrived.new += visited.new
        arrived.offered += visited.asked
        arrived.failures += visited.failures
        arrived.left = visited.left
        arrived.not_before = visited.not_before
    if settings.sources != "landing" and source.code in receivers():
        received = take_in(settings, source)
        arrived.new += len(received.landed)
        arrived.offered += len(received.landed) + len(received.failed)
        arrived.failures += received.failed
    return arrived
