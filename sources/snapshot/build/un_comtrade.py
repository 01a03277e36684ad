"""China's yearly trade, the 850511 panel of 2024 and India's monthly imports, from UN Comtrade and its extracts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sources.publishers.un_comtrade.partition import Partition
from sources.snapshot.build.snapshot_file import TAKEN_ON, SnapshotFile, by_year, records, table

_LIBRARY_PANEL = (
    "public repository Varcolacus/critical-materials-atlas @ 17b328d,"
    " reconcile/fixtures/raw/comtrade/comtrade_2024.csv.gz"
)
_LIBRARY_RECORDS = "public repository therealjameswilson/critical-minerals-records-stage-v3 @ a67e3d42"
_LIBRARY_WITS = "public repository semenko-vladimir/china-ree-export-policy @ 47d6354"
_LIBRARY_ATLAS = "public repository moyu-xu/india-china-dependency-atlas-2026 @ 1013a4f"
_LIBRARY_ATLAS_2846 = "public repository moyu-xu/india-china-dependency-atlas-2026 @ 69a07fe8"
_LIBRARY_FEED = "public repository materials-atlas/critical-materials-atlas @ e1e2ca01"
_LIBRARY_LINES = "public repository materials-atlas/critical-materials-atlas @ 345ede48"
_BODIES = Path("comtrade", "api_preview_china_2846_imports_1993_2024")
_PARTNERS = (
    "china_imports_by_partner_280530_284610_284690_2017_transcribed.csv",
    "china_imports_by_partner_hs6_2017_supplement_transcribed.csv",
    "china_imports_by_partner_hs6_2018_2024_transcribed.csv",
)
_COMPOUNDS_AND_METALS = ("280530", "284610", "284690")
_PARTNER_FIELDS = (
    *("period", "reporterCode", "flowCode", "cmdCode", "partnerCode"),
    *("netWgt", "isNetWgtEstimated", "primaryValue"),
)
_LINE_FIELDS = (
    *("period", "reporterCode", "flowCode", "cmdCode", "partnerCode"),
    *("classificationCode", "netWgt", "primaryValue"),
)
_SERIES_FIELDS = (
    *("period", "reporter", "flow", "cmdCode"),
    *("partner_china_usd_million", "partner_world_usd_million", "china_share_pct", "status"),
)
_DESCRIPTIVE = ("Desc", "ISO", "Abbr")


def _publication_dates(folder: Path) -> dict[int, str]:
    """Year → the latest publication date of China's annual data set, from the publisher's metadata body."""
    body = json.loads((folder / _BODIES / "publication_metadata.json").read_text(encoding="utf-8-sig"))
    return {d["period"]: max(n["publicationDateShort"] for n in d["notes"]) for d in body["data"]}


def _without_descriptions(record: dict[str, Any]) -> dict[str, Any]:
    left_out = {k for k in record if k.endswith(_DESCRIPTIVE)} | {"aggrLevel", "isLeaf"}
    return {k: (None if k in left_out else v) for k, v in record.items()}


def _china_2846(folder: Path) -> Iterator[SnapshotFile]:
    """China's imports of 2846 by partner, one API body a year, as the API answers without descriptions."""
    bodies = folder / _BODIES
    published = _publication_dates(folder)
    urls = {f["year"]: f["url"] for f in json.loads((bodies / "manifest.json").read_text())["files"]}
    for year in range(1993, 2025):
        original = bodies / f"{year}.json"
        body = json.loads(original.read_bytes())
        records = ",\n".join(json.dumps(_without_descriptions(r), separators=(",", ":")) for r in body["data"])
        head = json.dumps({"elapsedTime": body["elapsedTime"], "count": body["count"]})[1:-1]
        yield SnapshotFile(
            file=f"un_comtrade/chn_imports_2846_{year}.json",
            data=f'{{{head}, "data": [\n{records}\n], "error": ""}}\n'.encode(),
            original=original,
            row={
                "source_code": "un_comtrade",
                "layout": "comtrade_preview",
                "partition": str(Partition("A", "CHN", ("M",), ("2846",), year)),
                "year": str(year),
                **_released(published[year], "release_feed"),
                "transcription": "extract",
                "how": "the API's body with its descriptive fields null, as without includeDesc",
                "url": urls[year].replace("&includeDesc=true", ""),
                "taken_from": _LIBRARY_RECORDS,
            },
        )


