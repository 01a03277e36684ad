"""Visiting a publisher: what is due is asked for, task by task, and lands at once; failures stay small.

Belongs here: the order of a visit, quotas, what counts as news, and how a visit ends. Does not belong here: what is due
without a visit (`outlook.py`), what a publisher is asked (its `fetch.py`), how (`sources/http/client.py`), or where
bytes are kept (`landing.py`).
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from pydantic import SecretStr

from sources.http.client import ChangedError, Client, Manners, PassingError, TryLaterError
from sources.http.fetcher import Fetcher, Visit, Window
from sources.model.artifact import Artifact, SourceError
from sources.model.source import Source
from sources.registry import fetchers
from warehouse.ingest.windows import whole_window
from warehouse.settings import Settings
from warehouse.storage.journal import Journal
from warehouse.storage.landing import Landing

log = logging.getLogger("ree.visits")

_FAILURES_IN_A_ROW = 3
"""After so many tasks in a row that fail alike, the rest of the publisher's service waits for the next run.

Without a whole answer it is out of reach; with whole answers of other columns than declared its layout has changed.
"""
_TELL_EVERY_S = 20


@dataclass(slots=True)
class Visited:
    """What one visit came to. `left` counts tasks that were due and not asked for, `not_before` when to come back."""

    source_code: str
    new: int = 0
    asked: int = 0
    left: int = 0
    failures: list[str] = field(default_factory=list)
    not_before: datetime | None = None


def journal_of(settings: Settings, source_code: str) -> Journal:
    """The journal of one publisher."""
    return Journal(settings.landing / "visits", source_code)


def visit(settings: Settings, source: Source, window: Window | None = None) -> Visited:
    """Ask a publisher for what is due and land it, task by task.

    A task that fails leaves the others; what landed stays; what failed or was left is due again in the next visit.
    """
    journal = journal_of(settings, source.code)
    fetcher = fetchers()[source.code]
    done = Visited(source.code)
    window = window or whole_window(settings)
    _clear_scratch(settings, source)
    try:
        with prepared(settings, source, window, journal) as discovering:
            journal.keep_catalogue(fetcher.discover(discovering))
        with prepared(settings, source, window, journal) as asking:
            _ask_for_all(Landing(settings.landing), source, fetcher, asking, journal, done)
    except SourceError as error:
        _note_failure(done, "what it has", error)
    journal.end(done.new, tuple(done.failures), done.left, done.not_before)
    log.info(
        "%s: %d tasks asked for, %d artifacts new, %d failed, %d left",
        source.code, done.asked, done.new, len(done.failures), done.left,
    )  # fmt: skip
    return done


def ask_again(settings: Settings, source: Source, refused: Iterable[str]) -> None:
    """Make the tasks due again whose partitions landed and could not be loaded."""
    for partition in refused:
        journal_of(settings, source.code).refuse(partition)


def newest_release(settings: Settings, source: Source) -> str:
    """What the publisher's feed of releases says is the newest, by one call.

    Raises:
        SourceError: the feed did not answer.
    """
    announced = fetchers()[source.code].newest_release
    if announced is None:
        msg = f"{source.code} has no feed of releases"
        raise LookupError(msg)
    with prepared(settings, source, whole_window(settings), journal_of(settings, source.code)) as visit:
        return announced(visit)


def live_table(settings: Settings, source: Source) -> Mapping[str, Any]:
    """The publisher's `[live]` table, with what the user's settings say of it."""
    live = dict(source.about["live"])
    if settings.comtrade_premium and "bulk" in live:
        live["bulk"] = True
    return live


@contextmanager
def prepared(settings: Settings, source: Source, window: Window, journal: Journal) -> Iterator[Visit]:
    """A visit with all that is known and its client, before any call; scratch files go when it ends."""
    live = live_table(settings, source)
    key = getattr(settings, str(live.get("key_setting", "")), None)
    manners = Manners(
        base_url=settings.urls.get(source.code, live["base_url"]),
        hosts=frozenset(live.get("hosts", ())),
        pause_s=live["pause_s"],
        pace=settings.pace,
        max_bytes=live["max_bytes"],
        timeout_s=settings.timeout_s,
        deadline_s=max(settings.deadline_s, live.get("deadline_s", 0)),
        key_header=live.get("key_header", ""),
        key=key.get_secret_value() if isinstance(key, SecretStr) else "",
    )
    settings.scratch.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{source.code}-", dir=settings.scratch))

    def on_call() -> None:
        _keep_to_quota(source, live, journal)
        journal.call()

    landed = Landing(settings.landing).landed(source.code)
    try:
        with Client(source.code, manners, folder, on_call=on_call) as http:
            yield Visit(
                source_code=source.code,
                about={**source.about, "live": live},
                http=http,
                folder=folder,
                today=datetime.now(UTC).date(),
                window=window,
                catalogue=journal.catalogue()[0],
                looks=journal.looks(),
                held={item.artifact.partition: item.artifact.release for item in landed},
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear_scratch(settings: Settings, source: Source) -> None:
    """Remove what killed visits left. Visits are made under the writer's lock, so no other one is under way."""
    day_ago = datetime.now(UTC).timestamp() - 86_400
    for folder in settings.scratch.glob(f"{source.code}-*"):
        if folder.stat().st_mtime < day_ago:
            shutil.rmtree(folder, ignore_errors=True)


