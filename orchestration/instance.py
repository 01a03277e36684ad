"""Dagster's instance: its home under `REE_HOME`, where its state is kept, and the clean-up of dead runs."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster._core.instance.ref import InstanceRef  # the public constructors read DAGSTER_HOME alone
from dagster._core.storage.event_log.sqlite import sqlite_event_log as sqlite_events  # not public
from filelock import FileLock, Timeout

from warehouse.settings import Settings
from warehouse.storage.home import require_space

POSTGRES_URL = "REE_POSTGRES_URL"
_UNDER_WAY = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


def instance_config(settings: Settings) -> str:
    """The text of `dagster.yaml`. A password of PostgreSQL is not in it: Dagster reads it from the environment."""
    text = (Path(__file__).parent / "dagster.yaml").read_text(encoding="utf-8")
    if settings.postgres_url:
        text += "\n" + yaml.safe_dump({"storage": {"postgres": {"postgres_url": {"env": POSTGRES_URL}}}})
    return text


def prepare_instance(settings: Settings) -> None:
    """Create Dagster's home under the warehouse's and write its `dagster.yaml`.

    Raises:
        HomeError: the home cannot be written, or has too little space for a build.
    """
    require_space(settings)
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    file = settings.dagster_home / "dagster.yaml"
    text = instance_config(settings)
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        partial = file.with_suffix(f".{os.getpid()}")  # a daemon may be reading it
        partial.write_text(text, encoding="utf-8")
        partial.replace(file)


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """Dagster's instance of these settings, for use in this process; call `prepare_instance` first."""
    storage: dict[str, Any] = {}
    if settings.postgres_url:
        url = _for_dagster(settings.postgres_url.get_secret_value())
        storage = {"storage": {"postgres": {"postgres_url": url}}}
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(settings.dagster_home), overrides=storage))


@contextmanager
def events_kept_open() -> Iterator[None]:
    """Keep the SQLite files that a run writes its events to open while it lasts; nothing to do with PostgreSQL.

    Dagster opens and closes them several times for each of some thousand events, and makes an engine of SQLAlchemy each
    time, which compiles every statement again. SQLite copies its write-ahead log into a file, and waits for the disk,
    when the last connection to it closes. With the log, it need not wait after each event either: power that fails may
    cost the last events, never the file.
    """
    engines: dict[str, Any] = {}
    module: Any = sqlite_events
    create = module.create_engine

    def kept(url: str, *, connect_args: dict[str, Any], **_: Any) -> Any:
        if url not in engines:
            engines[url] = create(url, connect_args={**connect_args, "factory": _WithoutWaiting})
            engines[url].dispose = lambda: None  # Dagster disposes of it after each event
        return engines[url]

    module.create_engine = kept
    try:
        yield
    finally:
        module.create_engine = create
        for engine in engines.values():
            type(engine).dispose(engine)


class _WithoutWaiting(sqlite3.Connection):
    """A connection that does not wait for the disk after each transaction."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.execute("pragma synchronous = normal")


def instance_environment(settings: Settings) -> dict[str, str]:
    """The variables by which a child process finds this instance and its PostgreSQL."""
    found = {"DAGSTER_HOME": str(settings.dagster_home)}
    if settings.postgres_url:
        found[POSTGRES_URL] = _for_dagster(settings.postgres_url.get_secret_value())
    return found


def _for_dagster(url: str) -> str:
    """The address with the driver that Dagster installs; SQLAlchemy 2.1 chooses another one by default."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg2{separator}{rest}" if scheme in ("postgresql", "postgres") else url


def end_lost_runs(settings: Settings) -> list[str]:
    """Mark runs as failed whose process no longer exists (a reboot, a kill), and return their ids.

    Call it only while nothing else serves this warehouse. A run that holds the writer lock is one of `ree build` and is
    left alone. Dagster cannot recognise dead runs, and one of them would keep all others waiting forever.
    """
    writing = _what_is_written(settings)
    if writing is None:
        return []
    with open_instance(settings) as instance:
        lost = [run for run in instance.get_runs(dg.RunsFilter(statuses=_UNDER_WAY)) if run.run_id not in writing]
        for run in lost:
            instance.report_run_failed(run, "Its process no longer exists: the machine or the server was stopped.")
    return [run.run_id for run in lost]


def _what_is_written(settings: Settings) -> str | None:
    """What the writer lock is held for; empty if it is free, None if its holder left no note."""
    try:
        with FileLock(settings.lock_file).acquire(timeout=0):
            return ""
    except Timeout:
        note = settings.lock_file.with_suffix(".holder.json")
        return note.read_text(encoding="utf-8") if note.exists() else None
