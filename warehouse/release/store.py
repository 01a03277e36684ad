"""Releases on disk: listing, checking, swapping in, rolling back and pruning.

A release is a folder (database, Parquet, data package, reports) under `releases/<version>`. `published` is a symbolic
link to one of them. Publishing replaces that link in one rename, so readers see the old release or the new one.

Which release follows which is recorded, never taken from the clock: each names its predecessor in `meta.release`, and
`releases/history.json` lists every version that was ever current. A folder that never was (a build was killed between
the rename and the link) is no release: it is an orphan, and pruned.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.settings import DATABASE_FILE, Settings
from warehouse.storage.file_hash import file_sha256
from warehouse.storage.landing import sync_folder, write_durably
from warehouse.storage.literals import read_parquet

log = logging.getLogger("ree.release")

PACKAGE_FILE = "datapackage.json"
_VERSION = re.compile(r"\d{4}\.\d{2}\.\d{2}\.\d+")
_SHOWN = 3


class DamagedError(Exception):
    """A release on disk is not what was published. The message says how, and the remedy."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release on disk. `about` is its row of `meta.release`, by column; empty if that cannot be read."""

    version: str
    folder: Path
    is_current: bool
    about: dict[str, Any]


def database(settings: Settings, version: str | None = None) -> Path:
    """The published database file, or that of another release on disk.

    Raises:
        LookupError: nothing is published yet, or there is no release of this version.
    """
    if version is not None:
        on_disk = {release.version: release.folder for release in releases(settings)}
        if version not in on_disk:
            msg = f"no release {version} under {settings.home}; on disk are {', '.join(on_disk) or 'none'}"
            raise LookupError(msg)
        return on_disk[version] / DATABASE_FILE
    path = settings.published / DATABASE_FILE
    if not path.exists():
        msg = f"nothing is published under {settings.home} yet: run `make warehouse` or `ree build`"
        raise LookupError(msg)
    return path


def releases(settings: Settings) -> list[Release]:
    """Every release that was published and is on disk, each after its predecessor."""
    on_disk = _on_disk(settings)
    versions: list[str] = []
    for version in _published_versions(settings):
        versions += [past for past in reversed(_chain(on_disk, version)) if past not in versions]
    return [on_disk[version] for version in versions]


def current_release(settings: Settings) -> Release | None:
    """The release that readers see; None if nothing is published."""
    return next((release for release in _on_disk(settings).values() if release.is_current), None)


def lineage(settings: Settings, release: Release | None = None) -> list[Release]:
    """A release, by default the current one, and its predecessors on disk, nearest first."""
    listed = releases(settings)
    found: list[Release] = []
    release = release or next((release for release in listed if release.is_current), None)
    while release is not None and release not in found:
        found.append(release)
        release = predecessor(listed, release)
    return found


def predecessor(listed: list[Release], release: Release) -> Release | None:
    """Of the releases on disk, the one that was current when this one was published; None if there is none.

    If the release itself cannot say, it is the one before it in the list.
    """
    if release.about:
        return next((r for r in listed if r.version == release.about["previous_version"]), None)
    position = next((index for index, r in enumerate(listed) if r.version == release.version), 0)
    return listed[position - 1] if position else None


def orphans(settings: Settings) -> list[Path]:
    """Folders with the name of a version that were never current: a build was killed before it published them."""
    published = {release.version for release in releases(settings)}
    return [
        folder
        for folder in sorted(settings.releases.glob("*"))
        if folder.name not in published and _VERSION.fullmatch(folder.name) and _is_folder(folder)
    ]


def versions_of_day(settings: Settings, day: str) -> list[int]:
    """The numbers that versions of a day have, on disk or in the history: [1, 2] on `2026.11.24`."""
    names = {*_history(settings), *(folder.name for folder in settings.releases.glob("*") if _is_folder(folder))}
    return sorted(int(name.rpartition(".")[2]) for name in names if name.rpartition(".")[0] == day)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _on_disk(settings: Settings) -> dict[str, Release]:
    """Every folder of `releases/`, published or not, by its name."""
    current = settings.published.resolve() if settings.published.is_symlink() else None
    return {
        folder.name: Release(folder.name, folder, folder.resolve() == current, _read_about(folder))
        for folder in sorted(settings.releases.glob("*"))
        if _is_folder(folder)
    }


def _read_about(folder: Path) -> dict[str, Any]:
    """The row of `meta.release`, read from Parquet, which no reader of the database can lock."""
    try:
        with duckdb.connect() as con:
            con.execute("set timezone = 'UTC'")
            cursor = con.execute(f"from {read_parquet(folder / 'parquet' / 'meta' / 'release.parquet')}")
            names = [column[0] for column in cursor.description or ()]
            return dict(zip(names, cursor.fetchall()[0], strict=True))
    except (duckdb.Error, IndexError):
        return {}


def _chain(on_disk: Mapping[str, Release], version: str | None) -> list[str]:
    """A version and its predecessors as far as they are on disk, nearest first."""
    chain: list[str] = []
    while version is not None and version in on_disk and version not in chain:
        chain.append(version)
        version = on_disk[version].about.get("previous_version")
    return chain


