"""Tables of the Mineral Commodity Summaries: the rare-earth world table, and the salient statistics of its chapters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sources.publishers.usgs_mcs.partition import ChapterPartition, Partition
from sources.snapshot.build.snapshot_file import SnapshotFile, records, table
from sources.snapshot.build.usgs_mcs_chapters import build_chapters

_LIBRARY_2022 = "public repository Redliana/cmm-data @ 99a987b1"
_LIBRARY_2025 = "public repository manuali-luciana/critical-minerals-replication @ 4739c5ee"
_LIBRARY_RECORDS = "public repository therealjameswilson/critical-minerals-records-stage-v3 @ a67e3d42"
_NEEDED_WORDS = re.compile(
    r"Estimated in \d{4} also\.|Production quota|Estimated based on reported import data for China"
    r"|^Estimated(?:\.| from)|^Reported\.|^NA$|^Free on board(?: China)?|^Ex-works China|^Includes Hong Kong\."
)
_OTHER_CHAPTERS = ("RARE EARTHS (Heavy)", "SCANDIUM", "THORIUM", "YTTRIUM")
_WORLD = "World Mine Production and Reserves"


def _needed_words(note: str) -> str:
    found = [match.group(0) for part in note.split(" -- ") for match in _NEEDED_WORDS.finditer(part.strip())]
    return " -- ".join(found)


@dataclass(frozen=True, slots=True)
class _Edition:
    """One edition's data release: its version in hand, and the day from which it was known."""

    release: str
    known_from: str
    known_basis: str
    why: str
    taken_from: str
    doi: str


_EDITIONS = {
    2022: _Edition("1.0", "2022-01-31", "assumed",
        "the summaries appear at the end of January; the day is not in the files", _LIBRARY_2022, "10.5066/P9KKMCP4"),
    2023: _Edition("1.0", "2023-01-26", "stated", "date of the metadata record", _LIBRARY_2022, "10.5066/P9WCYUI6"),
    2024: _Edition("2.0", "2024-01-31", "assumed", "the edition is of 31 January 2024, the table's metadata record of"
        " 26 January; the file in hand is version 2.0 of March 2024, assumed to say the same", _LIBRARY_2022,
        "10.5066/P144BA54"),
    2025: _Edition("2.0", "2025-02-28", "assumed", "the chapter, footed January 2025, has the same figures in a file"
        " made on 25 February 2025; the file in hand is version 2.0 of April 2025", _LIBRARY_2025, "10.5066/P13XCP3R"),
    2026: _Edition("1.0", "2026-02-06", "stated", "first posted 6 February 2026", _LIBRARY_RECORDS, "10.5066/P1WKQ63T"),
}  # fmt: skip

Record = dict[str, str]


def _of_2026(record: Record) -> bool:
    if record["Section"] == _WORLD:
        return record["MCS chapter"] == "RARE EARTHS"
    return record["MCS chapter"] in {"RARE EARTHS", *_OTHER_CHAPTERS}


_WORLD_FILES: tuple[tuple[int, str, str, str, Callable[[Record], bool], tuple[str, ...]], ...] = (
    # edition, file, encoding, line end, records kept, note columns
    (2022, "mcs2022-raree_world.csv", "utf-8-sig", "\r\n", lambda _: True, ()),
    (2023, "mcs2023-raree_world.csv", "utf-8-sig", "\r\n", lambda _: True, ("Prod_notes", "Reserves_notes")),
    (2024, "mcs2024-raree_world.csv", "utf-8-sig", "\r\n", lambda _: True, ("Prod_notes", "Reserves_notes")),
    (2025, "MCS2025_World_Data.csv", "utf-8-sig", "\n", lambda record: record["COMMODITY"].strip() == "Rare earths",
     ("PROD_NOTES", "RESERVE_NOTES")),
    (2026, "MCS2026_Commodities_Data.csv", "cp1252", "\r\n", _of_2026, ("Notes", "Other notes")),
)  # fmt: skip
_SALIENT_FILES = (
    (2022, "rare_earths", "mcs2022-raree_salient.csv"),
    (2023, "rare_earths", "mcs2023-raree_salient.csv"),
    (2023, "scandium", "mcs2023-scandi_salient.csv"),
    (2023, "thorium", "mcs2023-thori_salient.csv"),
    (2023, "yttrium", "mcs2023-yttri_salient.csv"),
    (2024, "rare_earths", "mcs2024-raree_salient.csv"),
    (2024, "scandium", "mcs2024-scand_salient.csv"),
    (2024, "thorium", "mcs2024-thori_salient.csv"),
    (2024, "yttrium", "mcs2024-yttri_salient.csv"),
)


def build(folder: Path) -> Iterator[SnapshotFile]:
    """Each edition's tables, in their own columns and encoding; last those of printed chapters."""
    for year, name, encoding, line_end, is_kept, notes in _WORLD_FILES:
        original = folder / "usgs" / f"mcs{year}" / name
        header, *body = records(original, encoding)
        kept = [row for row in body if any(row) and is_kept(dict(zip(header, row, strict=True)))]
        for row in kept:
            for column in notes:
                row[header.index(column)] = _needed_words(row[header.index(column)])
        how = "the rare-earth rows of the world table; of the notes only the words that set status or basis"
        if year == 2026:
            how = (
                "the rare-earth rows of the world table, and the salient statistics and import sources of the chapters"
                " on rare earths, heavy rare earths, scandium, thorium and yttrium; of the notes only the words that"
                " set status, basis or terms"
            )
        about = {"layout": f"mcs{year}", "partition": str(Partition(year)), "how": how}
        yield _file(name, table([header, *kept], encoding, line_end), original, year, about)
    for year, chapter, name in _SALIENT_FILES:
        original = folder / "usgs" / f"mcs{year}" / name
        data = table(records(original), "utf-8-sig", "\r\n")
        about = {
            "layout": "salient",
            "partition": str(ChapterPartition(year, chapter)),
            "how": "every record of the salient statistics",
        }
        yield _file(name, data, original, year, about)
    yield from build_chapters(folder)


def _file(name: str, data: bytes, original: Path, year: int, about: dict[str, str]) -> SnapshotFile:
    edition = _EDITIONS[year]
    row = {
        "source_code": "usgs_mcs",
        "year": str(year),
        "edition": f"MCS {year}",
        "release": edition.release,
        "known_from": edition.known_from,
        "known_basis": edition.known_basis,
        "known_from_note": edition.why,
        "transcription": "extract",
        "url": f"https://doi.org/{edition.doi}",
        "taken_from": edition.taken_from,
    }
    return SnapshotFile(file=f"usgs_mcs/{name}", data=data, original=original, row=row | about)
