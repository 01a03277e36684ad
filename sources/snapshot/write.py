"""Write the bundled snapshot from a folder of publishers' files: `python -m sources.snapshot.write FOLDER`.

Belongs here: which figures are taken, from which file, how they are re-written, and the provenance of each.
The figures stay as published; prose is left out, and of a note only the words a parser needs are kept. The
folder's own layout is that of the collection the figures were taken from (see docs/snapshot.md).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sources.snapshot import BUNDLED, PROVENANCE_COLUMNS

_TAKEN_ON = "2026-11-23"
_LIBRARY_2022 = "public repository Redliana/cmm-data @ 99a987b1"
_LIBRARY_2025 = "public repository manuali-luciana/critical-minerals-replication @ 4739c5ee"
_LIBRARY_RECORDS = "public repository therealjameswilson/critical-minerals-records-stage-v3 @ a67e3d42"
_LIBRARY_WITS = "public repository semenko-vladimir/china-ree-export-policy @ 47d6354"
_LIBRARY_ATLAS = "public repository moyu-xu/india-china-dependency-atlas-2026 @ 1013a4f"
_LIBRARY_TRACKER = "public repository Vasuki8/india-critical-trade-tracker @ 72837d7"
_NEEDED_WORDS = re.compile(
    r"Estimated in \d{4} also\.|Production quota|Estimated based on reported import data for China"
    r"|^Estimated\.|^Reported\.|^NA$"
)
_DESCRIPTIVE = ("Desc", "ISO", "Abbr")


@dataclass(frozen=True, slots=True)
class Written:
    """One file of the snapshot, and the part of its provenance row that is its own."""

    file: str
    data: bytes
    original: Path
    row: dict[str, str]


def _records(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline="")))


def _table(rows: Iterable[Iterable[str]], encoding: str = "utf-8", line_end: str = "\n") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows(rows)
    return text.getvalue().encode(encoding)


def _needed_words(note: str) -> str:
    found = [match.group(0) for part in note.split(" -- ") for match in _NEEDED_WORDS.finditer(part.strip())]
    return " -- ".join(found)


_USGS: tuple[tuple[Any, ...], ...] = (
    # edition, file, encoding, line end, keep, note columns, release, known from, note on the day, repository, DOI
    ("2022", "mcs2022-raree_world.csv", "utf-8-sig", "\r\n", {}, (), "1.0", "2022-01-31", "assumed",
     "the summaries appear at the end of January; the day is not in the files", _LIBRARY_2022, "10.5066/P9KKMCP4"),
    ("2023", "mcs2023-raree_world.csv", "utf-8-sig", "\r\n", {}, ("Prod_notes", "Reserves_notes"), "1.0", "2023-01-26",
     "stated", "date of the metadata record", _LIBRARY_2022, "10.5066/P9WCYUI6"),
    ("2024", "mcs2024-raree_world.csv", "utf-8-sig", "\r\n", {}, ("Prod_notes", "Reserves_notes"), "2.0", "2024-03-31",
     "stated", "version 2.0 is dated March 2024: the last day that allows", _LIBRARY_2022, "10.5066/P144BA54"),
    ("2025", "MCS2025_World_Data.csv", "utf-8-sig", "\n", {"COMMODITY": "Rare earths"}, ("PROD_NOTES", "RESERVE_NOTES"),
     "2.0", "2025-04-30", "stated", "version 2.0 is dated April 2025: the last day that allows", _LIBRARY_2025,
     "10.5066/P13XCP3R"),
    ("2026", "MCS2026_Commodities_Data.csv", "cp1252", "\r\n",
     {"MCS chapter": "RARE EARTHS", "Section": "World Mine Production and Reserves"}, ("Notes", "Other notes"), "1.0",
     "2026-02-06", "stated", "first posted 6 February 2026", _LIBRARY_RECORDS, "10.5066/P1WKQ63T"),
)  # fmt: skip


def _usgs(folder: Path) -> Iterator[Written]:
    """The rare-earth world table of each edition, in that edition's own columns and encoding."""
    for year, name, encoding, line_end, keep, notes, release, known, basis, why, taken, doi in _USGS:
        original = folder / "usgs" / f"mcs{year}" / name
        header, *body = _records(original, encoding)
        kept = [row for row in body if any(row) and all(row[header.index(c)].strip() == v for c, v in keep.items())]
        for row in kept:
            for column in notes:
                row[header.index(column)] = _needed_words(row[header.index(column)])
        yield Written(
            file=f"usgs_mcs/{name}",
            data=_table([header, *kept], encoding, line_end),
            original=original,
            row={
                "source_code": "usgs_mcs",
                "layout": f"mcs{year}",
                "partition": f"MCS {year}",
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


def _publication_dates(folder: Path) -> dict[int, str]:
    """Year → the latest publication date of China's annual data set, from the publisher's metadata body."""
    body = json.loads((folder / "publication_metadata.json").read_text(encoding="utf-8-sig"))
    return {d["period"]: max(n["publicationDateShort"] for n in d["notes"]) for d in body["data"]}


def _without_descriptions(record: dict[str, Any]) -> dict[str, Any]:
    left_out = {k for k in record if k.endswith(_DESCRIPTIVE)} | {"aggrLevel", "isLeaf"}
    return {k: (None if k in left_out else v) for k, v in record.items()}


def _comtrade_china_2846(folder: Path) -> Iterator[Written]:
    """China's imports of 2846 by partner, one API body a year, as the API answers without descriptions."""
    bodies = folder / "comtrade" / "api_preview_china_2846_imports_1993_2024"
    published = _publication_dates(bodies)
    urls = {f["year"]: f["url"] for f in json.loads((bodies / "manifest.json").read_text())["files"]}
    for year in range(1993, 2025):
        original = bodies / f"{year}.json"
        body = json.loads(original.read_bytes())
        records = ",\n".join(json.dumps(_without_descriptions(r), separators=(",", ":")) for r in body["data"])
        head = json.dumps({"elapsedTime": body["elapsedTime"], "count": body["count"]})[1:-1]
        yield Written(
            file=f"un_comtrade/chn_imports_2846_{year}.json",
            data=f'{{{head}, "data": [\n{records}\n], "error": ""}}\n'.encode(),
            original=original,
            row={
                "source_code": "un_comtrade",
                "layout": "comtrade_preview",
                "partition": f"A/CHN/M/2846/{year}",
                "year": str(year),
                "release": published[year],
                "known_from": published[year],
                "known_basis": "release_feed",
                "known_from_note": "latest publicationDate of the data set in getMetadata as of 2026-07-10",
                "transcription": "extract",
                "how": "the API's body with its descriptive fields null, as without includeDesc",
                "url": urls[year].replace("&includeDesc=true", ""),
                "taken_from": _LIBRARY_RECORDS,
            },
        )


def _assumed(layout: str, partition: str, year: str, how: str, url: str, taken_from: str) -> dict[str, str]:
    """Provenance of an extract of Comtrade whose day of release is not in hand."""
    return {
        "source_code": "un_comtrade",
        "layout": layout,
        "partition": partition,
        "year": year,
        "release": f"as taken {_TAKEN_ON}",
        "known_from": _TAKEN_ON,
        "known_basis": "assumed",
        "known_from_note": "the extract carries no release date: the day it was taken into the snapshot",
        "transcription": "extract",
        "how": how,
        "url": url,
        "taken_from": taken_from,
    }


def _comtrade_panel(folder: Path) -> Iterator[Written]:
    """850511 in 2024: of every reporter, partner and flow the total row, the largest of its rows."""
    original = folder / "comtrade" / "all_reporters_850511_2024_annual_unfiltered_breakdown.csv"
    header, *body = _records(original)
    largest: dict[tuple[str, ...], list[str]] = {}
    for row in body:
        flow = (row[0], row[1], row[2], row[3])
        if flow not in largest or float(row[4]) > float(largest[flow][4]):
            largest[flow] = row
    yield Written(
        file="un_comtrade/all_reporters_850511_2024.csv",
        data=_table([header, *largest.values()]),
        original=original,
        row=_assumed(
            "extract_panel",
            "A/all/M+X/850511/2024",
            "2024",
            "the total row of each reporter, partner and flow of a six-column extract",
            "https://comtradeplus.un.org",
            _LIBRARY_RECORDS,
        ),
    )


def _by_year(original: Path, column: str) -> tuple[list[str], dict[str, list[list[str]]]]:
    header, *body = _records(original)
    years: dict[str, list[list[str]]] = defaultdict(list)
    for row in body:
        years[row[header.index(column)][:4]].append(row)
    return header, dict(sorted(years.items()))


def _comtrade_wits(folder: Path) -> Iterator[Written]:
    """China's exports by partner of 280530, 284690 and 850511, one file a year, in WITS's units and names."""
    original = folder / "comtrade" / "china_exports_by_partner_280530_284690_850511_2010_2024_wits.csv"
    header, years = _by_year(original, "year")
    for year, rows in years.items():
        codes = "+".join(sorted({row[header.index("hs_code")] for row in rows}))
        yield Written(
            file=f"un_comtrade/wits_chn_exports_{year}.csv",
            data=_table([header, *rows]),
            original=original,
            row=_assumed(
                "extract_wits",
                f"WITS/CHN/X/{codes}/{year}",
                year,
                "the year's rows of an extract of WITS downloads",
                "https://wits.worldbank.org",
                _LIBRARY_WITS,
            ),
        )


def _comtrade_india_monthly(folder: Path) -> Iterator[Written]:
    """India's monthly imports of 284690, total and from China, one file a year."""
    original = folder / "comtrade" / "india_imports_284690_monthly_2024-12_2026-06_usd_million.csv"
    header, years = _by_year(original, "period")
    for year, rows in years.items():
        yield Written(
            file=f"un_comtrade/ind_imports_284690_monthly_{year}.csv",
            data=_table([header, *rows]),
            original=original,
            row=_assumed(
                "extract_monthly_usd_million",
                f"M/IND/M/284690/{year}",
                year,
                "the year's rows of a published series, US$ million",
                "https://comtradeplus.un.org",
                _LIBRARY_ATLAS,
            ),
        )


def _tradestat(folder: Path) -> Iterator[Written]:
    """India's monthly trade of 2846 by partner, and the printed totals, one file a year of each."""
    for what, name in (("partners", "monthly_by_partner"), ("totals", "monthly_totals")):
        original = folder / "india_tradestat" / f"meidb_2846_{name}_2018-01_2026-06_transcribed.csv"
        header, years = _by_year(original, "period")
        for year, rows in years.items():
            yield Written(
                file=f"india_tradestat/meidb_2846_{what}_{year}.csv",
                data=_table([header, *rows]),
                original=original,
                row={
                    "source_code": "india_tradestat",
                    "layout": f"extract_meidb_{what}",
                    "partition": f"MEIDB/2846/{what}/{year}",
                    "year": year,
                    "release": "as read 2026-09-14",
                    "known_from": "2026-09-14",
                    "known_basis": "assumed",
                    "known_from_note": "the date of the reports read with them; the monthly rows carry none",
                    "transcription": "transcribed",
                    "how": "the year's rows of a transcription of the portal's reports, checked against its totals",
                    "url": "https://tradestat.commerce.gov.in/meidb/commodity_wise_all_countries_import",
                    "taken_from": _LIBRARY_TRACKER,
                },
            )


_DATA_SETS: tuple[Callable[[Path], Iterator[Written]], ...] = (
    _usgs,
    _comtrade_china_2846,
    _comtrade_panel,
    _comtrade_wits,
    _comtrade_india_monthly,
    _tradestat,
)


def _about(source_code: str) -> dict[str, str]:
    path = Path(__file__).parents[1] / source_code / "source.toml"
    about = tomllib.loads(path.read_text(encoding="utf-8"))
    return {key: about[key] for key in ("publisher", "citation", "licence", "redistribution")}


def write_snapshot(folder: Path, target: Path = BUNDLED) -> int:
    """Write every file of the snapshot and its provenance; return how many files were written."""
    rows: list[dict[str, str]] = []
    for data_set in _DATA_SETS:
        for written in data_set(folder):
            date.fromisoformat(written.row["known_from"])
            path = target / written.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(written.data)
            sha256 = hashlib.sha256(written.data).hexdigest()
            original_sha256 = hashlib.sha256(written.original.read_bytes()).hexdigest()
            row = {"file": written.file, "edition": "", "taken_on": _TAKEN_ON} | written.row
            row |= _about(row["source_code"]) | {"sha256": sha256, "original_sha256": original_sha256}
            if sha256 == original_sha256:
                row |= {"transcription": "original", "how": "the publisher's file, byte for byte"}
            rows.append(row)
    (target / "provenance.csv").write_bytes(
        _table([PROVENANCE_COLUMNS, *([row[column] for column in PROVENANCE_COLUMNS] for row in rows)])
    )
    return len(rows)


if __name__ == "__main__":
    sys.stdout.write(f"{write_snapshot(Path(sys.argv[1]))} files written to {BUNDLED}\n")
