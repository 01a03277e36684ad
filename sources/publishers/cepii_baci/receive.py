"""Identify an archive or a yearly file of BACI that a person downloaded: revision, year and release by their names."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact, LayoutError, artifact_of_file
from sources.model.paths import project_path
from sources.model.products import HS_CODES
from sources.publishers.cepii_baci.fetch.statements import fields_of, kept_columns, limits_of, released_on
from sources.publishers.cepii_baci.fetch.years import MEMBER, Kept, keep_lines, keep_years, members_by_year, normal
from sources.reading.archives import list_members

_HERE = Path(__file__).parent
_ZIP = b"PK"
_NO_LAST_YEAR = 9999
_COPY = re.compile(r" ?\(\d+\)(?=\.)")
"""What a browser puts into the name of a second download."""


def receive(path: Path, received_on: date, folder: Path) -> tuple[Artifact, ...]:
    """Say what a dropped file is: one statement a year, of the followed codes, as a fetch run extracts them.

    A zip says revision, year and release by its members; a yearly file by its name, as CEPII names it.

    Raises:
        LayoutError: no yearly file, a revision that is not followed, or other columns.
        TruncatedError: a file that ends early, or holds none of the codes.
        ArchiveError: a zip that is damaged or beyond the limits of `source.toml`.
    """
    about = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))
    live = about["live"]
    with path.open("rb") as file:
        is_zip = file.read(len(_ZIP)) == _ZIP
        file.seek(0)
        original = hashlib.file_digest(file, "sha256").hexdigest()
    if is_zip:
        first = next((found for member in list_members(path) if (found := MEMBER.search(member.name))), None)
        archive, release, _ = _archive_of(path, first, live)
        years = _years_of(archive)
        members = members_by_year(path, archive["revision"], release)
        members = {year: name for year, name in members.items() if year in years}
        kept = list(keep_years(path, members, folder, *kept_columns(), HS_CODES, limits_of(live)))
    else:
        archive, release, found = _archive_of(path, MEMBER.search(_COPY.sub("", path.name)), live)
        kept = [_yearly(path, found, folder)] if int(found["year"]) in _years_of(archive) else []
    if not kept:
        raise LayoutError(path.name, "holds no year that is followed.", f"look at `archives` in {_settings()}.")
    known = released_on(release, received_on)
    return tuple(
        artifact_of_file(
            year.path,
            source_code=about["code"],
            url=about["url"],
            original_sha256=original,
            **fields_of(year, archive["revision"], release, known),
        )
        for year in kept
    )


def _archive_of(
    path: Path, found: re.Match[str] | None, live: Mapping[str, Any]
) -> tuple[Mapping[str, Any], str, re.Match[str]]:
    """The followed archive that a yearly file's name is of, its release, and the name in its parts."""
    if found is None:
        raise LayoutError(
            path.name,
            "holds and is named after no BACI_HS<revision>_Y<year>_V<release>.csv.",
            "drop the zip as CEPII has it, or one yearly file of it under its own name.",
        )
    revision = found["revision"].upper()
    archive = next((archive for archive in live["archives"] if archive["revision"] == revision), None)
    if archive is None:
        followed = ", ".join(archive["revision"] for archive in live["archives"])
        raise LayoutError(
            path.name,
            f"is of the revision {revision}; followed are {followed}, and no year may be in two revisions.",
            f"drop one of {followed}, or add the revision and its years to `archives` in {_settings()}.",
        )
    return archive, normal(found["release"]), found


def _years_of(archive: Mapping[str, Any]) -> range:
    return range(archive["first_year"], archive.get("last_year", _NO_LAST_YEAR) + 1)


def _yearly(path: Path, found: re.Match[str], folder: Path) -> Kept:
    """The followed codes of one yearly file, under CEPII's own name: a browser may have added to it."""
    target = folder / found[0]
    with path.open("rb") as lines, target.open("wb") as file:
        records, kept = keep_lines(path.name, lines, file, *kept_columns(), HS_CODES)
    return Kept(int(found["year"]), target, records, kept)


def _settings() -> str:
    return project_path(_HERE / "source.toml")
