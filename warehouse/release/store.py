"""Releases on disk: listing, reading, checking, swapping in, rolling back and pruning.

A release is a folder (database, Parquet, data package, reports) under `releases/<version>`. `published` is a symbolic
link to one of them. Publishing replaces that link in one rename, so readers see the old release or the new one.
"""

from __future__ import annotations

import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.release.content import content_hash, table_hashes
from warehouse.settings import DATABASE_FILE, Settings
from warehouse.storage.landing import sync_folder
from warehouse.storage.literals import read_parquet
from warehouse.storage.work import open_database

log = logging.getLogger("ree.release")


@dataclass(frozen=True, slots=True)
class Release:
    """A release on disk. `about` is its row of `meta.release`, by column."""

    version: str
    folder: Path
    is_current: bool
    about: dict[str, Any]


def database(settings: Settings) -> Path:
    """The published database file.

    Raises:
        LookupError: nothing is published yet.
    """
    path = settings.published / DATABASE_FILE
    if not path.exists():
        msg = f"nothing is published under {settings.home} yet: run `make warehouse` or `ree build`"
        raise LookupError(msg)
    return path


def releases(settings: Settings) -> list[Release]:
    """Every complete release on disk, oldest first."""
    current = settings.published.resolve() if settings.published.is_symlink() else None
    found = [
        Release(folder.name, folder, is_current=folder.resolve() == current, about=_read_about(folder))
        for folder in settings.releases.glob("*")
        if (folder / "datapackage.json").exists()
    ]
    return sorted(found, key=lambda release: release.about["built_at"])


def _read_about(folder: Path) -> dict[str, Any]:
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        cursor = con.execute(f"from {read_parquet(folder / 'parquet' / 'meta' / 'release.parquet')}")
        names = [column[0] for column in cursor.description or ()]
        return dict(zip(names, cursor.fetchall()[0], strict=True))


def current_release(settings: Settings) -> Release | None:
    """The release that readers see; None if nothing is published."""
    return next((release for release in releases(settings) if release.is_current), None)


def damage(settings: Settings, release: Release) -> str | None:
    """What is wrong with a release's database: it cannot be read, or changed since publication. None if it is intact.

    Releases of versions that recorded no content hash are only opened.
    """
    path = release.folder / DATABASE_FILE
    if not path.is_file():
        return f"{path} is missing"
    try:
        with open_database(path, settings, read_only=True) as con:
            found = content_hash(table_hashes(con))
    except duckdb.Error as error:
        return str(error)
    recorded = release.about.get("content_hash")
    return None if recorded in {None, found} else f"changed since publication: its content hash is {found}"


def swap_in(settings: Settings, about: dict[str, Any]) -> Release:
    """Flush the candidate to disk, move it to `releases/<version>` and make it the current release.

    `about` is the row of `meta.release`.
    """
    for path in settings.candidate.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
    folder = settings.releases / about["version"]
    settings.releases.mkdir(parents=True, exist_ok=True)
    settings.candidate.rename(folder)
    sync_folder(settings.releases)
    _point_to(settings, folder)
    return Release(about["version"], folder, is_current=True, about=about)


def _point_to(settings: Settings, folder: Path) -> None:
    """Replace the link `published` in one rename."""
    link = settings.home / f".published.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.relative_to(settings.home))
    link.replace(settings.published)
    sync_folder(settings.home)


def roll_back(settings: Settings, to: str | None = None) -> Release:
    """Point readers to an earlier release: the one before the current, or the version named.

    Raises:
        LookupError: there is no such release on disk.
    """
    on_disk = releases(settings)
    current = next((index for index, release in enumerate(on_disk) if release.is_current), None)
    if to is not None:
        chosen = next((release for release in on_disk if release.version == to), None)
    else:
        chosen = on_disk[current - 1] if current else None
    if chosen is None:
        msg = f"no release {to or 'before the current one'}; on disk are {[release.version for release in on_disk]}"
        raise LookupError(msg)
    _point_to(settings, chosen.folder)
    log.info("release %s is current again", chosen.version)
    return chosen


def prune(settings: Settings) -> None:
    """Delete the oldest releases beyond `keep_releases`; the current one is always kept."""
    for release in releases(settings)[: -settings.keep_releases]:
        if not release.is_current:
            shutil.rmtree(release.folder)