def _keep_to_quota(source: Source, live: Mapping[str, Any], journal: Journal) -> None:
    daily = live.get("daily_calls")
    now = datetime.now(UTC)
    if daily is not None and journal.calls_on(now) >= daily:
        tomorrow = datetime.combine(now.date() + timedelta(days=1), time(0, 10), UTC)
        raise TryLaterError(
            source.code,
            f"has been called {daily} times today, its quota.",
            f"the rest is asked for after {tomorrow:%Y-%m-%d %H:%M} UTC.",
            tomorrow,
        )


def _ask_for_all(
    landing: Landing, source: Source, fetcher: Fetcher, asking: Visit, journal: Journal, done: Visited
) -> None:
    tasks = fetcher.plan(asking)
    rows: dict[str, _Row] = {}
    told = monotonic()
    for index, task in enumerate(tasks):
        row = rows.setdefault(task.service, _Row())
        if row.is_given_up:
            done.left += 1
            continue
        if monotonic() - told > _TELL_EVERY_S:
            told = monotonic()
            log.info("%s: %d of %d tasks, %d artifacts new", source.code, index, len(tasks), done.new)
        try:
            answer = fetcher.fetch(asking, task)
            new = _land(landing, source, answer.artifacts, asking.today)
        except TryLaterError as error:
            done.left += len(tasks) - index
            done.not_before = error.not_before
            log.warning("%s: %d tasks left for later: %s", source.code, done.left, error)
            return
        except SourceError as error:
            _note_failure(done, task.key, error)
            row.failed(error)
            if row.is_given_up:
                left = sum(later.service == task.service for later in tasks[index + 1 :])
                name = f"{source.code} {task.service}".rstrip()
                log.warning("%s: %s; %d tasks left for the next run", name, row.how, left)
            continue
        row.tasks = 0
        done.asked += 1
        done.new += new
        partitions = [artifact.partition for artifact in answer.artifacts]
        journal.look(task.key, answer.marks, answer.note or f"{new} new", partitions)


@dataclass(slots=True)
class _Row:
    """Tasks of one service that failed in a row, all alike."""

    how: str = ""
    tasks: int = 0

    @property
    def is_given_up(self) -> bool:
        """Whether the rest would fare no better."""
        return self.tasks >= _FAILURES_IN_A_ROW

    def failed(self, error: SourceError) -> None:
        """Count one more; an error that is its task's own ends the row."""
        how = {PassingError: "out of reach", ChangedError: "its layout changed"}
        before, self.how = self.how, next((words for kind, words in how.items() if isinstance(error, kind)), "")
        self.tasks = (self.tasks if self.how == before else 0) + 1 if self.how else 0


def _note_failure(done: Visited, what: str, error: SourceError) -> None:
    if isinstance(error, TryLaterError):
        done.not_before = error.not_before
    done.failures.append(f"{what}: {error}")
    log.error("%s: %s was not fetched: %s", done.source_code, what, error)


def _land(landing: Landing, source: Source, came: tuple[Artifact, ...], today: date) -> int:
    """Land what says something else than the newest bytes of its partition; return how many that are."""
    if not came:
        return 0
    newest = landing.newest(source.code, {artifact.partition for artifact in came})
    news = []
    for artifact in came:
        before = newest.get(artifact.partition)
        if before is not None and _says_the_same(source, artifact, before):
            continue
        if before is not None and artifact.known_from < before.known_from:
            # what replaces a statement was not known before it, whatever day the publisher puts on it
            artifact = replace(artifact, known_from=today, known_basis="assumed")  # noqa: PLW2901
        news.append(artifact)
    return landing.land(news, came_by="visit")


def _says_the_same(source: Source, artifact: Artifact, before: Artifact) -> bool:
    """Whether two bodies of a partition have the same rows; bytes that cannot be read are compared as bytes."""
    if artifact.sha256 == before.sha256 and artifact.layout == before.layout:
        return True
    try:
        tables = [source.parse(one) for one in (artifact, before)]
    except SourceError:
        return False
    now, then = ({table.spec.name: table.content_sha256() for table in parsed} for parsed in tables)
    return now == then