def _released(day: str, basis: str, evidence: str = "") -> dict[str, str]:
    """Provenance of figures of a data set of China last published on `day`, with evidence that they are of it."""
    note = "latest publicationDate of the data set in getMetadata as of 2026-07-10"
    return {
        "release": day,
        "known_from": day,
        "known_basis": basis,
        "known_from_note": f"{note}; {evidence}" if evidence else note,
    }


def _assumed(layout: str, partition: str, year: str, how: str, url: str, taken_from: str) -> dict[str, str]:
    """Provenance of an extract of Comtrade whose day of release is not in hand."""
    return {
        "source_code": "un_comtrade",
        "layout": layout,
        "partition": partition,
        "year": year,
        "release": f"as taken {TAKEN_ON}",
        "known_from": TAKEN_ON,
        "known_basis": "assumed",
        "known_from_note": "the extract carries no release date: the day it was taken into the snapshot",
        "transcription": "extract",
        "how": how,
        "url": url,
        "taken_from": taken_from,
    }


def _panel(folder: Path) -> Iterator[SnapshotFile]:
    """850511 in 2024: of every reporter, partner and flow the total row, the largest of its rows."""
    original = folder / "comtrade" / "all_reporters_850511_2024_annual_unfiltered_breakdown.csv"
    header, *body = records(original)
    largest: dict[tuple[str, ...], list[str]] = {}
    for row in body:
        flow = (row[0], row[1], row[2], row[3])
        if flow not in largest or float(row[4]) > float(largest[flow][4]):
            largest[flow] = row
    yield SnapshotFile(
        file="un_comtrade/all_reporters_850511_2024.csv",
        data=table([header, *largest.values()]),
        original=original,
        row=_assumed(
            "extract_panel",
            str(Partition("A", None, ("M", "X"), ("850511",), 2024)),
            "2024",
            "the total row of each reporter, partner and flow of a six-column extract",
            "https://comtradeplus.un.org",
            _LIBRARY_PANEL,
        ),
    )


def _wits(folder: Path) -> Iterator[SnapshotFile]:
    """China's exports by partner of 280530, 284690 and 850511, one file per year, in WITS's units and names."""
    original = folder / "comtrade" / "china_exports_by_partner_280530_284690_850511_2010_2024_wits.csv"
    header, years = by_year(original, "year")
    published = _publication_dates(folder)
    for year, rows in years.items():
        codes = tuple(sorted({row[header.index("hs_code")] for row in rows}))
        yield SnapshotFile(
            file=f"un_comtrade/wits_chn_exports_{year}.csv",
            data=table([header, *rows]),
            original=original,
            row=_assumed(
                "extract_wits",
                str(Partition("WITS", "CHN", ("X",), codes, int(year))),
                year,
                "the year's rows of an extract of WITS downloads",
                "https://wits.worldbank.org",
                _LIBRARY_WITS,
            )
            | _released(published[int(year)], "assumed", "WITS serves Comtrade's data sets, without a date of its own"),
        )


