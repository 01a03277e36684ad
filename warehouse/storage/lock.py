"""The lock of the one writer: a build or a roll-back. Readers need no lock."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from filelock import FileLock, Timeout

from warehouse.settings import Settings
from warehouse.storage.home import require_writable


class BusyError(Exception):
    """Another process is writing this warehouse."""


@contextmanager
def sole_writer(settings: Settings, what: str) -> Iterator[None]:
    """Hold the writer lock while doing `what`. The lock ends with the process that holds it.

    Raises:
        HomeError: the home cannot be written.
        BusyError: another process still holds the lock after `lock_timeout_s` seconds; the message names it.
    """
    require_writable(settings)
    note = settings.lock_file.with_suffix(".holder.json")
    try:
        with FileLock(settings.lock_file).acquire(timeout=settings.lock_timeout_s):
            this_process = {"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds"), "what": what}
            note.write_text(json.dumps(this_process), encoding="utf-8")
            try:
                yield
            finally:
                note.unlink(missing_ok=True)
    except Timeout as error:
        holder = note.read_text(encoding="utf-8") if note.exists() else "an unknown process"
        msg = (
            f"{settings.home} is being written by {holder}. Wait for it to end, or stop it. "
            "The published release stays readable."
        )
        raise BusyError(msg) from error
