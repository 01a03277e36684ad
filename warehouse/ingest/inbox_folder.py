"""Files in an inbox folder: which were dropped, whether they are settled, and moving them to done or failed."""

from __future__ import annotations

import logging
import os
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePath

from sources.model.artifact import SourceError
from sources.model.ignored import is_ignored
from warehouse.settings import Settings
from warehouse.storage.landing import write_durably

log = logging.getLogger("ree.inbox")

DONE, FAILED, README = "done", "failed", "README.txt"
_LONGEST_NAME = 160


def dropped_files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
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
            log.warning("%s is no plain file; it is left alone", shown(str(path)))


def is_settled(settings: Settings, state: os.stat_result) -> bool:
    """Whether the file's last change is old enough; a clock that is wrong by more does not count."""
    return abs(time.time() - state.st_mtime) >= settings.inbox_settle_s


def changed(path: Path, state: os.stat_result) -> bool:
    """Whether the file is no longer as it was when it was read: somebody is still writing it."""
    try:
        now = path.lstat()
    except FileNotFoundError:
        return True
    return (now.st_size, now.st_mtime_ns, now.st_ino) != (state.st_size, state.st_mtime_ns, state.st_ino)


def put_away(path: Path, where: str, note: str = "") -> None:
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
    name = shown(path.name)
    suffix = Path(name).suffix[-20:]
    stem = name.removesuffix(suffix).encode()[:_LONGEST_NAME].decode("utf-8", "ignore")
    return stem, suffix


def shown(name: str) -> str:
    """A name that can be written down: bytes that are no text, and what would break a line, as a question mark."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "?" for character in text)


def note(name: str, refusal: SourceError) -> str:
    """The text beside a file that was refused."""
    problem, _, remedy = str(refusal).removeprefix(f"{name}: ").partition(" Remedy: ")
    return (
        f"{name} was refused on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Nothing of it was loaded.\n\n"
        f"What is wrong:  {problem}\n"
        f"What to do:     {remedy or 'look at the file by hand.'}\n\n"
        f"Then drop the file into the folder above this one again. This note and the file beside it may be deleted.\n"
    )
