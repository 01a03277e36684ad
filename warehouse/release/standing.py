"""Whether a build that starts now could find anything new, decided before a run is made of it.

A build that ended with everything in its release leaves a record of what it had read (`inputs.json`): the code, the
settings and files outside the home, and the files of the home that decide what is landed and loaded. The next build
compares and does not interpret: where all of it is the same and the release is whole, a run would change nothing. Any
difference, and any doubt, is a run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel

from sources.registry import publisher_codes
from sources.snapshot.provenance import PROVENANCE, files_beside
from warehouse.code_version import code_version
from warehouse.ingest.inbox_folder import README, dropped_files
from warehouse.release.site.fault import site_fault
from warehouse.release.store import Release, current_release, damage
from warehouse.settings import Settings
from warehouse.storage.home import HomeError, require_space
from warehouse.storage.landing import write_durably
from warehouse.storage.last_build import end_build, released_by, start_build
from warehouse.storage.lock import BusyError, active_writer, sole_writer

_LONGEST = timedelta(days=7)
"""So long after a run the next build makes one again: Dagster's freshness policies see runs alone, and the strictest
warns after 36 days (`fresh_for_days` of a `source.toml`)."""
_LARGE = 16_000_000
"""Bytes from which a file is compared by its size, times and inode, and its content is not read."""


class _Record(BaseModel):
    """What a whole build had read, as two hashes: outside the home before it started, in the home after it ended."""

    build_id: str
    ended_at: AwareDatetime
    outside: str
    inside: str


def what_is_read(settings: Settings, program: Path) -> str | None:
    """A hash of what a build reads from outside its home: the code, the settings, the publishers' files, own labels.

    `program` is the folder of the code that makes the run. `REE_ACCEPT_DRIFT` is left out, since it decides nothing
    where no figure is new. None where a file cannot be read.
    """
    folders = [settings.snapshot, *filter(None, [settings.own_files])]
    try:
        files = [path for folder in folders for path in (folder / PROVENANCE, *files_beside(folder).values())]
        files += filter(None, [settings.own_labels])
        files += (path for path in program.rglob("*") if path.is_file() and path.suffix != ".pyc")
        known = f"{code_version()} {settings.model_dump_json(exclude={'accept_drift'})}"
        return _hash(known, (f"{_stamp(path)} {_content(path)}" for path in sorted(files)))
    except OSError:
        return None


def remember(settings: Settings, build_id: str, outside: str) -> None:
    """Record what a build had read, after it ended with everything in its release.

    `outside` is what `what_is_read` gave before it started and gives now. Nothing is recorded where another build has
    started since.
    """
    at_once = settings.model_copy(update={"lock_timeout_s": 0})
    with suppress(BusyError, HomeError, OSError), sole_writer(at_once, "the record of what a build had read"):
        if released_by(settings, build_id):
            record = _Record(
                build_id=build_id, ended_at=datetime.now(UTC), outside=outside, inside=_what_is_kept(settings)
            )
            write_durably(settings.inputs_file, record.model_dump_json(indent=1).encode())


def standing_release(settings: Settings, outside: str | None) -> Release | None:
    """The current release, if a build that starts now could find nothing new; the look is recorded as a build.

    `outside` is what `what_is_read` gives now. None where anything is new or in doubt: live publishers, which only a
    request can tell; a file that was changed, removed, or dropped into the inbox; a last build that was refused,
    interrupted, or did not have everything; a release that is not its own, is damaged, or has no site; another writer;
    no space for a build.
    """
    record = _read(settings)
    if settings.sources == "live" or record is None or record.outside != outside or active_writer(settings):
        return None
    with suppress(BusyError, HomeError, OSError):
        require_space(settings)
        with sole_writer(settings, "a look for anything new"):
            release = current_release(settings)
            if release is not None and _stands(settings, record, release):
                start_build(settings, record.build_id)
                end_build(settings, record.build_id, "unchanged", release.version)
                return release
    return None


def _stands(settings: Settings, record: _Record, release: Release) -> bool:
    """Whether nothing in the home has changed since the build of the record, and the release is that build's."""
    return (
        timedelta(0) <= datetime.now(UTC) - record.ended_at < _LONGEST  # a clock that was set back is a doubt
        and released_by(settings, record.build_id) == release.version
        and not any(_dropped(settings))
        and record.inside == _what_is_kept(settings)
        and damage(settings, release) is None
        and site_fault(release.folder) is None
    )


def _dropped(settings: Settings) -> Iterator[Path]:
    """Files in the inbox that wait for a run, also those that are still being copied in."""
    folders = (settings.inbox / code for code in publisher_codes())
    return (path for folder in folders if folder.is_dir() for path, _ in dropped_files(folder))


def _what_is_kept(settings: Settings) -> str:
    """A hash of the state that builds read: landing, work file, the folders of the inbox; by size, times and inode.

    Only writers of this warehouse change these files.
    """
    files = [path for folder in (settings.landing, settings.work_file.parent) for path in folder.rglob("*")]
    files += settings.inbox.glob(f"*/{README}")
    return _hash("", map(_stamp, sorted(path for path in files if path.is_file())))


def _stamp(path: Path) -> str:
    """What any change of a file alters, even where its length stays: no program can set the time of change (ctime)."""
    state = path.stat()
    return f"{path} {state.st_size} {state.st_mtime_ns} {state.st_ctime_ns} {state.st_ino}"


def _content(path: Path) -> str:
    """The hash of a file that is not large, for file systems that keep times coarsely; empty for a large one."""
    return "" if path.stat().st_size >= _LARGE else hashlib.sha256(path.read_bytes()).hexdigest()


def _hash(first: str, lines: Iterable[str]) -> str:
    digest = hashlib.sha256(first.encode())
    for line in lines:
        digest.update(f"\n{line}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _read(settings: Settings) -> _Record | None:
    """The record of the last whole build; None where there is none, or it is damaged."""
    try:
        return _Record.model_validate_json(settings.inputs_file.read_bytes())
    except (OSError, ValueError):
        return None
