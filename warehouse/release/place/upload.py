"""Brings a release to a place: its files first, what points to the newest release last, each in one write.

`latest.json` is the last write but for the deletion of old releases. A reader who starts from it sees one whole release
at any moment, and a run that was killed is finished by the next one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from warehouse.release import store
from warehouse.release.place import manifest as manifests
from warehouse.release.place.bucket import CONNECTIONS
from warehouse.release.place.changes import base_of, changes, summary
from warehouse.release.place.manifest import LATEST, Manifest, folder_of
from warehouse.release.place.pages import feed, front_page
from warehouse.release.place.place import RELEASES, File, Place, PlaceError
from warehouse.release.place.views import write_views
from warehouse.settings import Settings
from warehouse.storage.literals import read_parquet

_BARRED = "not allowed"
"""How `redistribution` in a publisher's source.toml begins where its terms forbid it."""


@dataclass(slots=True)
class Uploaded:
    """What a run did: files and bytes that it wrote, files that were there already, releases that it deleted."""

    version: str
    written: int = 0
    size: int = 0
    present: int = 0
    deleted: list[str] = field(default_factory=list)


def publish_to(
    place: Place,
    settings: Settings,
    version: str | None = None,
    *,
    address: str = "",
    keep: int | None = None,
    is_private: bool = False,
) -> Uploaded:
    """Bring a release to a place and make it the newest there; nothing is written that is there already.

    Args:
        place: the folder or bucket.
        settings: those of the warehouse.
        version: the release, by default the current one.
        address: where readers find the place, such as `https://data.example.org/ree`; by default the place's own.
        keep: releases that the place lists afterwards; by default all, and nothing is deleted.
        is_private: nobody else can read the place, so that figures may be in it that must not be redistributed.

    Raises:
        PlaceError: a fault that a person can remedy. Readers still see the release before, or this one.
        LookupError: there is no such release.
        DamagedError: the release is not what was published.
    """
    release = _chosen(settings, version)
    if not is_private:
        _require_redistributable(release)
    before = manifests.read(place, LATEST)
    listed: list[Manifest] = before["releases"] if before else []
    run = _Run(place, Uploaded(release.version))
    with tempfile.TemporaryDirectory(prefix="ree-publish-") as scratch:
        newest = run.bring(settings, release, address or place.address, [r["version"] for r in listed], Path(scratch))
        others = [each for each in listed if each["version"] != release.version]
        kept = [manifests.entry(newest), *others][:keep]
        run.point_to(manifests.latest(newest, kept), Path(scratch))
    if keep:
        run.prune([each["version"] for each in kept])
    return run.done


def _chosen(settings: Settings, version: str | None) -> store.Release:
    if version is None:
        found = store.current_release(settings)
        missing = f"nothing is published under {settings.home} yet: run `make warehouse` or `ree build`"
    else:
        on_disk = {release.version: release for release in store.releases(settings)}
        found = on_disk.get(version)
        missing = f"no release {version} under {settings.home}; on disk are {', '.join(on_disk) or 'none'}"
    if found is None:
        raise LookupError(missing)
    if harm := store.damage(settings, found):
        what_to_do = store.remedy(settings) if found.is_current else "Publish another one (`ree releases`)."
        msg = f"release {found.version} is damaged, so it was not published. {harm}. {what_to_do}"
        raise store.DamagedError(msg)
    return found


def _require_redistributable(release: store.Release) -> None:
    """Refuse a release with figures whose publisher's terms forbid redistribution, as the BGS's do."""
    parquet = release.folder / "parquet"
    with duckdb.connect() as con:
        barred = con.execute(
            f"select source_code from {read_parquet(parquet / 'core' / 'dim_source.parquet')} as sources"
            f" where redistribution like '{_BARRED}%' and exists (from"
            f" {read_parquet(parquet / 'meta' / 'loads.parquet')} as loads"
            " where loads.source_code = sources.source_code and loads.rows_loaded > 0) order by all"
        ).fetchall()
    if barred:
        msg = (
            f"release {release.version} holds figures of {', '.join(code for (code,) in barred)}, whose terms do not"
            " allow redistribution. Build a release without them (REE_OWN_FILES), or publish to a place that nobody"
            " else can read, with --private."
        )
        raise PlaceError(msg)


