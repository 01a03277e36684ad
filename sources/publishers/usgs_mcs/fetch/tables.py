"""From a file of an item to an edition's landed table: download, unpacking, layout, and the name of its release."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sources.http.errors import RETRIED_NEXT_RUN, FetchError, MissingError, NotAllowedError, RetryableError
from sources.http.fetcher import FetchContext
from sources.http.response import Body
from sources.model.artifact import Artifact, KnownBasis
from sources.publishers.usgs_mcs.editions import layout_for
from sources.publishers.usgs_mcs.fetch.items import signed_address, uploaded_on
from sources.publishers.usgs_mcs.partition import Partition
from sources.reading.archives import DamagedArchiveError, copy_member, list_members

Found = dict[str, Any]
_VERSION = re.compile(r"\bver(?:sion|\.)?\s*(\d+(?:\.\d+)*)", re.IGNORECASE)
_POSTED = re.compile(
    r"(?:first posted|revised and reposted)[^\n]*?([A-Z][a-z]+ \d{1,2}, \d{4})(?:[^\n]*?version\s+(\d+(?:\.\d+)*))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Table:
    """A world table: the file it is or was packed in, and how many files were opened to find it."""

    file: Found
    depth: int
    body: Body
    path: Path
    name: str
    is_unpacked: bool


def first_table(context: FetchContext, files: list[Found]) -> Table | None:
    """The first of the files that is the table, or a zip that holds it.

    Raises:
        FetchError: a file that does not come as announced.
        ArchiveError: a zip that is not opened.
    """
    for depth, file in enumerate(files, 1):
        is_zip = file["name"].lower().endswith(".zip")
        body = download(context, file, is_zip=is_zip)
        if not is_zip:
            return Table(file, depth, body, path_of(body), file["name"], is_unpacked=False)
        member = unpacked_table(path_of(body), context.folder, context.about["live"])
        if member is not None:
            return Table(file, depth, body, member, member.name, is_unpacked=True)
    return None


def state_of(files: list[Found]) -> str:
    """A hash that changes when any of these files is changed, moved or uploaded again."""
    seen = [[file[name] for name in ("item", "name", "size", "md5", "uploaded")] for file in files]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()


def artifact_of(
    context: FetchContext, year: int, entry: Found, table: Table, before: Mapping[str, str]
) -> tuple[Artifact, dict[str, str]]:
    """The artifact of a table and its cursor; `before` is the cursor of the last run.

    The day it was uploaded is the day it was known. A file put in another's place without a later day is known from
    today, and its release gets a name of its own.
    """
    uploaded = uploaded_on(table.file)
    md5 = str(table.file["md5"] or table.body.sha256)
    known, basis = known_since(context, uploaded, md5, before)
    version = version_of(context, entry, uploaded)
    release = release_of(context, version, uploaded, md5, before)
    artifact = context.artifact(
        table.path,
        name=table.name,
        layout=layout_for(year, table.path.read_bytes()),
        partition=str(Partition(year)),
        year=year,
        edition=f"MCS {year}",
        release=release,
        known_from=known,
        known_basis=basis,
        url=table.body.url,
        original_sha256=table.body.sha256 if table.is_unpacked else None,
    )
    files = entry["files"][: table.depth]
    return artifact, {
        "md5": md5,
        "uploaded": table.file["uploaded"],
        "item": table.file["item"],
        "file": table.file["name"],
        "depth": str(table.depth),
        "state": state_of(files),
        "version": version or release,
        "known_from": known.isoformat(),
    }


def known_since(
    context: FetchContext, uploaded: date | None, md5: str, before: Mapping[str, str]
) -> tuple[date, KnownBasis]:
    """The day a file was known: when it was uploaded, or today where that is unknown or not later than before."""
    if uploaded is None or uploaded > context.today:
        return context.today, "assumed"
    if before and before["md5"] != md5 and uploaded.isoformat() <= before["known_from"]:
        return context.today, "assumed"
    return uploaded, "release_feed"


def release_of(context: FetchContext, version: str, uploaded: date | None, md5: str, before: Mapping[str, str]) -> str:
    """The name of a release: its version, or the day of upload; with the hash where other bytes had that name."""
    release = version or (f"as uploaded {uploaded}" if uploaded else f"as fetched {context.today}")
    if before and before["md5"] != md5 and before["version"] == release:
        return f"{release}, uploaded {uploaded or context.today}, {md5[:8]}"
    return release


def download(context: FetchContext, file: Found, *, is_zip: bool) -> Body:
    """One file of an item, compared with the size and the MD5 that the item gives.

    Raises:
        FetchError: a file that does not come as announced.
    """

    def validate(body: Body) -> None:
        if not is_zip:
            return
        try:
            list_members(path_of(body))
        except DamagedArchiveError as error:
            raise RetryableError(body.url, f"is a damaged zip ({error}).", RETRIED_NEXT_RUN) from error

    return context.http.get(
        _address_of(context, file),
        expect="zip" if is_zip else "csv",
        size=file["size"],
        md5=file["md5"] or None,
        check=validate,
    )


def _address_of(context: FetchContext, file: Found) -> str:
    """The address of a file, signed where the item gives signed links only.

    On the publisher's own host it is relative to the base address, which may be a mirror.
    """
    address = signed_address(context, file) if file["is_signed"] else str(file["address"])
    split, own = urlsplit(address), urlsplit(context.about["live"]["base_url"])
    if split.netloc and split.netloc == own.netloc:
        return (split.path + (f"?{split.query}" if split.query else "")).lstrip("/")
    return address


def unpacked_table(zip_path: Path, folder: Path, live: Mapping[str, Any]) -> Path | None:
    """The member of a zip that is the world table, written to `folder` under its own last name; None where none is.

    Raises:
        ArchiveError: the zip is damaged, or the member is beyond the limits of `live`.
    """
    found = (unpacked_member(zip_path, folder, pattern, live) for pattern in live["tables"])
    return next((path for path in found if path is not None), None)


def unpacked_member(zip_path: Path, folder: Path, pattern: str, live: Mapping[str, Any]) -> Path | None:
    """The member of a zip whose name matches, written to `folder` under its own last name; None where none does.

    Raises:
        ArchiveError: the zip is damaged, or the member is beyond the limits of `live`.
    """
    members = list_members(zip_path, pattern)
    if not members:
        return None
    target = folder / f"{zip_path.name}-member"
    target.mkdir(exist_ok=True)
    name = re.sub(r"[^\w.-]", "_", members[0].name.replace("\\", "/").rsplit("/", 1)[-1])
    limits = {"max_bytes": live["max_unpacked"], "max_ratio": live["max_ratio"]}
    copy_member(zip_path, pattern, target / name, **limits)
    return target / name


def version_of(context: FetchContext, entry: Found, uploaded: date | None) -> str:
    """The version that was the newest when the file was uploaded, by the item's list of versions or its title."""
    if entry.get("history") and uploaded:
        try:
            text = context.http.get(_address_of(context, entry["history"])).text()
        except (MissingError, NotAllowedError):
            text = ""
        posted = [(_day(match[1]), match[2] or "1.0") for match in _POSTED.finditer(text)]
        before = [(day, version) for day, version in posted if day and day <= uploaded]
        if before:
            return max(before)[1]
    titles = " ".join(item["title"] for item in entry["items"])
    found = _VERSION.search(titles)
    return found[1] if found else ""


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%B %d, %Y").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def path_of(body: Body) -> Path:
    """Where a body was saved.

    Raises:
        FetchError: it has no bytes.
    """
    if body.path is None:
        raise FetchError(body.url, "has no body.", RETRIED_NEXT_RUN)
    return body.path
