"""The table of world mine production of each edition of the Minerals Yearbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sources.publishers.usgs_myb.partition import Partition
from sources.snapshot.build.snapshot_file import SnapshotFile
from sources.snapshot.build.workbook import Runs, cells_of, workbook

_LIBRARY_RECORDS = "public repository therealjameswilson/critical-minerals-records-stage-v3 @ a67e3d42"
_NEEDED_WORDS = re.compile(
    r"Estimated\.|Revised\.|Official production quota\.|Rare-earth oxide content of exports\."
    r"|did not disclose monazite production data\.|Includes bastnaesite only\."
)
_EDITIONS: tuple[tuple[str, ...], ...] = (
    # year, file, sheet, known from, note on the day, repository
    ("2022", "myb1-2022-raree-ert.xlsx", "T8", "2025-03-19", "the sheet Note says: Posted March 19, 2025",
     _LIBRARY_RECORDS),
)  # fmt: skip


def _row(place: str) -> int:
    return int(place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def _needed(cells: dict[str, Runs]) -> dict[str, Runs]:
    """The table as it is; of each footnote below its total, the mark and the words that set status or basis."""
    total = next(_row(place) for place, runs in cells.items() if runs[0][0] == "Total")

    def words(runs: Runs) -> Runs:
        kept = [(text if raised else " ".join(_NEEDED_WORDS.findall(text)), raised) for text, raised in runs]
        return [(text, raised) for text, raised in kept if text]

    return {place: words(runs) if _row(place) > total else runs for place, runs in cells.items()}


def build(folder: Path) -> Iterator[SnapshotFile]:
    """The one sheet of the edition's workbook, figures and marks in their own cells."""
    for year, name, sheet, known, why, taken in _EDITIONS:
        original = folder / "usgs" / "myb" / name
        yield SnapshotFile(
            file=f"usgs_myb/{name}",
            data=workbook(sheet, _needed(cells_of(original, sheet))),
            original=original,
            row={
                "source_code": "usgs_myb",
                "layout": f"myb{year}_t8",
                "partition": str(Partition(int(year))),
                "year": year,
                "edition": f"MYB {year}",
                "release": "advance data release",
                "known_from": known,
                "known_basis": "stated",
                "known_from_note": why,
                "transcription": "extract",
                "how": "the sheet of world mine production; of its footnotes only the words that set status or basis",
                "url": "https://www.usgs.gov/centers/national-minerals-information-center/"
                "rare-earths-statistics-and-information",
                "taken_from": taken,
            },
        )
