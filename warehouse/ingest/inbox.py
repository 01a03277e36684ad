"""The inbox: files that only a person can download, dropped into a folder, landed, and moved to done or failed.

A file lands before it is moved, and lands only once: a run that is killed in between loses nothing, and the next one
moves the file.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from sources.model.artifact import Artifact, SourceError
from sources.model.source import Source
from sources.reading.vocabulary import use_own_labels
from sources.registry import receivers
from warehouse import clock
from warehouse.ingest.days import last_measured_day, require_ended, require_possible_days
from warehouse.ingest.fetch_context import clear_scratch
from warehouse.ingest.inbox_folder import (
    DONE,
    FAILED,
    README,
    changed,
    dropped_files,
    is_settled,
    note,
    put_away,
    shown,
)
from warehouse.ingest.inbox_landing import Statement, land
from warehouse.ingest.own_labels import read_own_labels
from warehouse.ingest.unforeseen import OF_THIS_MACHINE, UNFORESEEN, refusal_of
from warehouse.settings import Settings

log = logging.getLogger("ree.inbox")


@dataclass(slots=True)
class Received:
    """The result of reading an inbox.

    `landed` are new statements, `unchanged` names of files without anything new; both kinds are in done now. `failed`
    has one line for each refused file. `waiting` are names of files that are still being copied in.
    """

    source_code: str
    landed: list[Artifact] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def folder_of(settings: Settings, source: Source) -> Path:
    """Where files of a publisher are dropped."""
    return settings.inbox / source.code


def prepare(settings: Settings, source: Source) -> Path:
    """Make a publisher's folder, with a README that says what to drop; return it."""
    folder = folder_of(settings, source)
    for needed in (folder, folder / DONE, folder / FAILED):
        needed.mkdir(parents=True, exist_ok=True)
    text = str(source.about["inbox"]["readme"]).lstrip()
    readme = folder / README
    if not readme.exists() or readme.read_text(encoding="utf-8", errors="replace") != text:
        readme.write_text(text, encoding="utf-8")
    return folder


def is_waiting(settings: Settings, source: Source) -> bool:
    """Whether a file has been dropped and copied in whole, so that a run would receive it. Changes nothing."""
    folder = folder_of(settings, source)
    return folder.is_dir() and any(is_settled(settings, state) for _, state in dropped_files(folder))


def receive_files(settings: Settings, source: Source) -> Received:
    """Land every file that has been copied in whole, and move it to done; one that is wrong moves to failed.

    Each file is parsed already here, so that what cannot be read never lands. One file's failure leaves the others. A
    file that cannot be read or moved for now (rights, a full disk) stays where it is and is tried again next time.

    Raises:
        OSError: the folder itself cannot be made or listed.
        OwnLabelsError: the file of own labels is wrong.
    """
    with use_own_labels(read_own_labels(settings)):
        return _receive_files(settings, source)


def _receive_files(settings: Settings, source: Source) -> Received:
    folder = prepare(settings, source)
    received = Received(source.code)
    readable: list[_Dropped] = []
    with _scratch(settings, source) as scratch:
        for path, state in sorted(dropped_files(folder)):
            if not is_settled(settings, state):
                received.waiting.append(shown(path.name))
                continue
            with _failing_alone(path, state, received):
                readable.append(_read(source, path, state, scratch))
        for dropped in sorted(readable, key=_Dropped.order):
            with _failing_alone(dropped.path, dropped.state, received):
                _receive(settings, source, dropped, received)
    counts: dict[str, Sized] = {
        "statements landed": received.landed,
        "files unchanged": received.unchanged,
        "files failed": received.failed,
        "files still being copied": received.waiting,
    }
    if found := [f"{len(names)} {what}" for what, names in counts.items() if names]:
        log.info("%s: inbox: %s", source.code, ", ".join(found))
    return received


