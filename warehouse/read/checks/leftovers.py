"""What killed processes left behind. It harms nothing, and takes space."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from warehouse.read.checks.finding import FIX_IT, Context, Finding
from warehouse.storage.landing import PARTIAL
from warehouse.storage.last_build import has_no_end
from warehouse.storage.lock import stale_notes

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
    if settings.candidate.exists() and has_no_end(settings):  # a refused build leaves its candidate for a look
        yield settings.candidate, "the unfinished release of a build that was killed"
    for path in sorted(settings.scratch.glob("*")):
        yield path, "files of a fetch run that was killed"
    for path in sorted(settings.home.glob(".published.*")):
        yield path, "a link that did not take the place of `published`"
    for folder in (settings.landing, settings.inbox):
        for path in sorted(folder.rglob(f".*{PARTIAL}")):
            yield path, "a file that was half written"
    for path in (settings.visit_file, settings.visit_file.with_suffix(".partial")):
        if path.exists():
            yield path, "the note of visits to publishers that were killed"
    if not context.holds_lock:
        for path in stale_notes(settings):
            yield path, "the note of a writer that no longer runs"


def remover(path: Path) -> Callable[[], str]:
    """What removes a file, link or folder, and says so."""

    def remove() -> str:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        return f"removed {path}"

    return remove