def _history_file(settings: Settings) -> Path:
    return settings.releases / "history.json"


def _history(settings: Settings) -> list[str]:
    """Every version that was ever current, in the order of their publication, as far as recorded."""
    try:
        return [str(version) for version in json.loads(_history_file(settings).read_bytes())]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def _published_versions(settings: Settings) -> list[str]:
    """The recorded history; the current release is in it even if a kill came before the record."""
    current = settings.published.resolve().name if settings.published.is_symlink() else None
    history = _history(settings)
    return history if current is None or current in history else [*history, current]


def resources(folder: Path) -> dict[str, Mapping[str, Any]]:
    """The files that a release's data package describes, by path: `{"parquet/core/dim_area.parquet": {"hash": …}}`.

    Raises:
        OSError: there is no data package, or it cannot be read.
        ValueError, KeyError, TypeError: the file is no data package.
    """
    return {file["path"]: file for file in json.loads((folder / PACKAGE_FILE).read_bytes())["resources"]}


def damage(settings: Settings, release: Release) -> str | None:
    """What differs between a release's files and the hashes of its data package; None if nothing does.

    Every byte is read (18 MB in 0.1 s), once a process. A file beside them counts too: DuckDB would apply a write-ahead
    log on opening. Hidden files, such as `.DS_Store`, do not.
    """
    try:
        listed = {path: file["hash"] for path, file in resources(release.folder).items()}
        problems = list(_problems(release.folder, listed))
    except (ValueError, KeyError, TypeError):
        problems = [f"{PACKAGE_FILE} is not a data package"]
    except OSError as error:
        problems = [f"{error.filename} cannot be read: {error.strerror}"]
    if not problems:
        return None
    more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return f"{release.folder.relative_to(settings.home)}: {'; '.join(problems[:_SHOWN])}{more}"


def _problems(folder: Path, listed: Mapping[str, str]) -> Iterator[str]:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(listed):
        if name not in found:
            yield f"{name} is missing"
        elif listed[name] != f"sha256:{file_sha256(folder / name)}":
            yield f"{name} was changed since publication"
    for name in sorted(found - listed.keys() - {PACKAGE_FILE}):
        if not Path(name).name.startswith("."):
            yield f"{name} was added since publication"


def last_intact(settings: Settings) -> Release | None:
    """The current release, or the nearest predecessor of it whose files are as published."""
    return next((release for release in lineage(settings) if damage(settings, release) is None), None)


def remedy(settings: Settings) -> str:
    """What to do about a damaged current release, with the version that can be rolled back to."""
    intact = last_intact(settings)
    back = f", or go back to an intact one with `ree rollback {intact.version}`" if intact else ""
    return f"Publish a fresh release with `ree build`{back}."


def swap_in(settings: Settings, about: dict[str, Any]) -> Release:
    """Flush the candidate to disk, move it to `releases/<version>` and make it the current release.

    `about` is the row of `meta.release`. The files become read-only, because DuckDB and BI tools open a database for
    writing unless told otherwise. The folders stay writable, so that a home can be removed with `rm`.
    """
    for path in settings.candidate.rglob("*"):
        if path.is_file():
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
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
    """Replace the link `published` in one rename, and record what was current before and is now."""
    _record(settings, _published_versions(settings))
    link = settings.home / f".published.{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.relative_to(settings.home))
    link.replace(settings.published)
    sync_folder(settings.home)
    _record(settings, _published_versions(settings))


def _record(settings: Settings, versions: list[str]) -> None:
    if versions != _history(settings):
        write_durably(_history_file(settings), json.dumps(versions, indent=1).encode())


def roll_back(settings: Settings, to: str | None = None) -> Release:
    """Point readers to an earlier release: the predecessor of the current one, or the version named.

    Raises:
        LookupError: there is no such release on disk.
        DamagedError: it is not what was published; nothing was changed.
    """
    listed, current = releases(settings), current_release(settings)
    if to is not None:
        chosen = next((release for release in listed if release.version == to), None)
    else:
        chosen = predecessor(listed, current) if current else None
    if chosen is None:
        msg = f"no release {to or 'before the current one'}; on disk are {[release.version for release in listed]}"
        raise LookupError(msg)
    if harm := damage(settings, chosen):
        intact = [release.version for release in listed if damage(settings, release) is None]
        msg = (
            f"release {chosen.version} is damaged, so nothing was changed. {harm}. Intact are"
            f" {', '.join(intact) or 'none: publish a fresh release with `ree build`'}."
        )
        raise DamagedError(msg)
    _point_to(settings, chosen.folder)
    log.info("release %s is current again", chosen.version)
    return chosen


def prune(settings: Settings) -> None:
    """Delete orphans, and releases beyond `keep_releases`: the current one and its predecessors are kept first."""
    for folder in orphans(settings):
        log.info("%s was never published, since its build was interrupted: deleted", folder.name)
        shutil.rmtree(folder)
    nearest = [release.version for release in lineage(settings)]
    others = [release.version for release in reversed(releases(settings)) if release.version not in nearest]
    for version in [*nearest, *others][settings.keep_releases :]:
        shutil.rmtree(settings.releases / version)
