"""The inbox: files that only a person can download, dropped into a folder, landed, and moved to done or failed.

A file lands before it is moved, and lands only once: a run that is killed in between loses nothing, and the next one
moves the file.
"""

from __future__ import annotations

import logging
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path, PurePath

from sources.model.artifact import Artifact, SourceError
from sources.model.ignored import is_ignored
from sources.model.source import ParsedTable, Source
from sources.reading.vocabulary import use_own_labels
from sources.registry import receivers
from warehouse import clock
from warehouse.ingest.days import last_measured_day, require_ended, require_possible_days
from warehouse.ingest.own_labels import read_own_labels
from warehouse.ingest.unforeseen import OF_THIS_MACHINE, UNFORESEEN, refusal_of
from warehouse.quality.beside import years_beside
from warehouse.quality.expectations.runner import Result
from warehouse.quality.gates import in_words, judge_load, stopping
from warehouse.quality.whole import judge_whole, not_whole
from warehouse.settings import Settings
from warehouse.storage.acceptances import Acceptances
from warehouse.storage.landing import Landing, write_durably

log = logging.getLogger("ree.inbox")

DONE, FAILED, README = "done", "failed", "README.txt"
_LONGEST_NAME = 160


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
    return folder.is_dir() and any(_is_settled(settings, state) for _, state in _dropped(folder))


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
    for path, state in sorted(_dropped(folder)):
        if not _is_settled(settings, state):
            received.waiting.append(_shown(path.name))
            continue
        with _failing_alone(path, state, received):
            readable.append(_read(source, path, state))
    for dropped in sorted(readable, key=_Dropped.order):
        with _failing_alone(dropped.path, dropped.state, received):
            _receive(settings, source, dropped, received)
    log.info(
        "%s: inbox: %d files landed, %d unchanged, %d failed, %d still being copied",
        source.code, len(received.landed), len(received.unchanged), len(received.failed), len(received.waiting),
    )  # fmt: skip
    return received