@contextmanager
def _scratch(settings: Settings, source: Source) -> Iterator[Path]:
    """A folder for what receivers unpack, removed afterwards; what killed runs left is removed before."""
    clear_scratch(settings, source)
    settings.scratch.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{source.code}-", dir=settings.scratch))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Dropped:
    """A dropped file that could be read: the statements it holds, and its state when it was read."""

    path: Path
    state: os.stat_result
    statements: tuple[Statement, ...]

    def order(self) -> tuple[date, date, int, str]:
        """Files land by the day from which they are known, then by the newest period they state.

        Where both are equal, the file that was changed last is the later one; with equal times, names decide.
        """
        known_from = max(statement.artifact.known_from for statement in self.statements)
        newest = last_measured_day(table for statement in self.statements for table in statement.tables) or date.min
        return known_from, newest, self.state.st_mtime_ns, self.path.name


@contextmanager
def _failing_alone(path: Path, state: os.stat_result, received: Received) -> Iterator[None]:
    """One file's failure leaves the others: it moves to failed, or stays if it could not be read or moved for now."""
    name = shown(path.name)
    try:
        yield
    except OSError as error:
        why = f"{name}: could not be received ({error.strerror or error})."
        log.error("%s: %s", received.source_code, why)  # noqa: TRY400 - the message is complete
        received.failed.append(f"{why} It stays where it is. Remedy: correct the cause; the next run retries.")
    except OF_THIS_MACHINE:
        raise
    except UNFORESEEN as error:
        if changed(path, state):
            received.waiting.append(name)
            return
        refusal = refusal_of(name, error, "cannot be read", "download it again.")
        log.warning("%s: %s", received.source_code, refusal)
        received.failed.append(str(refusal))
        try:
            put_away(path, FAILED, note(name, refusal))
        except OSError as kept:
            log.warning("%s: %s could not be moved to %s: %s", received.source_code, name, FAILED, kept.strerror)


def _receive(settings: Settings, source: Source, dropped: _Dropped, received: Received) -> None:
    """Land one file and move it away."""
    name = shown(dropped.path.name)
    landed = land(settings, source, dropped.statements)
    received.landed += landed
    if changed(dropped.path, dropped.state):
        received.waiting.append(name)
        return
    if not landed:
        received.unchanged.append(name)
    put_away(dropped.path, DONE)


def _read(source: Source, path: Path, state: os.stat_result, scratch: Path) -> _Dropped:
    """What the file is and what it says, known from the day it was last changed where that day can be right.

    The time of a file is whatever the program that wrote, unpacked or copied it set. It counts only where it lies after
    the newest period that the file states; otherwise the file is known from today, the day of receipt.

    Raises:
        SourceError: it is too large, cannot be read, or is of a period that is not over.
    """
    most = source.about["inbox"]["max_bytes"]
    if state.st_size > most:
        raise SourceError(
            shown(path.name),
            f"has {state.st_size:,} bytes; a file of this publisher has at most {most:,}.",
            "look whether it is the right file; if it is, raise max_bytes under [inbox] in its source.toml.",
        )
    today = clock.today()
    changed_on = min(datetime.fromtimestamp(state.st_mtime, UTC).date(), today)
    statements = _statements(source, path, changed_on, scratch)
    if changed_on < today and not all(_can_be_known(statement) for statement in statements):
        statements = _statements(source, path, today, scratch)
    return _Dropped(path, state, statements)


def _statements(source: Source, path: Path, received_on: date, scratch: Path) -> tuple[Statement, ...]:
    """The statements of a file, each parsed."""
    today = clock.today()
    folder = Path(tempfile.mkdtemp(dir=scratch))
    statements = []
    for artifact in receivers()[source.code](path, received_on, folder):
        require_possible_days(artifact, today)
        tables = source.parse(artifact)
        require_ended(artifact, tables, today)
        statements.append(Statement(artifact, tables))
    return tuple(statements)


def _can_be_known(statement: Statement) -> bool:
    """Whether the day from which a statement is known lies after the newest period it states."""
    newest = last_measured_day(statement.tables)
    return newest is None or statement.artifact.known_from > newest
