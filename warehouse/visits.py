"""Visiting a publisher: what is due is asked for, task by task, and lands at once; failures stay small.

Belongs here: the order of a visit, quotas, what counts as news, and how a visit ends. Does not belong here: what a
publisher is asked (its `fetch.py`), how (`sources/http.py`), or where bytes are kept (`landing.py`).
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

from sources.contract import Artifact, Source, SourceError
from sources.fetching import Fetcher, Task, Visit, Window
from sources.http import Client, Manners, PassingError, TryLaterError
from sources.registry import fetchers, sources
from warehouse.journal import Journal
from warehouse.landing import Landed, Landing
from warehouse.settings import Settings
from warehouse.windows import whole_window

log = logging.getLogger("ree.visits")

_FAILURES_IN_A_ROW = 3
"""After so many tasks in a row without a whole answer a publisher is out of reach: the rest waits for the next run."""
_TELL_EVERY_S = 20
_FIRST_REST, _LONGEST_REST = timedelta(hours=6), timedelta(days=8)
"""How long a publisher is left alone after a visit that failed in part."""


@dataclass(slots=True)
class Visited:
    """What one visit came to. `left` counts tasks that were due and not asked for, `not_before` when to come back."""

    source_code: str
    new: int = 0
    asked: int = 0
    left: int = 0
    failures: list[str] = field(default_factory=list)
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a visit would ask for, made without a call. `calls_left` is None where the publisher sets no quota."""

    source_code: str
    tasks: tuple[Task, ...]
    as_of: datetime | None
    calls_left: int | None
    not_before: datetime | None

    @property
    def calls(self) -> int:
        """Calls that the tasks are expected to take."""
        return sum(task.calls for task in self.tasks)

    @property
    def records(self) -> int | None:
        """Records that are expected to come, as far as any are."""
        known = [task.records for task in self.tasks if task.records is not None]
        return sum(known) if known else None


def journal_of(settings: Settings, source_code: str) -> Journal:
    """The journal of one publisher."""
    return Journal(settings.landing / "visits", source_code)


def plan(settings: Settings, source: Source, window: Window | None = None) -> Plan:
    """Say what a visit would ask for, from what is known, without any call."""
    journal = journal_of(settings, source.code)
    with _visit(settings, source, window or whole_window(settings), journal) as visit:
        tasks = tuple(fetchers()[source.code].plan(visit))
    daily = _live(settings, source).get("daily_calls")
    ended = journal.ended()
    return Plan(
        source_code=source.code,
        tasks=tasks,
        as_of=journal.catalogue()[1],
        calls_left=None if daily is None else max(0, daily - journal.calls_on(datetime.now(UTC))),
        not_before=ended.not_before if ended and ended.not_before and ended.not_before > datetime.now(UTC) else None,
    )


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
        with _visit(settings, source, window, journal) as discovering:
            journal.keep_catalogue(fetcher.discover(discovering))
        with _visit(settings, source, window, journal) as asking:
            _ask_for_all(settings, source, fetcher, asking, journal, done)
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
    with _visit(settings, source, whole_window(settings), journal_of(settings, source.code)) as visit:
        return announced(visit)


def overdue(settings: Settings) -> list[tuple[str, str]]:
    """Publishers that were due to be visited in whole and were not, each with words for a person."""
    found = []
    for code in fetchers():
        source = sources()[code]
        within = timedelta(days=source.about["live"]["visit_within_days"])
        last = journal_of(settings, code).last_complete()
        if last is None:
            if journal_of(settings, code).ended():
                found.append((code, "no visit has ever come to its end"))
        elif datetime.now(UTC) - last > within:
            found.append((code, f"the last whole visit was on {last:%Y-%m-%d}, one is due within {within.days} days"))
    return found


def unfinished(settings: Settings) -> list[str]:
    """Publishers whose last visit left something undone that may be asked for now.

    After each visit in a row that ends so, it is left alone for twice as long: 6 hours at first, 8 days at most.
    """
    now = datetime.now(UTC)
    found = []
    for code in fetchers():
        ends = journal_of(settings, code).ends()
        in_a_row = next((n for n, end in enumerate(reversed(ends)) if end.is_complete), len(ends))
        if not in_a_row:
            continue
        last = ends[-1]
        rest = timedelta(0) if last.not_before else min(_FIRST_REST * 2 ** min(in_a_row - 1, 8), _LONGEST_REST)
        if now >= (last.not_before or last.at + rest):
            found.append(code)
    return found


def _live(settings: Settings, source: Source) -> Mapping[str, Any]:
    """The publisher's `[live]` table, with what the user's settings say of it."""
    live = dict(source.about["live"])
    if settings.comtrade_premium and "bulk" in live:
        live["bulk"] = True
    return live


@contextmanager
def _visit(settings: Settings, source: Source, window: Window, journal: Journal) -> Iterator[Visit]:
    live = _live(settings, source)
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
    settings: Settings, source: Source, fetcher: Fetcher, asking: Visit, journal: Journal, done: Visited
) -> None:
    tasks = fetcher.plan(asking)
    in_a_row = 0
    told = monotonic()
    for index, task in enumerate(tasks):
        if monotonic() - told > _TELL_EVERY_S:
            told = monotonic()
            log.info("%s: %d of %d tasks, %d artifacts new", source.code, index, len(tasks), done.new)
        try:
            answer = fetcher.fetch(asking, task)
            new = _land(settings, source, answer.artifacts, asking.today)
        except TryLaterError as error:
            done.left = len(tasks) - index
            done.not_before = error.not_before
            log.warning("%s: %d tasks left for later: %s", source.code, done.left, error)
            return
        except SourceError as error:
            _note_failure(done, task.key, error)
            in_a_row = in_a_row + 1 if isinstance(error, PassingError) else 0
            if in_a_row == _FAILURES_IN_A_ROW:
                done.left = len(tasks) - index - 1
                log.warning("%s: out of reach; %d tasks left for the next run", source.code, done.left)
                return
            continue
        in_a_row = 0
        done.asked += 1
        done.new += new
        partitions = [artifact.partition for artifact in answer.artifacts]
        journal.look(task.key, answer.marks, answer.note or f"{new} new", partitions)


def _note_failure(done: Visited, what: str, error: SourceError) -> None:
    if isinstance(error, TryLaterError):
        done.not_before = error.not_before
    done.failures.append(f"{what}: {error}")
    log.error("%s: %s was not fetched: %s", done.source_code, what, error)


def _land(settings: Settings, source: Source, came: tuple[Artifact, ...], today: date) -> int:
    """Land what says something else than the newest bytes of its partition; return how many that are."""
    if not came:
        return 0
    landing = Landing(settings.landing)
    newest: dict[str, Landed] = {}
    for item in sorted(landing.landed(source.code), key=lambda item: item.sequence):
        newest[item.artifact.partition] = item
    news = []
    for artifact in came:
        before = newest.get(artifact.partition)
        if before is not None and _says_the_same(source, artifact, before.artifact):
            continue
        if before is not None and artifact.known_from < before.artifact.known_from:
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
