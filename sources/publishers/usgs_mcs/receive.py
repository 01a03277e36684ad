"""Identify tables that a person downloaded from ScienceBase: edition, day of upload and version by the file's name."""

from __future__ import annotations

import hashlib
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact, LayoutError, artifact_of_file
from sources.publishers.usgs_mcs.editions import layout_for
from sources.publishers.usgs_mcs.fetch.salient import LAYOUT, chapter_files
from sources.publishers.usgs_mcs.fetch.tables import unpacked_table
from sources.publishers.usgs_mcs.partition import ChapterPartition, Partition

_HERE = Path(__file__).parent
_EDITION = re.compile(r"mcs[-_ ]?(20\d\d)", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)(20\d\d-[01]\d-[0-3]\d)(?!\d)")
_VERSION = re.compile(r"(?<![a-z])v(?:er)?[-_ .]?(\d+\.\d+)", re.IGNORECASE)
_EXAMPLE = "MCS2026_Commodities_Data_2026-02-06.csv"
_ZIP = b"PK"


def receive(path: Path, received_on: date, folder: Path) -> tuple[Artifact, ...]:  # noqa: ARG001 - known when uploaded
    """Say what a dropped file is: tables of one edition, known from the day they were uploaded.

    `MCS2026_Commodities_Data_2026-02-06_v1.0.csv` is edition 2026, uploaded on 6 February 2026, release 1.0; without a
    version it is `as uploaded 2026-02-06`, as a fetch run names it. The day is required: a table uploaded before a
    later correction must not supersede it. A name with a chapter and "salient" is that chapter's salient statistics.
    Of a zip the world table and the salient statistics are taken, as a fetch run takes them; a member's name says the
    edition where the zip's does not.

    Raises:
        LayoutError: a zip without such a table, or a name without the edition or the day.
        ArchiveError: a zip that is damaged, or larger unpacked than the limits of `source.toml`.
    """
    about = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))
    live = about["live"]
    is_zip = _is_zip(path)
    chapters = chapter_files(path, path.name if not is_zip else "dropped.zip", folder, live)
    world = None if chapters and not is_zip else _table_in(path, folder, live, is_needed=not chapters)
    tables = [*([world] if world else []), *chapters.values()]
    year, day, version = _edition_of(path, tables), _day_of(path.name), _VERSION.search(path.stem)
    if year is None or day is None:
        lacks = "the edition" if year is None else "the day on which it was uploaded"
        raise LayoutError(
            path.name,
            f"its name does not say {lacks}.",
            f"rename it like {_EXAMPLE}, with the day that ScienceBase shows beside the file, and drop it again.",
        )
    placed = [(world, layout_for(year, world.read_bytes()), str(Partition(year)))] if world else []
    placed += [(table, LAYOUT, str(ChapterPartition(year, chapter))) for chapter, table in chapters.items()]
    return tuple(
        artifact_of_file(
            table,
            source_code=about["code"],
            name=table.name,
            layout=layout,
            partition=partition,
            year=year,
            edition=f"MCS {year}",
            release=version[1] if version else f"as uploaded {day}",
            known_from=day,
            known_basis="stated",
            url=about["url"],
            original_sha256=hashlib.sha256(path.read_bytes()).hexdigest() if is_zip else None,
        )
        for table, layout, partition in placed
    )


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_ZIP)) == _ZIP


def _table_in(path: Path, folder: Path, live: dict[str, Any], *, is_needed: bool) -> Path | None:
    """The file itself, or the world table unpacked from a zip; None where a zip has none and needs none."""
    if not _is_zip(path):
        return path
    table = unpacked_table(path, folder, live)
    if table is None and is_needed:
        raise LayoutError(
            path.name,
            "is a zip without a world table of rare earths.",
            "drop the zip of world data or of rare earths; if the table was renamed, add its name to `tables` in"
            " source.toml.",
        )
    return table


def _edition_of(path: Path, tables: list[Path]) -> int | None:
    """The edition by the dropped file's name or the tables' own; None where none says it.

    Raises:
        LayoutError: they say two.
    """
    own = {name: int(found[1]) for table in tables if (found := _EDITION.search(name := table.name))}
    of_file = _EDITION.search(path.name)
    named = {*own.values(), *([int(of_file[1])] if of_file else [])}
    if len(named) > 1:
        shown = next((name for name, year in own.items() if of_file is None or year != int(of_file[1])), path.name)
        raise LayoutError(
            path.name, f"is named after one edition and holds {shown}.", "rename it after the edition it is of."
        )
    return named.pop() if named else None


def _day_of(name: str) -> date | None:
    found = _DAY.search(name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
