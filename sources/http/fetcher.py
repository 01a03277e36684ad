"""What a fetcher is: how a publisher that a program can reach is discovered, planned for and asked.

Belongs here: the shapes that a publisher's `fetch.py` and the warehouse share. Does not belong here: HTTP (`http.py`),
what any publisher offers, or where the warehouse keeps what came.

A `fetch.py` has three functions:

    discover(visit) -> dict          ask for lists only (editions, release dates); JSON, kept until the next visit
    plan(visit) -> list[Task]        from what is known, without any call: what is due, at what cost, and why
    fetch(visit, task) -> Answer     ask for one task; called once a task, in the order of the plan
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sources.http.client import Client
from sources.model.artifact import Artifact


@dataclass(frozen=True, slots=True)
class Window:
    """The span of figures a run is about, first and last day; what speaks of a day in it is asked for."""

    first: date
    last: date

    def touches(self, first: date, last: date) -> bool:
        """Whether a period has a day in the window."""
        return first <= self.last and last >= self.first


@dataclass(frozen=True, slots=True)
class Task:
    """The smallest thing that is asked for, landed and repeated by itself.

    `key` names it for good, within its publisher. `first` and `last` are the days its figures speak of. `calls` and
    `records` are what it is expected to cost; `why` says why it is due. `ask` is for the publisher's own `fetch`.
    `service` names the part of the publisher that answers, where its parts may fail each by itself.
    """

    key: str
    first: date
    last: date
    calls: int
    records: int | None
    why: str
    ask: Mapping[str, Any] = field(default_factory=dict)
    service: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """The last look at a task that ended well: when, and what the publisher's answer was marked with.

    `marks` is whatever tells the fetcher next time that nothing changed: etag, last_modified, a release date.
    """

    at: datetime
    marks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a task: artifacts to land (none where the publisher has nothing, or nothing new), and its marks.

    `note` says in a few words what came, for the journal.
    """

    artifacts: tuple[Artifact, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to a publisher.

    `about` is its `source.toml`. `catalogue` is what its last discovery found ({} before the first), `looks` the last
    good look at each task by its key, `held` the partitions that have landed with the release of their newest bytes.
    `folder` is for scratch files and is emptied after the visit.
    """

    source_code: str
    about: Mapping[str, Any]
    http: Client
    folder: Path
    today: date
    window: Window
    catalogue: Mapping[str, Any] = field(default_factory=dict)
    looks: Mapping[str, Look] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_key(self) -> bool:
        """Whether the user gave a key for this publisher."""
        return bool(self.http.manners.key)

    def artifact(self, path: Path, **said: Any) -> Artifact:
        """An artifact of bytes that came in this visit; `said` gives the fields that are not the same for all.

        Needed: name, layout, partition, year, release, known_from, known_basis, url. `edition` is None,
        `transcription` "original" and `original_sha256` None unless said.
        """
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        usual: dict[str, Any] = {"edition": None, "transcription": "original", "original_sha256": None}
        return Artifact(**(usual | {"source_code": self.source_code, "path": path, "sha256": digest} | said))


@dataclass(frozen=True, slots=True)
class Fetcher:
    """The three functions of a publisher's `fetch.py`, and a fourth where the publisher has a feed of releases.

    `newest_release` names the newest release by one cheap call, so that a sensor sees when there is something new.
    """

    discover: Callable[[Visit], dict[str, Any]]
    plan: Callable[[Visit], list[Task]]
    fetch: Callable[[Visit, Task], Answer]
    newest_release: Callable[[Visit], str] | None = None


Receiver = Callable[[Path, date], Artifact]
"""`receive` of a publisher's `receive.py`: says what one dropped file is, and the day it was dropped.

Raises `SourceError` with a remedy for whoever dropped it.
"""
