"""Identify a world table that a person downloaded from ScienceBase: edition, day of upload and version by its name."""

from __future__ import annotations

import hashlib
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from sources.model.artifact import Artifact, LayoutError, artifact_of_file
from sources.publishers.usgs_mcs.editions import layout_for
from sources.publishers.usgs_mcs.fetch.tables import unpacked_table
from sources.publishers.usgs_mcs.partition import Partition

_HERE = Path(__file__).parent
_EDITION = re.compile(r"mcs[-_ ]?(20\d\d)", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)(20\d\d-[01]\d-[0-3]\d)(?!\d)")
_VERSION = re.compile(r"(?<![a-z])v(?:er)?[-_ .]?(\d+\.\d+)", re.IGNORECASE)
_EXAMPLE = "MCS2026_Commodities_Data_2026-02-06.csv"
_ZIP = b"PK"


def receive(path: Path, received_on: date, folder: Path) -> tuple[Artifact, ...]:  # noqa: ARG001 - known when uploaded
    """Say what a dropped file is: the world table of one edition, known from the day it was uploaded.

    `MCS2026_Commodities_Data_2026-02-06_v1.0.csv` is edition 2026, uploaded on 6 February 2026, release 1.0; without a
    version it is `as uploaded 2026-02-06`, as a fetch run names it. The day is required: a table uploaded before a
    later correction must not supersede it. Of a zip the world table is taken, as a fetch run takes it; its member's
    name says the edition where the zip's does not.

    Raises:
        LayoutError: a zip without a world table, or a name without the edition or the day.
        ArchiveError: a zip that is damaged, or larger unpacked than the limits of `source.toml`.
    """
    about = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))
    table = _table_in(path, folder, about["live"])
    year, day, version = _edition_of(path, table), _day_of(path.name), _VERSION.search(path.stem)
    if year is None or day is None:
        lacks = "the edition" if year is None else "the day on which it was uploaded"
        raise LayoutError(
            path.name,
            f"its name does not say {lacks}.",
            f"rename it like {_EXAMPLE}, with the day that ScienceBase shows beside the file, and drop it again.",
        )
    artifact = artifact_of_file(
        table,
        source_code=about["code"],
        name=table.name,
        layout=layout_for(year, table.read_bytes()),
        partition=str(Partition(year)),
        year=year,
        edition=f"MCS {year}",
        release=version[1] if version else f"as uploaded {day}",
        known_from=day,
        known_basis="stated",
        url=about["url"],
        original_sha256=None if table == path else hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    return (artifact,)


def _table_in(path: Path, folder: Path, live: dict[str, Any]) -> Path:
    """The file itself, or the world table unpacked from a zip."""
    with path.open("rb") as file:
        if file.read(len(_ZIP)) != _ZIP:
            return path
    table = unpacked_table(path, folder, live)
    if table is None:
        raise LayoutError(
            path.name,
            "is a zip without a world table of rare earths.",
            "drop the zip of world data or of rare earths; if the table was renamed, add its name to `tables` in"
            " source.toml.",
        )
    return table


def _edition_of(path: Path, table: Path) -> int | None:
    """The edition by the dropped file's name or the table's own; None where neither says it.

    Raises:
        LayoutError: they say two.
    """
    named = {int(found[1]) for name in (path.name, table.name) if (found := _EDITION.search(name))}
    if len(named) > 1:
        raise LayoutError(
            path.name, f"is named after one edition and holds {table.name}.", "rename it after the edition it is of."
        )
    return named.pop() if named else None


def _day_of(name: str) -> date | None:
    found = _DAY.search(name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
