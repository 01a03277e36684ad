"""What killed processes left behind. It harms nothing, and takes space."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from warehouse.read.checks.finding import FIX_IT, Context, Finding
from warehouse.settings import Settings
from warehouse.storage.landing import PARTIAL
from warehouse.storage.lock import note_of
from warehouse.storage.work import WorkFileError, read_work

_WHAT = "nothing is left of killed runs"


def leftovers(context: Context) -> Iterator[Finding]:
    """Half-built candidates, scratch and temporary files, unused links, the note of a writer that is gone."""
    if context.writer is not None:
        yield Finding(_WHAT, "note", f"not checked while {context.settings.home} is being written by {context.writer}")
        return
    found = list(_found(context))
    if not found:
        yield Finding(_WHAT, "ok", "nothing")
    for path, is_what in found:
        yield Finding(_WHAT, "wrong", f"{path}: {is_what}", FIX_IT, remover(path))


def _found(context: Context) -> Iterator[tuple[Path, str]]:
    settings = context.settings
    if settings.candidate.exists() and _last_build_was_killed(settings):
        yield settings.candidate, "the unfinished release of a build that was killed"
    for path in sorted(settings.scratch.glob("*")):
        yield path, "files of a fetch run that was killed"
    for path in sorted(settings.home.glob(".published.*")):
        yield path, "a link that did not take the place of `published`"
    for folder in (settings.landing, settings.inbox):
        for path in sorted(folder.rglob(f".*{PARTIAL}")):
            yield path, "a file that was half written"
    note = note_of(settings)
    if note.exists() and not context.holds_lock:
        yield note, "the note of a writer that no longer runs"


def _last_build_was_killed(settings: Settings) -> bool:
    """Whether the last build never ended. A refused build leaves its candidate for a look."""
    try:
        with read_work(settings) as con:
            last = con.execute("select outcome from ledger.builds order by started_at desc limit 1").fetchone()
    except (WorkFileError, duckdb.Error):
        return False
    return last == ("running",)


def remover(path: Path) -> Callable[[], str]:
    """What removes a file, link or folder, and says so."""

    def remove() -> str:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        return f"removed {path}"

    return remove
