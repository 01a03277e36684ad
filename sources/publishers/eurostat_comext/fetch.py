"""Fetch Comext's monthly files of all goods, and keep the followed codes of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sources.http.errors import RETRIED_NEXT_RUN, FetchError, MissingError, RetryableError, SchemaChangedError
from sources.http.fetcher import FetchContext, FetchResult, Task, TaskState
from sources.http.response import Body
from sources.model.artifact import LayoutError, SourceError
from sources.publishers.eurostat_comext.extract import CODES, Kept, write_extract
from sources.publishers.eurostat_comext.partition import Partition
from sources.reading.archives import DamagedArchiveError


def discover(_context: FetchContext) -> dict[str, Any]:
    """Nothing: the directory of files is said to leave monthly files out, so each is requested by its name."""
    return {}


def plan(context: FetchContext) -> list[Task]:
    """A task a month that is due, newest first: a file that was never fetched, or was a while ago."""
    tasks = []
    for partition in _months(context):
        first, last = _days_of(partition)
        previous = context.states.get(str(partition))
        why = _why_due(context, first, previous)
        if why and context.window.touches(first, last):
            params = {"partition": partition}
            tasks.append(Task(str(partition), first, last, calls=2, records=None, why=why, params=params))
    return tasks


def _months(context: FetchContext) -> Iterator[Partition]:
    first = date.fromisoformat(f"{context.about['live']['first_month']}-01")
    day = context.today.replace(day=1) - timedelta(days=1)
    while day >= first:
        yield Partition(day.year, day.month)
        day = day.replace(day=1) - timedelta(days=1)


def _days_of(partition: Partition) -> tuple[date, date]:
    first = date(partition.year, partition.month, 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _why_due(context: FetchContext, month: date, previous: TaskState | None) -> str:
    """Why a month is due, or "" where it is not."""
    live = context.about["live"]
    if previous is None:
        return "never fetched"
    if not previous.cursor.get("sha256"):
        return "was not out yet"
    if previous.cursor["codes"] != " ".join(CODES):
        return "was fetched for other codes than are followed now"
    age = (context.today - previous.fetched_at.date()).days
    is_recent = (context.today.year - month.year) * 12 + context.today.month - month.month <= live["recent_months"]
    is_due = age >= (live["recheck_days"] if is_recent else live["older_days"])
    return f"last fetched {age} days ago" if is_due else ""


@dataclass
class _Download:
    """One month's file: where its extract goes, and the cursor of the file that has landed."""

    context: FetchContext
    partition: Partition
    cursor: Mapping[str, str]
    kept: Kept | None = None

    @property
    def name(self) -> str:
        return f"full_v2_{self.partition.period}.7z"

    @property
    def extract(self) -> Path:
        return self.context.folder / f"full_v2_{self.partition.period}.csv"

    def is_unchanged(self, body: Body) -> bool:
        """Whether the file is the one whose extract has landed, for the same codes."""
        is_same = body.is_unchanged or body.sha256 == self.cursor.get("sha256")
        return is_same and self.cursor.get("codes") == " ".join(CODES)

    def keep(self, body: Body) -> None:
        """Extract the file and delete it. A damaged one is downloaded again.

        Raises:
            RetryableError: not a whole 7z.
            SchemaChangedError: other columns.
            FetchError: anything else that is no file of this month.
        """
        if body.path is None:
            return
        live = self.context.about["live"]
        limits = {"max_bytes": live["max_member_bytes"], "max_ratio": live["max_ratio"]}
        try:
            if not self.is_unchanged(body):
                self.kept = write_extract(self.name, body.path, self.extract, self.context.folder, **limits)
        except DamagedArchiveError as error:
            raise RetryableError(body.url, f"is damaged: {error}", RETRIED_NEXT_RUN) from error
        except LayoutError as error:
            raise SchemaChangedError(body.url, f"changed its layout: {error}", RETRIED_NEXT_RUN) from error
        except SourceError as error:
            raise FetchError(body.url, f"is not what was expected: {error}", RETRIED_NEXT_RUN) from error
        finally:
            body.path.unlink()
        if self.kept and self.kept.periods != (self.partition.period,):
            raise FetchError(
                body.url,
                f"holds the periods {list(self.kept.periods[:5])}, not {self.partition.period} alone.",
                "look at the file by hand.",
            )


def fetch(context: FetchContext, task: Task) -> FetchResult:
    """One month's followed codes as a statement known from today; nothing where the file is unchanged or not out yet.

    Raises:
        MissingError: the file of a month that has landed is gone.
        FetchError: no attempt received the complete file.
    """
    live, partition = context.about["live"], task.params["partition"]
    previous = context.states.get(task.key)
    download = _Download(context, partition, previous.cursor if previous else {})
    validators = download.cursor if download.cursor.get("codes") == " ".join(CODES) else {}
    address = {"file": f"{live['folder']}/{download.name}"}
    try:
        body = context.http.get(live["files"], params=address, expect="7z", validators=validators, check=download.keep)
    except MissingError:
        if str(partition) in context.landed:
            raise
        return FetchResult((), {}, "not out yet")
    validated = {"etag": body.etag, "last_modified": body.last_modified}
    if download.kept is None:
        return FetchResult((), {**download.cursor, **({} if body.is_unchanged else validated)}, "unchanged")
    artifact = context.artifact(
        download.extract,
        name=download.extract.name,
        layout="comext_full_v2",
        partition=str(partition),
        year=partition.year,
        release=f"as fetched {context.today}",
        known_from=context.today,
        known_basis="assumed",
        url=body.url,
        transcription="extract",
        original_sha256=body.sha256,
    )
    kept = download.kept
    note = f"{kept.kept:,} of {kept.records:,} records of {download.name}, {body.size:,} bytes, sha256 {body.sha256}"
    return FetchResult((artifact,), {**validated, "sha256": body.sha256, "codes": " ".join(CODES)}, note)
