"""The context of a fetch run: the client by the settings, and what earlier runs recorded."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sources.http.client import Client
from sources.http.config import ClientConfig
from sources.http.errors import RETRIED_NEXT_RUN, RateLimitedError
from sources.http.fetcher import FetchContext, Window
from sources.model.source import Source
from sources.registry import receivers
from warehouse import clock
from warehouse.ingest.visit import Visit
from warehouse.publisher_settings import key_header_of, key_of, key_parameter_of, key_variable_of, settings_of
from warehouse.settings import Settings
from warehouse.storage.journal import Journal
from warehouse.storage.landing import Landing

log = logging.getLogger("ree.fetch")

_SCRATCH_KEPT = timedelta(days=1)
_LONGEST_VISIT = timedelta(hours=4)
"""After so long a visit sends no further request. With the longest deadline of one response (`deadline_s`, 3 hours for
a whole archive) it ends well before Dagster ends the run (`max_runtime_seconds` in `orchestration/dagster.yaml`)."""


def journal_of(settings: Settings, source_code: str) -> Journal:
    """The journal of one publisher."""
    return Journal(settings.journal_file, source_code)


def daily_quota(source: Source) -> int | None:
    """Requests that the publisher allows a day; None where it sets no quota."""
    quota: int | None = source.about["live"].get("daily_calls")
    return quota


def calls_left(settings: Settings, source: Source) -> int | None:
    """Requests that are left of the publisher's quota today; None where it sets no quota."""
    quota = daily_quota(source)
    return None if quota is None else max(0, quota - journal_of(settings, source.code).requests_on(datetime.now(UTC)))


def pause_of(settings: Settings, source: Source) -> float:
    """Seconds between two requests to the publisher; 0 where it is on this machine."""
    config = _client_config(settings, source, settings.publishers.get(source.code, {}))
    return 0.0 if config.is_on_loopback else config.pause_s * config.pace


@contextmanager
def fetch_context(
    settings: Settings,
    source: Source,
    window: Window,
    journal: Journal,
    landing: Landing,
    scratch: Path,
    visit: Visit | None = None,
) -> Iterator[FetchContext]:
    """The context of a run, before any request. Its connections and its files in `scratch` end with the block.

    `visit` counts the requests, and stops them once the build has ended.
    """
    watched = visit or Visit(source.code)
    scratch.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{source.code}-", dir=scratch))
    given = settings.publishers.get(source.code, {})

    def on_request() -> None:
        watched.require_running()
        _require_time(source, watched)
        _require_quota(source, journal)
        journal.count_request()
        watched.count_call()

    config = _client_config(settings, source, given)
    try:
        with Client(source.code, config, folder, on_request=on_request, sleep=watched.sleep) as http:
            yield FetchContext(
                source_code=source.code,
                about=source.about,
                http=http,
                folder=folder,
                today=clock.today(),
                window=window,
                catalogue=journal.catalogue()[0],
                states=journal.task_states(),
                landed={item.artifact.partition: item.artifact.release for item in landing.landed(source.code)},
                last_complete_run=journal.last_complete_run(),
                settings=settings_of(source.code, given),
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_scratch(settings: Settings, source: Source) -> None:
    """Remove what killed runs of a publisher left.

    Called before a run makes its own folder. Runs hold the writer's lock, so no other one is under way.
    """
    before = (datetime.now(UTC) - _SCRATCH_KEPT).timestamp()
    for folder in settings.scratch.glob(f"{source.code}-*"):
        if folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)


def _client_config(settings: Settings, source: Source, given: Mapping[str, Any]) -> ClientConfig:
    live = source.about["live"]
    ignores_robots = source.code in settings.ignored_robots
    if ignores_robots:
        log.warning("%s: robots.txt is not read, by REE_IGNORE_ROBOTS", source.code)
    return ClientConfig(
        base_url=settings.urls.get(source.code, live["base_url"]),
        hosts=frozenset(live.get("hosts", ())),
        host_patterns=tuple(live.get("host_patterns", ())),
        pause_s=live["pause_s"],
        pace=settings.pace,
        max_bytes=live["max_bytes"],
        timeout_s=settings.timeout_s,
        deadline_s=max(settings.deadline_s, live.get("deadline_s", 0)),
        key_header=key_header_of(source.code),
        key_parameter=key_parameter_of(source.code),
        key=key_of(source.code, given),
        key_setting=key_variable_of(source.code),
        quota_words=live.get("quota_words", ""),
        busy_statuses=frozenset(live.get("busy_statuses", ())),
        inbox=f"inbox/{source.code}/" if source.code in receivers() else "",
        contact=settings.contact,
        robots_folder=None if ignores_robots else settings.landing / "robots",
    )


def _require_time(source: Source, visit: Visit) -> None:
    if visit.seconds_taken > _LONGEST_VISIT.total_seconds():
        raise RateLimitedError(
            source.code,
            f"has been visited for {visit.seconds_taken / 3600:.1f} hours, the most that one build waits for it.",
            RETRIED_NEXT_RUN,
        )


def _require_quota(source: Source, journal: Journal) -> None:
    quota = daily_quota(source)
    now = datetime.now(UTC)
    if quota is not None and journal.requests_on(now) >= quota:
        tomorrow = datetime.combine(now.date() + timedelta(days=1), time(0, 10), UTC)
        raise RateLimitedError(
            source.code,
            f"has been called {quota} times today, its quota.",
            f"the rest is requested after {tomorrow:%Y-%m-%d %H:%M} UTC.",
            tomorrow,
        )