def _partners(folder: Path) -> Iterator[SnapshotFile]:
    """China's imports of 280530, 284610 and 284690 by partner, one file a year, in fields of the API."""
    rows: dict[str, list[list[str]]] = defaultdict(list)
    originals: dict[str, Path] = {}
    published = _publication_dates(folder)
    for name in _PARTNERS:
        original = folder / "comtrade" / name
        header, *body = records(original)
        for cells in body:
            row = dict(zip(header, cells, strict=True))
            year, code = row.get("year") or row["period"], row.get("hs6") or row["cmd_code"]
            estimated = row.get("is_estimated") or row["net_weight_estimated"]
            weight = row.get("netwgt_kg") or row["net_weight_kg"]
            rows[year].append([year, "156", "M", code, row["partner_code"], weight, estimated, row["value_usd"]])
            originals.setdefault(year, original)
    for year, of_year in sorted(rows.items()):
        yield SnapshotFile(
            file=f"un_comtrade/chn_imports_partners_{year}.csv",
            data=table([_PARTNER_FIELDS, *sorted(of_year, key=lambda row: (row[3], int(row[4])))]),
            original=originals[year],
            row=_assumed(
                "extract_partners",
                str(Partition("A", "CHN", ("M",), _COMPOUNDS_AND_METALS, int(year))),
                year,
                "the year's partners of a transcription of API answers, without their World rows",
                "https://comtradeplus.un.org",
                _LIBRARY_FEED,
            )
            | _released(published[int(year)], "release_feed", "284610 and 284690 add up to its 2846 for every partner")
            | {"transcription": "transcribed"},
        )


def _tariff_lines(folder: Path) -> Iterator[SnapshotFile]:
    """China's imports by line of its own tariff and partner, one file a year; several records of one line add up."""
    original = folder / "comtrade" / "china_imports_tariffline_all_rows_transcribed.csv"
    header, years = by_year(original, "year")
    fields = ("year", "reporter", "", "tariff_line", "partner_code", "classification", "netwgt_kg", "value_usd")
    for year, of_year in years.items():
        rows = [[row[header.index(field)] if field else "M" for field in fields] for row in of_year]
        yield SnapshotFile(
            file=f"un_comtrade/chn_imports_lines_{year}.csv",
            data=table([_LINE_FIELDS, *rows]),
            original=original,
            row=_assumed(
                "extract_tariff_lines",
                str(Partition("LINES", "CHN", ("M",), _COMPOUNDS_AND_METALS, int(year))),
                year,
                "the year's records of a transcription of tariff-line data, without the field that told records of one"
                " line and partner apart",
                "https://comtradeplus.un.org",
                _LIBRARY_LINES,
            )
            | {"transcription": "transcribed"},
        )


def _india_monthly(folder: Path) -> Iterator[SnapshotFile]:
    """India's monthly imports of 284690 and of 2846, total and from China, one file per year of each."""
    for code, library in (("284690", _LIBRARY_ATLAS), ("2846", _LIBRARY_ATLAS_2846)):
        original = folder / "comtrade" / f"india_imports_{code}_monthly_2024-12_2026-06_usd_million.csv"
        header, years = by_year(original, "period")
        for year, rows in years.items():
            yield SnapshotFile(
                file=f"un_comtrade/ind_imports_{code}_monthly_{year}.csv",
                data=table(_as_series(header, rows)),
                original=original,
                row=_assumed(
                    "extract_monthly_usd_million",
                    str(Partition("M", "IND", ("M",), (code,), int(year))),
                    year,
                    "the year's rows of a published series, US$ million",
                    "https://comtradeplus.un.org",
                    library,
                ),
            )


def _as_series(header: list[str], rows: list[list[str]]) -> list[list[str]]:
    """A monthly series in the columns of the layout; one that names no reporter is India's imports."""
    if header[0] == "period" and header[1] == "hs":
        return [
            [*_SERIES_FIELDS],
            *([period, "IND", "M", code, china, world, "", status] for period, code, china, world, status in rows),
        ]
    return [header, *rows]


def build(folder: Path) -> Iterator[SnapshotFile]:
    """Every file made from UN Comtrade's figures."""
    for files in (_china_2846, _panel, _wits, _partners, _tariff_lines, _india_monthly):
        yield from files(folder)
