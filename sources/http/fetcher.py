"""The contract of a fetcher: how a publisher that a program can reach is discovered, planned and fetched.

A `fetch.py` has three functions:

    discover(context) -> dict            request lists only (editions, release dates); JSON, kept until the next run
    plan(context) -> list[Task]          from what is known, without a request: what is due, at what cost, and why
    fetch(context, task) -> FetchResult  fetch one task; called once per task, in the order of the plan
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sources.http.client import Client
from sources.model.artifact import Artifact, SourceError, artifact_of_file

Cursor = Mapping[str, str]
"""What a fetcher stores with a task to detect next time that nothing changed: etag, last_modified, a release date."""


@dataclass(frozen=True, slots=True)
class Window:
    """The period of figures that a run covers, first and last day."""

    first: date
    last: date

    def touches(self, first: date, last: date) -> bool:
        """Whether a period has a day in the window."""
        return first <= self.last and last >= self.first


@dataclass(frozen=True, slots=True)
class Task:
    """The smallest unit that is requested, landed and retried by itself.

    `key` is its permanent name within the publisher. `first` and `last` are the first and last day of its figures.
    `calls` (requests) and `records` are the expected cost; `why` says why it is due. `params` are for the publisher's
    `fetch`. `service` names the part of the publisher that serves it, where parts may fail independently.
    """

    key: str
    first: date
    last: date
    calls: int
    records: int | None
    why: str
    params: Mapping[str, Any] = field(default_factory=dict)
    service: str = ""


@dataclass(frozen=True, slots=True)
class TaskState:
    """The last successful fetch of a task: when, and the cursor it left."""

    fetched_at: datetime
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class FetchResult:
    """The result of a task: artifacts to land (none where the publisher has nothing new), and its new cursor.

    `note` says in a few words what was fetched, for the journal. `missing` is the error that kept a part of the task
    from being fetched: the rest lands, its cursor is kept, and the task has failed.
    """

    artifacts: tuple[Artifact, ...] = ()
    cursor: Cursor = field(default_factory=dict)
    note: str = ""
    missing: SourceError | None = None


@dataclass(frozen=True, slots=True)
class FetchContext:
    """One fetch run of a publisher.

    `about` is its `source.toml`, `settings` the user's settings that it declares. `catalogue` is the result of its last
    discovery ({} before the first), `states` the last successful fetch of each task by its key, `landed` the landed
    partitions with the release of their newest bytes. `last_complete_run` is when a run last fetched all that was due:
    tasks fetched since then belong to a visit that this run resumes. `folder` is for scratch files and is emptied after
    the run. `is_key_assumed` is set where a plan shows what a key would save.
    """

    source_code: str
    about: Mapping[str, Any]
    http: Client
    folder: Path
    today: date
    window: Window
    catalogue: Mapping[str, Any] = field(default_factory=dict)
    states: Mapping[str, TaskState] = field(default_factory=dict)
    landed: Mapping[str, str] = field(default_factory=dict)
    last_complete_run: datetime | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    is_key_assumed: bool = False

    @property
    def has_key(self) -> bool:
        """Whether the user gave a key for this publisher, or a plan is made as if there were one."""
        return self.is_key_assumed or bool(self.http.config.key)

    def artifact(self, path: Path, **fields: Any) -> Artifact:
        """An artifact of bytes fetched in this run; `fields` are those of `Artifact` that differ between artifacts.

        Required: name, layout, partition, year, release, known_from, known_basis, url. Defaults: `edition` None,
        `transcription` "original", `original_sha256` None.
        """
        return artifact_of_file(path, **({"source_code": self.source_code} | fields))


@dataclass(frozen=True, slots=True)
class Fetcher:
    """The three functions of a publisher's `fetch.py`, and a fourth where the publisher has a feed of releases.

    `newest_release` names the newest release by one cheap request, for a sensor.
    """

    discover: Callable[[FetchContext], dict[str, Any]]
    plan: Callable[[FetchContext], list[Task]]
    fetch: Callable[[FetchContext, Task], FetchResult]
    newest_release: Callable[[FetchContext], str] | None = None


Receiver = Callable[[Path, date, Path], tuple[Artifact, ...]]
"""`receive(path, received_on, folder)` of a publisher's `receive.py`: the statements that one dropped file holds.

`received_on` is the day it was dropped, `folder` an empty one for what is unpacked or extracted. There is at least one
artifact, and no two are of the same partition; each is what a fetch run would have landed. Raises `SourceError` with a
remedy for the person who dropped it.
"""
