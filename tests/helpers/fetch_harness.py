"""Fetch runs against fake publishers: what a fetcher discovers, plans and fetches, with the state of earlier runs."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sources.http.client import Client
from sources.http.config import ClientConfig
from sources.http.fetcher import FetchContext, Fetcher, FetchResult, Task, TaskState, Window
from sources.model.artifact import Artifact, SourceError
from sources.registry import fetchers, sources
from tests.fakes.server import FaultKind
from tests.helpers.http_clients import SHORT_TIMEOUTS
from warehouse.publisher_settings import key_header_of, key_parameter_of, key_variable_of, settings_of

_SCRATCH = tempfile.TemporaryDirectory(prefix="ree-fetch-")
"""Bodies of all harnesses, until the process ends."""

TIMED: tuple[FaultKind, ...] = ("hang", "drip")
"""Faults that end at a timeout of the client."""


def config_for(kind: FaultKind) -> dict[str, float]:
    """The client's timeouts for a publisher with a fault of this kind."""
    return SHORT_TIMEOUTS if kind in TIMED else {}


@dataclass
class FetchOutcome:
    """The result of one fetch run."""

    tasks: list[Task] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    failures: dict[str, SourceError] = field(default_factory=dict)


@dataclass
class FetchHarness:
    """Fetches one publisher repeatedly, as the warehouse does, and keeps its state between runs.

    `years` is the window, first and last calendar year; `config` changes the client, `settings` the publisher's own.
    """

    source_code: str
    url: str
    years: tuple[int, int]
    today: date = date(2026, 11, 24)
    key: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    catalogue: dict[str, Any] = field(default_factory=dict)
    states: dict[str, TaskState] = field(default_factory=dict)
    landed: dict[str, str] = field(default_factory=dict)
    last_complete_run: datetime | None = None
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(dir=_SCRATCH.name)))

    @property
    def fetcher(self) -> Fetcher:
        return fetchers()[self.source_code]

    def context(self) -> FetchContext:
        about = sources()[self.source_code].about
        live = about["live"]
        defaults = {
            "hosts": frozenset(live.get("hosts", ())),
            "pace": 0.0,
            "timeout_s": 30.0,
            "deadline_s": 60.0,
            "key": self.key,
            "key_header": key_header_of(self.source_code),
            "key_parameter": key_parameter_of(self.source_code),
            "key_setting": key_variable_of(self.source_code),
            "max_bytes": live["max_bytes"],
            "busy_statuses": frozenset(live.get("busy_statuses", ())),
        }
        return FetchContext(
            source_code=self.source_code,
            about=about,
            http=Client(self.source_code, ClientConfig(self.url, **(defaults | self.config)), self.folder),
            folder=self.folder,
            today=self.today,
            window=Window(date(self.years[0], 1, 1), date(self.years[1], 12, 31)),
            catalogue=self.catalogue,
            states=self.states,
            landed=self.landed,
            last_complete_run=self.last_complete_run,
            settings=settings_of(self.source_code, {}) | self.settings,
        )

    def plan(self) -> list[Task]:
        """What would be fetched, without a request."""
        return self.fetcher.plan(self.context())

    def run(self) -> FetchOutcome:
        """Discover, plan and fetch everything; a task that fails leaves the others."""
        outcome = FetchOutcome()
        with self.context().http as http:
            self.catalogue = self.fetcher.discover(replace(self.context(), http=http))
            context = replace(self.context(), http=http)
            outcome.tasks = self.fetcher.plan(context)
            for task in outcome.tasks:
                try:
                    result = self.fetcher.fetch(context, task)
                except SourceError as error:
                    outcome.failures[task.key] = error
                    continue
                if result.missing:
                    outcome.failures[task.key] = result.missing
                self.keep(task, result)
                outcome.artifacts.extend(result.artifacts)
        if not outcome.failures:
            self.last_complete_run = datetime.combine(self.today, datetime.max.time(), UTC)
        return outcome

    def keep(self, task: Task, result: FetchResult) -> None:
        """Store the task's state and what landed."""
        self.states[task.key] = TaskState(datetime.combine(self.today, datetime.min.time(), UTC), dict(result.cursor))
        self.landed |= {artifact.partition: artifact.release for artifact in result.artifacts}