@dataclass(slots=True)
class _Run:
    """One run of `ree publish`: the place, and what was done so far."""

    place: Place
    done: Uploaded

    def bring(
        self, settings: Settings, release: store.Release, address: str, listed: Sequence[str], scratch: Path
    ) -> Manifest:
        """Bring the files of a release; return its `release.json`, which is written last and makes it whole.

        Raises:
            PlaceError: the place has another release of this version.
        """
        folder = folder_of(release.version)
        there = manifests.read(self.place, f"{folder}release.json")
        sizes = self.place.sizes(folder)
        data = _files_of(release, folder)
        if there and not _is_of(there, data[-1]):
            msg = (
                f"{self.place.address} has another release {release.version}, of other files, and a published release"
                " never changes. Publish to another place, or build a release with a new version here."
            )
            raise PlaceError(msg)
        if there and there["address"] == address and _is_whole(there, folder, sizes):
            self.done.present += len(there["files"]) + 1
            return there
        self.place.require_space(sum(file.size for file in data if sizes.get(file.key) != file.size))
        self.write(data, sizes)
        base = base_of(settings, release, listed)
        about = changes(release, base)
        views = scratch / "views.duckdb"
        write_views(views, release.folder, f"{address}/{folder}".rstrip("/"))
        made = [manifests.write(scratch, f"{folder}changes.json", about), File.of(f"{folder}views.duckdb", views)]
        self.write(made, sizes)
        whole = manifests.manifest(release, [*data, *made], address, summary(about), base.version if base else None)
        self.write([manifests.write(scratch, f"{folder}release.json", whole)], sizes)
        return whole

    def point_to(self, latest: Manifest, scratch: Path) -> None:
        """Make a release that is whole the newest: feed and front page, the views, then `latest.json`."""
        pages = {"feed.xml": feed(latest), "index.html": front_page(latest)}
        for key, text in pages.items():
            (scratch / key).write_bytes(text)
            self.write([File.of(key, scratch / key)])
        self.write([self._latest_views(latest, scratch)])
        self.write([manifests.write(scratch, LATEST, latest)])

    def _latest_views(self, latest: Manifest, scratch: Path) -> File:
        """The views of the newest release, read from the place: a second file of the same views has other bytes."""
        listed = next(file for file in latest["files"] if file["path"] == latest["views"])
        path = scratch / "latest.duckdb"
        file = File("latest.duckdb", path, listed["size_bytes"], listed["sha256"])
        if not self.place.has(file):
            path.write_bytes(self.place.read(latest["views"]) or b"")
        return file

    def write(self, files: Sequence[File], sizes: dict[str, int] | None = None) -> None:
        """Write the files that are not there. `sizes` is what the place lists, and saves questions about the others."""

        def one(file: File) -> bool:
            if (sizes is None or sizes.get(file.key) == file.size) and self.place.has(file):
                return False
            self.place.put(file)
            return True

        for file, is_new in zip(files, _together(one, files), strict=True):
            self.done.written += is_new
            self.done.size += file.size * is_new
            self.done.present += not is_new

    def prune(self, kept: Sequence[str]) -> None:
        """Delete the releases that are not listed any more, and what a killed run left of others.

        `release.json` goes first: a release without it is none.
        """
        found: dict[str, list[str]] = {}
        for key in self.place.sizes(RELEASES):
            found.setdefault(key.split("/")[1], []).append(key)
        for version in sorted(found.keys() - set(kept)):
            self.place.delete(sorted(found[version], key=lambda key: (not key.endswith("/release.json"), key)))
            self.done.deleted.append(version)


def _is_of(of: Manifest, package: File) -> bool:
    """Whether a `release.json` is that of a data package, which states the hash of every file."""
    listed = {file["path"]: file["sha256"] for file in of["files"]}
    return listed.get(store.PACKAGE_FILE) == package.sha256


def _is_whole(of: Manifest, folder: str, sizes: dict[str, int]) -> bool:
    return all(sizes.get(folder + file["path"]) == file["size_bytes"] for file in of["files"])


def _files_of(release: store.Release, folder: str) -> list[File]:
    """The files of a release, with the hashes of its data package, which were just compared; the package comes last."""
    listed = [
        File(
            folder + path,
            release.folder / path,
            (release.folder / path).stat().st_size,
            resource["hash"].removeprefix("sha256:"),
        )
        for path, resource in store.resources(release.folder).items()
    ]
    return [*listed, File.of(folder + store.PACKAGE_FILE, release.folder / store.PACKAGE_FILE)]


def _together(one: Callable[[File], bool], files: Sequence[File]) -> list[bool]:
    """Call a function for several files at the same time; after the first failure, no further call begins."""
    with ThreadPoolExecutor(max_workers=CONNECTIONS) as pool:
        return list(pool.map(one, files))
