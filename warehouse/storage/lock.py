"""The lock of the one writer, a build or a roll-back, and the note that says who holds it. Readers need no lock."""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.settings import Settings
from warehouse.storage.home import require_writable

_SHORTEST_WAIT_S = 0.5
"""A reader that tests the lock of a killed writer holds it for microseconds: no writer fails because of that."""


class BusyError(Exception):
    """Another process is writing this warehouse."""


@dataclass(frozen=True, slots=True)
class Writer:
    """The holder of the writer lock: `Writer(4711, "host", "2026-11-24T08:00:00+00:00", "run 42", "models")`."""

    pid: int
    host: str
    since: str
    what: str
    step: str = ""

    def __str__(self) -> str:
        since = datetime.fromisoformat(self.since)
        step = f", now at {self.step}" if self.step else ""
        return f"{self.what} (process {self.pid} on {self.host}) since {since:%Y-%m-%d %H:%M} UTC{step}"


@contextmanager
def sole_writer(settings: Settings, what: str) -> Iterator[None]:
    """Hold the writer lock while doing `what`. The lock ends with the process that holds it.

    Raises:
        HomeError: the home cannot be written.
        BusyError: another process still holds the lock after `lock_timeout_s` seconds; the message names it.
    """
    require_writable(settings)
    try:
        with FileLock(settings.lock_file).acquire(timeout=max(settings.lock_timeout_s, _SHORTEST_WAIT_S)):
            since = datetime.now(UTC).isoformat(timespec="seconds")
            _write(settings, Writer(os.getpid(), socket.gethostname(), since, what))
            try:
                yield
            finally:
                _note(settings).unlink(missing_ok=True)
    except Timeout as error:
        msg = (
            f"{settings.home} is being written by {_read(settings) or 'an unknown process'}. Wait for it to end, or"
            " stop it. The published release stays readable."
        )
        raise BusyError(msg) from error


def note_step(settings: Settings, step: str) -> None:
    """Record which step the writer is at: `models`. Only the holder of the lock calls it."""
    writer = _read(settings)
    if writer is not None:
        _write(settings, dataclasses.replace(writer, step=step))


def active_writer(settings: Settings) -> Writer | None:
    """The process that holds the writer lock; None if it is free. Opens nothing for writing."""
    writer = _read(settings)
    return writer if writer is not None and _is_held(settings.lock_file) else None


def stale_notes(settings: Settings) -> list[Path]:
    """Notes that a killed writer left, whole or half written. Only for callers that know of no other writer."""
    return [note for note in (_note(settings), _partial(settings)) if note.exists()]


def _is_held(lock_file: Path) -> bool:
    try:
        with lock_file.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _note(settings: Settings) -> Path:
    return settings.lock_file.with_suffix(".holder.json")


def _partial(settings: Settings) -> Path:
    return _note(settings).with_suffix(".partial")


def _read(settings: Settings) -> Writer | None:
    try:
        return Writer(**json.loads(_note(settings).read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _write(settings: Settings, writer: Writer) -> None:
    """Replace the note in one rename, so that a reader never sees half of it."""
    partial = _partial(settings)
    partial.write_text(json.dumps(dataclasses.asdict(writer)), encoding="utf-8")
    partial.replace(_note(settings))
