"""Fetch runs: fetch what is due from a publisher, task by task, and land it at once.

A failed task does not stop the others. The journal holds what a killed run had done.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from sources.http.errors import ChallengeError, RateLimitedError, RetryableError, SchemaChangedError
from sources.http.fetcher import FetchContext, Fetcher, Task, Window
from sources.http.robots import RobotsError
from sources.model.artifact import Artifact, SourceError
from sources.model.source import Source
from sources.registry import fetchers
from warehouse.ingest.days import require_possible_days
from warehouse.ingest.fetch_context import clear_scratch, fetch_context, journal_of
from warehouse.ingest.unforeseen import OF_THIS_MACHINE, UNFORESEEN, refusal_of
from warehouse.ingest.visit import Visit
from warehouse.ingest.windows import whole_window
from warehouse.secrets import secrets_of
from warehouse.settings import Settings
from warehouse.storage.journal import Journal
from warehouse.storage.landing import Landing

log = logging.getLogger("ree.fetch")

_MAX_FAILURES_IN_A_ROW = 3
"""After so many failures in a row of one kind, the other tasks of the service are deferred to the next run."""
_SERVICE_FAILURES = {
    RetryableError: "out of reach",
    SchemaChangedError: "its layout changed",
    ChallengeError: "it asks for a CAPTCHA",
    RobotsError: "its robots.txt disallows requests",
}
"""Failures that the other tasks of a service are likely to share."""
_CHANGED = "the next run retries; if it fails again, look whether the publisher changed its answers (docs/live.md)."


@dataclass(slots=True)
class FetchSummary:
    """The result of one fetch run. `fetched` and `deferred` count tasks; `not_before` is when a run may follow."""

    source_code: str
    new_artifacts: int = 0
    fetched: int = 0
    deferred: int = 0
    failures: list[str] = field(default_factory=list)
    not_before: datetime | None = None
    redact: Callable[[str], str] = field(default=str, repr=False)

    def defer(self, tasks: int, error: RateLimitedError) -> None:
        """Leave tasks to a later run, since the publisher limits the rate; its lists count as one."""
        self.deferred += tasks
        self.not_before = error.not_before
        log.warning("%s: %d tasks deferred: %s", self.source_code, self.deferred, self.redact(str(error)))

    def add_failure(self, what: str, error: SourceError) -> None:
        """Record and log a failure, redacted; the log leaves out the remedy, which the run's summary has."""
        failure = self.redact(f"{what}: {error}")
        self.failures.append(failure)
        log.error("%s: not fetched: %s", self.source_code, failure.partition(" Remedy: ")[0])


def run_fetch(
    settings: Settings, source: Source, window: Window | None = None, visit: Visit | None = None
) -> FetchSummary:
    """Fetch what is due from a publisher and land it, task by task. `visit` shows how far it is, and may stop it.

    What landed stays; what failed or was deferred is due again in the next run.

    Raises:
        VisitStopped: the build has ended.
    """
    watched = visit or Visit(source.code)
    watched.begin()
    journal, landing = journal_of(settings, source.code), Landing(settings.landing)
    fetcher = fetchers()[source.code]
    summary = FetchSummary(source.code, redact=secrets_of(settings).redact)
    clear_scratch(settings, source)
    try:
        with fetch_context(
            settings, source, window or whole_window(settings), journal, landing, settings.scratch, watched
        ) as context:
            catalogue = fetcher.discover(context)
            context.http.refuse_echo("its lists", catalogue)
            journal.save_catalogue(catalogue)
            planned = replace(context, catalogue=journal.catalogue()[0])
            _FetchRun(landing, source, fetcher, planned, journal, summary, watched).fetch_all()
    except OF_THIS_MACHINE:
        raise
    except RateLimitedError as error:
        summary.defer(1, error)
    except UNFORESEEN as error:
        summary.add_failure("lists", refusal_of(source.code, error, "its lists cannot be read", _CHANGED))
    journal.finish_run(summary.new_artifacts, summary.failures, summary.deferred, summary.not_before)
    log.info(
        "%s: %d tasks fetched, %d artifacts new, %d failed, %d deferred",
        source.code, summary.fetched, summary.new_artifacts, len(summary.failures), summary.deferred,
    )  # fmt: skip
    return summary


def refuse_partitions(settings: Settings, source: Source, refused: Iterable[str]) -> None:
    """Make the tasks due again whose partitions landed and could not be loaded."""
    for partition in refused:
        journal_of(settings, source.code).refuse_partition(partition)


def newest_release(settings: Settings, source: Source) -> str:
    """The newest release by the publisher's feed, by one request.

    Raises:
        SourceError: the feed did not respond, or its response cannot be read.
    """
    feed = fetchers()[source.code].newest_release
    if feed is None:
        msg = f"{source.code} has no feed of releases"
        raise LookupError(msg)
    journal, landing = journal_of(settings, source.code), Landing(settings.landing)
    with fetch_context(settings, source, whole_window(settings), journal, landing, settings.scratch) as context:
        try:
            return feed(context)
        except OF_THIS_MACHINE:
            raise
        except UNFORESEEN as error:
            raise refusal_of(source.code, error, "its feed of releases cannot be read", _CHANGED) from error


