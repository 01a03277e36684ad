"""`release.json` of a release in a place, and `latest.json`, which says which release is the newest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from warehouse.release.place.place import RELEASES, File, Place, PlaceError
from warehouse.release.store import PACKAGE_FILE, Release
from warehouse.settings import DATABASE_FILE

LATEST = "latest.json"
FORMAT = 1
"""Version of the form of `latest.json` and `release.json`. Members may be added within a version."""

_SITE = "site/index.html"
_ADDRESSES = ("site", "database", "views", "changes", "release_notes", "data_package")

Manifest = dict[str, Any]


def folder_of(version: str) -> str:
    """Where a release is in a place: `releases/2026.11.27.1/`."""
    return f"{RELEASES}{version}/"


def manifest(
    release: Release, files: Sequence[File], address: str, summary: str, compared_with: str | None
) -> Manifest:
    """`release.json`: what the release is, and its files with addresses relative to it.

    `files` are all of its files in the place but this one; `address` is what the views read from.
    """
    folder = folder_of(release.version)
    paths = {file.key.removeprefix(folder): file for file in files}
    return {
        "format": FORMAT,
        "name": "rare-earth-warehouse",
        "version": release.version,
        "built_at": release.about["built_at"].isoformat(),
        "as_of_day": str(release.about["as_of_day"]),
        "content_hash": f"sha256:{release.about['content_hash']}",
        "schema_version": release.about["schema_version"],
        "code_version": release.about["code_version"],
        "previous_version": release.about["previous_version"],
        "address": address,
        "summary": summary,
        "compared_with": compared_with,
        "site": _SITE if _SITE in paths else None,
        "database": DATABASE_FILE,
        "views": "views.duckdb",
        "changes": "changes.json",
        "release_notes": "CHANGES.md" if "CHANGES.md" in paths else None,
        "data_package": PACKAGE_FILE,
        "files": [
            {"path": path, "size_bytes": file.size, "sha256": file.sha256} for path, file in sorted(paths.items())
        ],
    }


def latest(newest: Manifest, listed: Sequence[Mapping[str, Any]]) -> Manifest:
    """`latest.json`: the newest release with addresses relative to the place, and the releases listed, newest first."""
    folder = folder_of(newest["version"])
    moved = {name: folder + newest[name] if newest[name] else None for name in _ADDRESSES}
    files = [file | {"path": folder + file["path"]} for file in newest["files"]]
    return newest | moved | {"manifest": f"{folder}release.json", "files": files, "releases": list(listed)}


def entry(of: Manifest) -> Manifest:
    """A release in the list of `latest.json`."""
    names = ("version", "built_at", "content_hash", "schema_version", "summary", "compared_with")
    return {name: of[name] for name in names} | {
        "manifest": f"{folder_of(of['version'])}release.json",
        "site": folder_of(of["version"]) + of["site"] if of["site"] else None,
    }


def write(folder: Path, key: str, content: Manifest) -> File:
    """Write a manifest to a file here, to be put under a key."""
    path = folder / Path(key).name
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return File.of(key, path)


def read(place: Place, key: str) -> Manifest | None:
    """A manifest of a place; None if there is none.

    Raises:
        PlaceError: the place has something else under this key.
    """
    text = place.read(key)
    if text is None:
        return None
    try:
        found: Manifest = json.loads(text)
        if found["name"] == "rare-earth-warehouse" and found["format"] == FORMAT:
            return found
    except (ValueError, KeyError, TypeError):
        pass
    msg = (
        f"{place.address}/{key} was not written by this version of `ree publish`. Move it away, or publish to another"
        " place."
    )
    raise PlaceError(msg)
