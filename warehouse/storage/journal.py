"""The journal of fetch runs: requests, finished tasks with their cursors, and how each run ended.

It outlives a run that is killed: the next one resumes, keeps to the daily quota, and fetches only what is due.

One SQLite file for all publishers. Each method is one transaction with a connection of its own, so that a killed
process loses at most the transaction it was in, and several processes and threads may use the file. The journal mode is
SQLite's rollback journal, which keeps the file readable for users without write permission.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sources.http.fetcher import TaskState

RUN_FINISHED, TASK_FINISHED, PARTITION_REFUSED = "run_finished", "task_finished", "partition_refused"
_BUSY_TIMEOUT_S = 60.0
REMEDY = (
    "if the file is damaged, restore it from the backup of landing/, or move it away: the next fetch run then starts"
    " without a journal, requests everything that is due again, and counts today's requests from 0."
)
_SCHEMA = """
create table if not exists events (
    id integer primary key, source_code text not null, at text not null, event text not null, details text not null
);
create index if not exists events_by_kind on events (source_code, event, id);
create table if not exists tasks (
    source_code text, task text, fetched_at text not null, cursor text not null, primary key (source_code, task)
) without rowid;
create table if not exists partitions (
    source_code text, partition text, task text not null, primary key (source_code, partition)
) without rowid;
create table if not exists requests (
    source_code text, day text, requests integer not null, primary key (source_code, day)
) without rowid;
create table if not exists catalogues (
    source_code text primary key, found_at text not null, catalogue text not null
) without rowid;
"""


class JournalError(Exception):
    """The journal cannot be read or written."""


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """How a fetch run ended. `deferred` counts the tasks left for a later run, which may start at `not_before`."""

    at: datetime
    new_artifacts: int
    failures: tuple[str, ...]
    deferred: int
    not_before: datetime | None

    @property
    def is_complete(self) -> bool:
        """Whether every task that was due has been fetched."""
        return not self.failures and not self.deferred


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one publisher, in the file of all."""

    file: Path
    source_code: str

    def count_request(self) -> None:
        """Count a request that is about to be sent, on today's day in UTC."""
        with self._writing() as db:
            db.execute(
                "insert into requests values (?, ?, 1) on conflict do update set requests = requests + 1",
                (self.source_code, f"{_now():%Y-%m-%d}"),
            )

    def finish_task(self, task: str, cursor: Mapping[str, str], note: str, partitions: Iterable[str] = ()) -> None:
        """Record that a task was fetched, its cursor, and the partitions that landed from it."""
        landed = list(partitions)
        with self._writing() as db:
            db.execute(
                "insert or replace into tasks values (?, ?, ?, ?)",
                (self.source_code, task, _now().isoformat(), json.dumps(dict(cursor))),
            )
            db.executemany(
                "insert or replace into partitions values (?, ?, ?)",
                [(self.source_code, partition, task) for partition in landed],
            )
            self._add_event(db, TASK_FINISHED, task=task, note=note, partitions=landed)

    def refuse_partition(self, partition: str) -> None:
        """Record that what landed for a partition could not be loaded: the task that fetched it is due again."""
        with self._writing() as db:
            db.execute(
                "delete from tasks where source_code = ?1"
                " and task = (select task from partitions where source_code = ?1 and partition = ?2)",
                (self.source_code, partition),
            )
            self._add_event(db, PARTITION_REFUSED, partition=partition)

    def finish_run(
        self, new_artifacts: int, failures: Iterable[str], deferred: int, not_before: datetime | None
    ) -> None:
        """Record how a run ended."""
        with self._writing() as db:
            self._add_event(
                db,
                RUN_FINISHED,
                new_artifacts=new_artifacts,
                failures=list(failures),
                deferred=deferred,
                not_before=not_before.isoformat() if not_before else None,
            )

    def save_catalogue(self, catalogue: Mapping[str, Any]) -> None:
        """Store the result of the last discovery."""
        with self._writing() as db:
            db.execute(
                "insert or replace into catalogues values (?, ?, ?)",
                (self.source_code, _now().isoformat(), json.dumps(catalogue)),
            )

    def catalogue(self) -> tuple[dict[str, Any], datetime | None]:
        """The result of the last discovery, and when it was made; ({}, None) before the first."""
        rows = self._read("select catalogue, found_at from catalogues where source_code = ?", self.source_code)
        return (json.loads(rows[0][0]), datetime.fromisoformat(rows[0][1])) if rows else ({}, None)

    def task_states(self) -> dict[str, TaskState]:
        """The last fetch of each task whose partitions could be loaded."""
        rows = self._read("select task, fetched_at, cursor from tasks where source_code = ?", self.source_code)
        return {task: TaskState(datetime.fromisoformat(at), json.loads(cursor)) for task, at, cursor in rows}

    def partitions(self) -> set[str]:
        """The partitions that were fetched, also where the bytes had landed before."""
        rows = self._read("select partition from partitions where source_code = ?", self.source_code)
        return {partition for (partition,) in rows}

    def requests_on(self, day: date) -> int:
        """Requests of one day, by UTC."""
        rows = self._read(
            "select requests from requests where source_code = ? and day = ?", self.source_code, f"{day:%Y-%m-%d}"
        )
        return int(rows[0][0]) if rows else 0

    def finished_runs(self) -> list[FinishedRun]:
        """How every run ended, the last one last."""
        rows = self._read(
            "select at, details from events where source_code = ? and event = ? order by id",
            self.source_code,
            RUN_FINISHED,
        )
        return [_finished_run(at, json.loads(details)) for at, details in rows]

    def last_run(self) -> FinishedRun | None:
        """How the last run ended; None before the first."""
        return next(reversed(self.finished_runs()), None)

    def last_complete_run(self) -> datetime | None:
        """When a run last ended with every task fetched."""
        return next((run.at for run in reversed(self.finished_runs()) if run.is_complete), None)

    def _add_event(self, db: sqlite3.Connection, event: str, **details: Any) -> None:
        db.execute(
            "insert into events (source_code, at, event, details) values (?, ?, ?, ?)",
            (self.source_code, _now().isoformat(), event, json.dumps(details, ensure_ascii=False)),
        )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, on disk when the block ends; rolled back where the block raises."""
        with self._explained(), self._transaction() as db:
            yield db

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise SQLite's errors with the file and the remedy."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise  # a mistake of the caller, not of the file
        except sqlite3.DatabaseError as error:
            msg = f"{self.file}: {error}. Remedy: {REMEDY}"
            raise JournalError(msg) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.file, timeout=_BUSY_TIMEOUT_S, isolation_level=None)) as db:
            db.execute("pragma synchronous = full")
            if not db.execute("pragma user_version").fetchone()[0]:
                db.executescript(f"begin immediate; {_SCHEMA} pragma user_version = 1; commit;")
            db.execute("begin immediate")
            try:
                yield db
            except BaseException:
                db.execute("rollback")
                raise
            db.execute("commit")

    def _read(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """Read without opening the file for writing, unless a killed writer left a transaction to roll back."""
        if not self.file.exists():
            return []
        with self._explained():
            try:
                return self._rows(f"{self.file.as_uri()}?mode=ro", query, values)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY:
                    raise
                return self._rows(f"{self.file.as_uri()}?mode=rw", query, values)

    @staticmethod
    def _rows(address: str, query: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(address, timeout=_BUSY_TIMEOUT_S, uri=True)) as db:
            if not db.execute("pragma user_version").fetchone()[0]:
                return []  # another process is creating it
            return db.execute(query, values).fetchall()


def _finished_run(at: str, details: Mapping[str, Any]) -> FinishedRun:
    not_before = details["not_before"]
    return FinishedRun(
        at=datetime.fromisoformat(at),
        new_artifacts=details["new_artifacts"],
        failures=tuple(details["failures"]),
        deferred=details["deferred"],
        not_before=datetime.fromisoformat(not_before) if not_before else None,
    )


def _now() -> datetime:
    return datetime.now(UTC)
