"""What one year of a release of BACI is as a statement, whether it was fetched or dropped by hand."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sources.model.artifact import KnownBasis
from sources.publishers.cepii_baci.fetch.years import Kept, Limits
from sources.publishers.cepii_baci.partition import Partition
from sources.reading.layouts import declared

_LAYOUT = "baci_csv"
_MONTHS = range(1, 13)


def fields_of(kept: Kept, revision: str, release: str, known: tuple[date, KnownBasis]) -> dict[str, Any]:
    """The fields of the artifact of one year; the caller adds where the bytes came from."""
    known_from, basis = known
    return {
        "name": kept.path.name,
        "layout": _LAYOUT,
        "partition": str(Partition(release, (revision,), (), kept.year, kept.year)),
        "year": kept.year,
        "edition": f"BACI {release}",
        "release": release,
        "known_from": known_from,
        "known_basis": basis,
        "transcription": "extract",
    }


def released_on(release: str, today: date) -> tuple[date, KnownBasis]:
    """The day of a release, which is named by its month: the last day that allows (V202601: 31 January 2026).

    A release corrected later (V202401b) was known when seen, `today`.
    """
    year, month = int(release[1:5]), int(release[5:7])
    if release[7:] or month not in _MONTHS:
        return today, "assumed"
    return min(date(year, month, calendar.monthrange(year, month)[1]), today), "stated"


def kept_columns() -> tuple[Sequence[str], str]:
    """The columns of a yearly file, and the one with the code."""
    layout = next(row for row in declared(Path(__file__).parents[1])["layout"] if row["id"] == _LAYOUT)
    return layout["columns"], layout["code"]


def limits_of(live: Mapping[str, Any]) -> Limits:
    """What one year may unpack to, by `[live]` of `source.toml`."""
    return Limits(live["max_member_bytes"], live["max_ratio"])