def _dropped(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Plain files that a person dropped, and their state; not links, folders, or files of a download under way."""
    for path in folder.iterdir():
        name = path.name
        if name == README or is_ignored(PurePath(name)):
            continue
        try:
            state = path.lstat()
        except FileNotFoundError:
            continue  # removed since the folder was listed
        if stat.S_ISREG(state.st_mode):
            yield path, state
        elif name not in {DONE, FAILED}:
            log.warning("%s is no plain file; it is left alone", _shown(str(path)))


def _is_settled(settings: Settings, state: os.stat_result) -> bool:
    """Whether the file's last change is old enough; a clock that is wrong by more does not count."""
    return abs(time.time() - state.st_mtime) >= settings.inbox_settle_s


@dataclass(frozen=True, slots=True)
class _Dropped:
    """A dropped file that could be read: what it is and says, and its state when it was read."""

    path: Path
    state: os.stat_result
    artifact: Artifact
    tables: tuple[ParsedTable, ...]

    def order(self) -> tuple[date, date, int, str]:
        """Files land by the day from which they are known, then by the newest period they state.

        Where both are equal, the file that was changed last is the later one; with equal times, names decide.
        """
        newest = last_measured_day(self.tables) or date.min
        return self.artifact.known_from, newest, self.state.st_mtime_ns, self.path.name


@contextmanager
def _failing_alone(path: Path, state: os.stat_result, received: Received) -> Iterator[None]:
    """One file's failure leaves the others: it moves to failed, or stays if it could not be read or moved for now."""
    name = _shown(path.name)
    try:
        yield
    except OSError as error:
        why = f"{name}: could not be received ({error.strerror or error})."
        log.error("%s: %s", received.source_code, why)  # noqa: TRY400 - the message is complete
        received.failed.append(f"{why} It stays where it is. Remedy: correct the cause; the next run retries.")
    except OF_THIS_MACHINE:
        raise
    except UNFORESEEN as error:
        if _changed(path, state):
            received.waiting.append(name)
            return
        refusal = refusal_of(name, error, "cannot be read", "download it again.")
        log.warning("%s: %s", received.source_code, refusal)
        received.failed.append(str(refusal))
        try:
            _put_away(path, FAILED, _note(name, refusal))
        except OSError as kept:
            log.warning("%s: %s could not be moved to %s: %s", received.source_code, name, FAILED, kept.strerror)


def _receive(settings: Settings, source: Source, dropped: _Dropped, received: Received) -> None:
    """Land one file and move it away."""
    name = _shown(dropped.path.name)
    is_new = _land(settings, source, dropped.artifact, dropped.tables)
    if is_new:
        received.landed.append(dropped.artifact)
    if _changed(dropped.path, dropped.state):
        received.waiting.append(name)
        return
    if not is_new:
        received.unchanged.append(name)
    _put_away(dropped.path, DONE)


def _read(source: Source, path: Path, state: os.stat_result) -> _Dropped:
    """What the file is and what it says, known from the day it was last changed where that day can be right.

    The time of a file is whatever the program that wrote, unpacked or copied it set. It counts only where it lies after
    the newest period that the file states; otherwise the file is known from today, the day of receipt.

    Raises:
        SourceError: it is too large, cannot be read, or is of a period that is not over.
    """
    most = source.about["inbox"]["max_bytes"]
    if state.st_size > most:
        raise SourceError(
            _shown(path.name),
            f"has {state.st_size:,} bytes; a file of this publisher has at most {most:,}.",
            "look whether it is the right file; if it is, raise max_bytes under [inbox] in its source.toml.",
        )
    today = clock.today()
    changed = datetime.fromtimestamp(state.st_mtime, UTC).date()
    receive = receivers()[source.code]
    artifact = receive(path, min(changed, today))
    require_possible_days(artifact, today)
    tables = source.parse(artifact)
    require_ended(artifact, tables, today)
    newest = last_measured_day(tables)
    if newest is not None and artifact.known_from <= newest:
        artifact = receive(path, today)
    return _Dropped(path, state, artifact, tables)


def _land(settings: Settings, source: Source, artifact: Artifact, tables: tuple[ParsedTable, ...]) -> bool:
    """Land what the file says, unless its partition says just that already; whether it landed.

    Raises:
        SourceError: it is set aside, leaves out periods that its partition holds, or fails gate 1.
    """
    landing = Landing(settings.landing)
    if reason := landing.reason_set_aside(artifact.sha256):
        raise SourceError(
            artifact,
            f"has the bytes that were set aside: {reason}.",
            f"if it is right, first run `ree landing take-back {artifact.sha256[:12]} REASON`.",
        )
    active = [item.artifact for item in landing.landed(source.code) if item.artifact.partition == artifact.partition]
    on_its_day = landing.statement_before(artifact)
    if any(_says_the_same(source, tables, held) for held in (*active[-1:], *([on_its_day] if on_its_day else []))):
        return False
    known_before = [earlier for earlier in active if earlier.known_from <= artifact.known_from]
    _require_whole(source, artifact, tables, landing, known_before[-1] if known_before else None)
    refusals = stopping(result for table in tables for result in judge_load([(artifact, table)]))
    if refusals:
        raise SourceError(
            artifact,
            "is not believable: " + "; ".join(in_words(result) for result in refusals) + ".",
            "look at these records; if they are right, the rule is wrong (docs/rules.md).",
        )
    return landing.land([artifact], came_by="inbox") > 0


def _says_the_same(source: Source, tables: tuple[ParsedTable, ...], landed: Artifact) -> bool:
    before = _parsed_again(source, landed)
    return [table.content_sha256() for table in tables] == [table.content_sha256() for table in before]


def _require_whole(
    source: Source, artifact: Artifact, tables: tuple[ParsedTable, ...], landing: Landing, landed: Artifact | None
) -> None:
    """A file replaces the release before it in its partition, and what it leaves out would end.

    Raises:
        SourceError: it leaves out much of that release; or it is the first, and much less than the years beside it.
    """
    before = {table.spec.name: table.frame for table in _parsed_again(source, landed)} if landed else {}
    results: list[Result] = []
    for table in tables:
        newest = landing.newest(source.code, years_beside(table.spec, artifact))
        others = [other for year in newest.values() for other in _parsed_again(source, year)]
        years = [(other.frame, other.rejects.height) for other in others if other.spec == table.spec]
        results += judge_whole(artifact, table, before.get(table.spec.name), years)
    failed = stopping(results)
    if failed and not Acceptances(landing.folder).reason(artifact.sha256):
        raise not_whole(artifact, failed)


def _parsed_again(source: Source, landed: Artifact) -> tuple[ParsedTable, ...]:
    """What has landed, as it is read now; nothing where it cannot be read."""
    try:
        return source.parse(landed)
    except UNFORESEEN as error:
        why = refusal_of(landed, error, "cannot be read", "none is needed: this file takes its place.")
        log.warning("%s: what has landed of %s cannot be read: %s", source.code, landed.partition, why)
        return ()


def _changed(path: Path, state: os.stat_result) -> bool:
    """Whether the file is no longer as it was when it was read: somebody is still writing it."""
    try:
        now = path.lstat()
    except FileNotFoundError:
        return True
    return (now.st_size, now.st_mtime_ns, now.st_ino) != (state.st_size, state.st_mtime_ns, state.st_ino)


def _put_away(path: Path, where: str, note: str = "") -> None:
    """Move a file to done or failed under the day and its name, over nothing that is there; a note goes first."""
    folder = path.parent / where
    stem, suffix = _fitting(path)
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    number = 1
    while True:
        target = folder / f"{day}-{stem}{'' if number == 1 else f'-{number}'}{suffix}"
        beside = target.with_name(f"{target.name}.error.txt")
        if not os.path.lexists(target) and not os.path.lexists(beside):
            break
        number += 1
    if note:
        write_durably(beside, note.encode())
    path.rename(target)


def _fitting(path: Path) -> tuple[str, str]:
    """Stem and ending of a name as text, short enough to have a day, a number and an ending added."""
    name = _shown(path.name)
    suffix = Path(name).suffix[-20:]
    stem = name.removesuffix(suffix).encode()[:_LONGEST_NAME].decode("utf-8", "ignore")
    return stem, suffix


def _shown(name: str) -> str:
    """A name that can be written down: bytes that are no text, and what would break a line, as a question mark."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "?" for character in text)


def _note(name: str, refusal: SourceError) -> str:
    """The text beside a file that was refused."""
    problem, _, remedy = str(refusal).removeprefix(f"{name}: ").partition(" Remedy: ")
    return (
        f"{name} was refused on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Nothing of it was loaded.\n\n"
        f"What is wrong:  {problem}\n"
        f"What to do:     {remedy or 'look at the file by hand.'}\n\n"
        f"Then drop the file into the folder above this one again. This note and the file beside it may be deleted.\n"
    )
