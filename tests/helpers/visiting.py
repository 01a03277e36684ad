"""Visits to played publishers: what a fetcher discovers, plans and fetches, with what it held before."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sources.http.client import Client, Manners
from sources.http.fetcher import Answer, Fetcher, Look, Task, Visit, Window
from sources.model.artifact import Artifact, SourceError
from sources.registry import fetchers, sources
from tests.fakes.server import FaultKind
from tests.helpers.asking import HURRIED

TIMED: tuple[FaultKind, ...] = ("hang", "drip")
"""Faults that end when the visitor's time is up."""


def manners_for(kind: FaultKind) -> dict[str, float]:
    """How a publisher is asked that has a fault of this kind."""
    return HURRIED if kind in TIMED else {}


@dataclass
class Round:
    """What one visit came to."""

    tasks: list[Task] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    failures: dict[str, SourceError] = field(default_factory=dict)


@dataclass
class Visitor:
    """Visits one publisher again and again, as the warehouse does, and remembers what it held.

    `years` is the window, first and last calendar year; `manners` changes how the publisher is asked.
    """

    source_code: str
    url: str
    years: tuple[int, int]
    today: date = date(2026, 11, 24)
    key: str = ""
    manners: dict[str, Any] = field(default_factory=dict)
    catalogue: dict[str, Any] = field(default_factory=dict)
    looks: dict[str, Look] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="ree-visit-")))

    @property
    def fetcher(self) -> Fetcher:
        return fetchers()[self.source_code]

    def visit(self) -> Visit:
        about = sources()[self.source_code].about
        live = about["live"]
        usual = {
            "hosts": frozenset(live.get("hosts", ())),
            "pace": 0.0,
            "timeout_s": 30.0,
            "deadline_s": 60.0,
            "key": self.key,
            "key_header": live.get("key_header", ""),
            "max_bytes": live["max_bytes"],
        }
        return Visit(
            source_code=self.source_code,
            about=about,
            http=Client(self.source_code, Manners(self.url, **(usual | self.manners)), self.folder),
            folder=self.folder,
            today=self.today,
            window=Window(date(self.years[0], 1, 1), date(self.years[1], 12, 31)),
            catalogue=self.catalogue,
            looks=self.looks,
            held=self.held,
        )

    def plan(self) -> list[Task]:
        """What would be asked, without asking."""
        return self.fetcher.plan(self.visit())

    def run(self) -> Round:
        """Discover, plan and fetch everything; a task that fails leaves the others."""
        came = Round()
        self.catalogue = self.fetcher.discover(self.visit())
        visit = self.visit()
        came.tasks = self.fetcher.plan(visit)
        for task in came.tasks:
            try:
                answer = self.fetcher.fetch(visit, task)
            except SourceError as error:
                came.failures[task.key] = error
                continue
            self.keep(task, answer)
            came.artifacts.extend(answer.artifacts)
        return came

    def keep(self, task: Task, answer: Answer) -> None:
        """Remember the look, and what landed."""
        self.looks[task.key] = Look(datetime.combine(self.today, datetime.min.time(), UTC), dict(answer.marks))
        self.held |= {artifact.partition: artifact.release for artifact in answer.artifacts}
