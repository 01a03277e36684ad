"""Fetch the salient statistics of an edition, where each chapter's are a file of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sources.http.fetcher import FetchContext, FetchResult, Task
from sources.model.artifact import Artifact
from sources.publishers.usgs_mcs.fetch.items import uploaded_on
from sources.publishers.usgs_mcs.fetch.tables import (
    download,
    known_since,
    path_of,
    release_of,
    state_of,
    unpacked_member,
    version_of,
)
from sources.publishers.usgs_mcs.partition import ChapterPartition

Found = dict[str, Any]
SUFFIX = " salient"
LAYOUT = "salient"


def due(context: FetchContext, year: int, entry: Found) -> list[Task]:
    """The task of an edition's salient statistics, where it has files of them that are new or changed; else none.

    They are of the five years before the edition's own.
    """
    key = f"MCS {year}{SUFFIX}"
    first, last = date(year - 5, 1, 1), date(year, 12, 31)
    previous, files = context.states.get(key), entry["salient"]
    if not files or not context.window.touches(first, last):
        return []
    if previous is not None and previous.cursor["state"] == state_of(files):
        return []
    why = "never fetched" if previous is None else "its files changed since the last run"
    params = {"year": year, "entry": entry}
    return [Task(key=key, first=first, last=last, calls=len(files), records=300, why=why, params=params)]


def fetch_salient(context: FetchContext, year: int, entry: Found, before: Mapping[str, str]) -> FetchResult:
    """Fetch the salient statistics of an edition's chapters: one artifact for each chapter that has a file.

    All are known from the day the newest of the files was uploaded. An edition may have none: files that only may
    hold them are opened to see.

    Raises:
        FetchError: a file that does not come as announced.
        ArchiveError: a zip that is not opened.
    """
    files = entry["salient"]
    state = state_of(files)
    uploaded = max((day for file in files if (day := uploaded_on(file))), default=None)
    known, basis = known_since(context, uploaded, state, before)
    version = version_of(context, entry, uploaded)
    release = release_of(context, version, uploaded, state, before)
    artifacts: dict[str, Artifact] = {}
    for file in files:
        is_zip = file["name"].lower().endswith(".zip")
        body = download(context, file, is_zip=is_zip)
        for chapter, path in chapter_files(path_of(body), file["name"], context.folder, context.about["live"]).items():
            artifacts.setdefault(
                chapter,
                context.artifact(
                    path,
                    name=path.name if is_zip else file["name"],
                    layout=LAYOUT,
                    partition=str(ChapterPartition(year, chapter)),
                    year=year,
                    edition=f"MCS {year}",
                    release=release,
                    known_from=known,
                    known_basis=basis,
                    url=body.url,
                    original_sha256=body.sha256 if is_zip else None,
                ),
            )
    cursor = {"md5": state, "state": state, "version": version or release, "known_from": known.isoformat()}
    found = ", ".join(artifacts) or "none"
    return FetchResult(tuple(artifacts.values()), cursor, f"release {release}, chapters: {found}")


def chapter_files(path: Path, name: str, folder: Path, live: Mapping[str, Any]) -> dict[str, Path]:
    """The salient tables that a file is or, as a zip, holds, by chapter; those of a zip unpacked to `folder`.

    Raises:
        ArchiveError: the zip is damaged, or a member is beyond the limits of `live`.
    """
    if not name.lower().endswith(".zip"):
        return {chapter: path for chapter, pattern in live["salient"].items() if _matches(pattern, name)}
    members = {chapter: unpacked_member(path, folder, pattern, live) for chapter, pattern in live["salient"].items()}
    return {chapter: member for chapter, member in members.items() if member is not None}


def _matches(pattern: str, name: str) -> bool:
    return re.fullmatch(pattern, name, re.IGNORECASE) is not None
