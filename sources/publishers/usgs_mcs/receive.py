"""Identify a world table that a person downloaded from ScienceBase: edition, day of upload and version by its name."""

from __future__ import annotations

import hashlib
import re
import tomllib
from datetime import date
from pathlib import Path

from sources.model.artifact import Artifact, LayoutError
from sources.publishers.usgs_mcs.editions import layout_for
from sources.publishers.usgs_mcs.partition import Partition

_HERE = Path(__file__).parent
_EDITION = re.compile(r"mcs[-_ ]?(20\d\d)", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)(20\d\d-[01]\d-[0-3]\d)(?!\d)")
_VERSION = re.compile(r"(?<![a-z])v(?:er)?[-_ .]?(\d+\.\d+)", re.IGNORECASE)
_EXAMPLE = "MCS2026_Commodities_Data_2026-02-06.csv"


def receive(path: Path, received_on: date) -> Artifact:  # noqa: ARG001 - the day of receipt says nothing of the upload
    """Say what a dropped file is: the world table of one edition, known from the day it was uploaded.

    `MCS2026_Commodities_Data_2026-02-06_v1.0.csv` is edition 2026, uploaded on 6 February 2026, release 1.0; without a
    version it is `as uploaded 2026-02-06`, as a fetch run names it. The day is required: a table uploaded before a
    later correction must not supersede it.

    Raises:
        LayoutError: a zip, or a name without the edition or the day.
    """
    data = path.read_bytes()
    if data.startswith(b"PK\x03\x04"):
        raise LayoutError(path.name, "is a zip.", "unpack it and drop the CSV of the world table that it holds.")
    edition, day = _EDITION.search(path.name), _day_of(path.name)
    if edition is None or day is None:
        lacks = "the edition" if edition is None else "the day on which it was uploaded"
        raise LayoutError(
            path.name,
            f"its name does not say {lacks}.",
            f"rename it like {_EXAMPLE}, with the day that ScienceBase shows beside the file, and drop it again.",
        )
    year, version = int(edition[1]), _VERSION.search(path.stem)
    about = tomllib.loads((_HERE / "source.toml").read_text(encoding="utf-8"))
    return Artifact(
        source_code=about["code"],
        name=path.name,
        layout=layout_for(year, data),
        partition=str(Partition(year)),
        year=year,
        edition=f"MCS {year}",
        release=version[1] if version else f"as uploaded {day}",
        known_from=day,
        known_basis="stated",
        transcription="original",
        url=about["url"],
        sha256=hashlib.sha256(data).hexdigest(),
        original_sha256=None,
        path=path,
    )


def _day_of(name: str) -> date | None:
    found = _DAY.search(name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