@dataclass(slots=True)
class _Failures:
    """Failures in a row of one service, all of one kind."""

    kind: str = ""
    count: int = 0

    @property
    def is_given_up(self) -> bool:
        """Whether the service's other tasks are deferred."""
        return self.count >= _MAX_FAILURES_IN_A_ROW

    def add(self, error: SourceError) -> None:
        """Count a failure. One of another kind starts a new row; one of a single task ends it."""
        kind = next((words for error_type, words in _SERVICE_FAILURES.items() if isinstance(error, error_type)), "")
        self.count = (self.count if self.kind == kind else 0) + 1 if kind else 0
        self.kind = kind


@dataclass(slots=True)
class _FetchRun:
    """One run through the tasks that are due."""

    landing: Landing
    source: Source
    fetcher: Fetcher
    context: FetchContext
    journal: Journal
    summary: FetchSummary
    visit: Visit

    def fetch_all(self) -> None:
        """Fetch every task of the plan; stop where the publisher limits the rate.

        What was fetched may make other tasks due: the plan is made again until it holds only tasks of this run.
        """
        tasks: list[Task] = []
        failures: dict[str, _Failures] = defaultdict(_Failures)
        while added := self._newly_due(tasks):
            done, tasks = len(tasks), tasks + added
            self.visit.plan(tasks)
            for index in range(done, len(tasks)):
                self.visit.finish_tasks(index)
                try:
                    self._try_task(tasks[index], failures[tasks[index].service], tasks[index + 1 :])
                except RateLimitedError as error:
                    self.summary.defer(len(tasks) - index, error)
                    return
        self.visit.finish_tasks(len(tasks))

    def _newly_due(self, tasks: list[Task]) -> list[Task]:
        """The tasks that are due now and are not among `tasks`."""
        planned = {task.key for task in tasks}
        context = replace(self.context, states=self.journal.task_states())
        return [task for task in self.fetcher.plan(context) if task.key not in planned]

    def _try_task(self, task: Task, service: _Failures, later: list[Task]) -> None:
        """Fetch a task, unless its service was given up; record its failure.

        Raises:
            RateLimitedError: the publisher limits the rate.
        """
        if service.is_given_up:
            self.summary.deferred += 1
            return
        try:
            self._fetch(task)
            service.count = 0
        except (RateLimitedError, *OF_THIS_MACHINE):
            raise
        except UNFORESEEN as raised:
            failure = refusal_of(self.source.code, raised, "what was fetched cannot be read", _CHANGED)
            self.summary.add_failure(task.key, failure)
            service.add(failure)
            if service.is_given_up:
                self._log_given_up(task, service, later)

    def _fetch(self, task: Task) -> None:
        """Fetch and land a task.

        Raises:
            SourceError: a part of it, or all, is missing.
        """
        result = self.fetcher.fetch(self.context, task)
        self.visit.require_running()
        described = [asdict(artifact) for artifact in result.artifacts]
        self.context.http.refuse_echo("what describes its files", [dict(result.cursor), result.note, described])
        new = self._land(result.artifacts)
        self.summary.new_artifacts += new
        partitions = [artifact.partition for artifact in result.artifacts]
        self.journal.finish_task(task.key, result.cursor, result.note or f"{new} new", partitions)
        if result.missing:
            raise result.missing
        self.summary.fetched += 1

    def _log_given_up(self, task: Task, service: _Failures, later: list[Task]) -> None:
        deferred = sum(other.service == task.service for other in later)
        name = f"{self.source.code} {task.service}".rstrip()
        log.warning("%s: %s; %d tasks deferred to the next run", name, service.kind, deferred)

    def _land(self, fetched: tuple[Artifact, ...]) -> int:
        """Land the artifacts that say something new; return their number.

        An artifact is compared with what its partition stated on the day it became known: an upload older than the
        newest statement is history, and lands with its own day. Where the bytes of that statement are no longer stored,
        whatever was fetched lands.

        Raises:
            SourceError: one is of a day or a year to come.
        """
        for artifact in fetched:
            require_possible_days(artifact, self.context.today)
        changed = []
        for artifact in fetched:
            before = self.landing.statement_before(artifact)
            if before is None or not before.path.is_file() or not _has_same_rows(self.source, artifact, before):
                changed.append(artifact)
        return self.landing.land(changed, came_by="fetch")


def _has_same_rows(source: Source, artifact: Artifact, before: Artifact) -> bool:
    """Whether two bodies of a partition have the same rows; bytes that cannot be read are compared as bytes."""
    if artifact.sha256 == before.sha256 and artifact.layout == before.layout:
        return True
    try:
        tables = [source.parse(one) for one in (artifact, before)]
    except UNFORESEEN as error:
        log.debug("%s: %s is compared by its bytes", source.code, artifact.partition, exc_info=error)
        return False
    now, then = ({table.spec.name: table.content_sha256() for table in parsed} for parsed in tables)
    return now == then
