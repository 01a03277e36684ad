"""The lock of the one writer: a build or a roll-back. Readers need no lock."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.settings import Settings


class BusyError(Exception):
    """Another process is writing this warehouse."""


def note_of(settings: Settings) -> Path:
    """The file in which the holder of the lock says who it is."""
    return settings.lock_file.with_suffix(".holder.json")


def current_writer(settings: Settings) -> str | None:
    """Who is writing, as its note says; None if nobody is. Nothing is written, and nobody is kept from writing."""
    try:
        descriptor = os.open(settings.lock_file, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_note(settings)
    finally:
        os.close(descriptor)
    return None


def _read_note(settings: Settings) -> str:
    try:
        return note_of(settings).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return "an unknown process"


@contextmanager
def sole_writer(settings: Settings, what: str) -> Iterator[None]:
    """Hold the writer lock while doing `what`. The lock ends with the process that holds it.

    Raises:
        BusyError: another process still holds the lock after `lock_timeout_s` seconds; the message names it.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    note = note_of(settings)
    try:
        with FileLock(settings.lock_file).acquire(timeout=settings.lock_timeout_s):
            this_process = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds"), "what": what}
            note.write_text(json.dumps(this_process), encoding="utf-8")
            try:
                yield
            finally:
                note.unlink(missing_ok=True)
    except Timeout as error:
        msg = (
            f"{settings.home} is being written by {_read_note(settings)}. Wait for it to end, or stop it. "
            "The published release stays readable."
        )
        raise BusyError(msg) from error
