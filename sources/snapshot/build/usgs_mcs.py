"""The rare-earth world table of each edition of the Mineral Commodity Summaries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sources.publishers.usgs_mcs.partition import Partition
from sources.snapshot.build.snapshot_file import SnapshotFile, records, table
from sources.snapshot.build.usgs_mcs_chapters import build_chapters

_LIBRARY_2022 = "public repository Redliana/cmm-data @ 99a987b1"
_LIBRARY_2025 = "public repository manuali-luciana/critical-minerals-replication @ 4739c5ee"
_LIBRARY_RECORDS = "public repository therealjameswilson/critical-minerals-records-stage-v3 @ a67e3d42"
_NEEDED_WORDS = re.compile(
    r"Estimated in \d{4} also\.|Production quota|Estimated based on reported import data for China"
    r"|^Estimated\.|^Reported\.|^NA$"
)


def _needed_words(note: str) -> str:
    found = [match.group(0) for part in note.split(" -- ") for match in _NEEDED_WORDS.finditer(part.strip())]
    return " -- ".join(found)


_USGS: tuple[tuple[Any, ...], ...] = (
    # edition, file, encoding, line end, keep, note columns, release, known from, note on the day, repository, DOI
    ("2022", "mcs2022-raree_world.csv", "utf-8-sig", "\r\n", {}, (), "1.0", "2022-01-31", "assumed",
     "the summaries appear at the end of January; the day is not in the files", _LIBRARY_2022, "10.5066/P9KKMCP4"),
    ("2023", "mcs2023-raree_world.csv", "utf-8-sig", "\r\n", {}, ("Prod_notes", "Reserves_notes"), "1.0", "2023-01-26",
     "stated", "date of the metadata record", _LIBRARY_2022, "10.5066/P9WCYUI6"),
    ("2024", "mcs2024-raree_world.csv", "utf-8-sig", "\r\n", {}, ("Prod_notes", "Reserves_notes"), "2.0", "2024-01-31",
     "assumed", "the edition is of 31 January 2024, the table's metadata record of 26 January; the file in hand is"
     " version 2.0 of March 2024, assumed to say the same", _LIBRARY_2022, "10.5066/P144BA54"),
    ("2025", "MCS2025_World_Data.csv", "utf-8-sig", "\n", {"COMMODITY": "Rare earths"}, ("PROD_NOTES", "RESERVE_NOTES"),
     "2.0", "2025-02-28", "assumed", "the chapter, footed January 2025, has the same figures in a file made on 25"
     " February 2025; the file in hand is version 2.0 of April 2025", _LIBRARY_2025, "10.5066/P13XCP3R"),
    ("2026", "MCS2026_Commodities_Data.csv", "cp1252", "\r\n",
     {"MCS chapter": "RARE EARTHS", "Section": "World Mine Production and Reserves"}, ("Notes", "Other notes"), "1.0",
     "2026-02-06", "stated", "first posted 6 February 2026", _LIBRARY_RECORDS, "10.5066/P1WKQ63T"),
)  # fmt: skip


def build(folder: Path) -> Iterator[SnapshotFile]:
    """The rare-earth world table of each edition, in its own columns and encoding; last those of printed chapters."""
    for year, name, encoding, line_end, keep, notes, release, known, basis, why, taken, doi in _USGS:
        original = folder / "usgs" / f"mcs{year}" / name
        header, *body = records(original, encoding)
        kept = [row for row in body if any(row) and all(row[header.index(c)].strip() == v for c, v in keep.items())]
        for row in kept:
            for column in notes:
                row[header.index(column)] = _needed_words(row[header.index(column)])
        yield SnapshotFile(
            file=f"usgs_mcs/{name}",
            data=table([header, *kept], encoding, line_end),
            original=original,
            row={
                "source_code": "usgs_mcs",
                "layout": f"mcs{year}",
                "partition": str(Partition(int(year))),
                "year": year,
                "edition": f"MCS {year}",
                "release": release,
                "known_from": known,
                "known_basis": basis,
                "known_from_note": why,
                "transcription": "extract",
                "how": "the rare-earth rows of the world table; of the notes only the words that set status or basis",
                "url": f"https://doi.org/{doi}",
                "taken_from": taken,
            },
        )
    yield from build_chapters(folder)
