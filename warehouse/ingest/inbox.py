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
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from sources.model.artifact import FIRST_YEAR, Artifact, SourceError
from sources.model.source import ParsedTable, Source
from sources.registry import receivers
from warehouse.ingest.unforeseen import OF_THIS_MACHINE, UNFORESEEN, refusal_of
from warehouse.quality.gates import in_words, judge_load, stopping
from warehouse.settings import Settings
from warehouse.storage.landing import Landing, write_durably

log = logging.getLogger("ree.inbox")

DONE, FAILED, README = "done", "failed", "README.txt"
_UNDER_WAY = (".part", ".crdownload", ".tmp", ".download", ".partial", ".filepart", ".opdownload")
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
    """
    folder = prepare(settings, source)
    received = Received(source.code)
    for path, state in sorted(_dropped(folder)):
        name = _shown(path.name)
        if not _is_settled(settings, state):
            received.waiting.append(name)
            continue
        try:
            _receive(settings, source, path, state, received)
        except OSError as error:
            why = f"{name}: could not be received ({error.strerror or error})."
            log.error("%s: %s", source.code, why)  # noqa: TRY400 - the message is complete; a trace adds nothing
            received.failed.append(f"{why} It stays where it is. Remedy: correct the cause; the next run retries.")
    log.info(
        "%s: inbox: %d files landed, %d unchanged, %d failed, %d still being copied",
        source.code, len(received.landed), len(received.unchanged), len(received.failed), len(received.waiting),
    )  # fmt: skip
    return received


def _dropped(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Plain files that a person dropped, and their state; not links, folders, or files of a download under way."""
    for path in folder.iterdir():
        name = path.name
        if name == README or name.startswith((".", "~$")) or name.lower().endswith(_UNDER_WAY):
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


def _receive(settings: Settings, source: Source, path: Path, state: os.stat_result, received: Received) -> None:
    """Land one file and move it away."""
    name = _shown(path.name)
    try:
        artifact = _identify(source, path, state)
        is_new = _land(settings, source, artifact)
    except OF_THIS_MACHINE:
        raise
    except UNFORESEEN as error:
        if _changed(path, state):
            received.waiting.append(name)
            return
        refusal = refusal_of(name, error, "cannot be read", "download it again.")
        log.warning("%s: %s", source.code, refusal)
        received.failed.append(str(refusal))
        _put_away(path, FAILED, _note(name, refusal))
        return
    if is_new:
        received.landed.append(artifact)
    if _changed(path, state):
        received.waiting.append(name)
        return
    if not is_new:
        received.unchanged.append(name)
    _put_away(path, DONE)


def _identify(source: Source, path: Path, state: os.stat_result) -> Artifact:
    """What the file is, known from the day it was last changed, or today where that day is yet to come."""
    most = source.about["inbox"]["max_bytes"]
    if state.st_size > most:
        raise SourceError(
            _shown(path.name),
            f"has {state.st_size:,} bytes; a file of this publisher has at most {most:,}.",
            "look whether it is the right file; if it is, raise max_bytes under [inbox] in its source.toml.",
        )
    today = datetime.now(UTC).date()
    dropped: date = min(datetime.fromtimestamp(state.st_mtime, UTC).date(), today)
    artifact = receivers()[source.code](path, dropped)
    if not FIRST_YEAR <= artifact.year <= today.year:
        raise SourceError(
            artifact, f"is of the year {artifact.year}.", f"figures are accepted from {FIRST_YEAR} to this year."
        )
    return artifact


def _land(settings: Settings, source: Source, artifact: Artifact) -> bool:
    """Land what the file says, unless its partition says just that already; whether it landed.

    Raises:
        SourceError: it is set aside, cannot be read, leaves out periods that its partition holds, or fails gate 1.
    """
    landing = Landing(settings.landing)
    if reason := landing.reason_set_aside(artifact.sha256):
        raise SourceError(
            artifact,
            f"has the bytes that were set aside: {reason}.",
            f"if it is right, first run `ree landing take-back {artifact.sha256[:12]} REASON`.",
        )
    tables = source.parse(artifact)
    active = [item.artifact for item in landing.landed(source.code) if item.artifact.partition == artifact.partition]
    if active:
        try:
            before = source.parse(active[-1])
        except UNFORESEEN as error:
            why = refusal_of(active[-1], error, "cannot be read", "none is needed: this file takes its place.")
            log.warning("%s: what has landed of %s cannot be read: %s", source.code, artifact.partition, why)
        else:
            if [table.content_sha256() for table in tables] == [table.content_sha256() for table in before]:
                return False
            if active[-1].known_from <= artifact.known_from:
                _require_all_periods(artifact, tables, before)
    refusals = stopping(result for table in tables for result in judge_load([(artifact, table)]))
    if refusals:
        raise SourceError(
            artifact,
            "is not believable: " + "; ".join(in_words(result) for result in refusals) + ".",
            "look at these records; if they are right, the rule is wrong (docs/rules.md).",
        )
    return landing.land([artifact], came_by="inbox") > 0


def _require_all_periods(artifact: Artifact, tables: tuple[ParsedTable, ...], before: tuple[ParsedTable, ...]) -> None:
    """A file replaces the earlier release of its partition: records that it leaves out would end."""
    for new, old in zip(tables, before, strict=True):
        if "period_start" not in old.frame.columns:
            continue
        lost = sorted(set(old.frame["period_start"]) - set(new.frame["period_start"]))
        if lost:
            raise SourceError(
                artifact,
                f"takes the place of {artifact.partition} and leaves out what has landed of it:"
                f" {', '.join(f'{day:%Y-%m}' for day in lost)}.",
                "download all of the year so far, not only what is new, and drop that.",
            )


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
