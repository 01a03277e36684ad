"""Tables of India's answers to Parliament, as transcribed: imports in tonnes; imports of magnets, and China's share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.publishers.pib_india.partition import Partition
from sources.snapshot.build.snapshot_file import SnapshotFile, records, table

_MAGNETS_PRID = "2151394"
_MAGNETS_USD = "pib_magnets_hs8_fy2022-23_2024-25_usd_million_transcribed.csv"
_MAGNETS_TONNES = "pib_magnets_hs8_quantity_fy2024-25_transcribed.csv"
_RELEASES = (
    # PRID, layout, file, original, its columns under the layout's names, day printed on the release, taken from
    (
        "2117701",
        "extract_pib_imports_tonnes",
        "imports_tonnes",
        "pib_prid2117701_india_rare_earth_imports_tonnes_fy2019-20_2023-24_transcribed.csv",
        {name: name for name in ("hs_code", "financial_year", "country", "quantity_tonnes")},
        "2025-04-02",
        "table quoted in a stored public page of the Ananta Aspen Centre",
    ),
    (
        "2151394",
        "extract_pib_import_shares",
        "import_shares",
        "pib_prid2151394_magnet_import_dependence_on_china_transcribed.csv",
        {"measure": "measure", "hs_code": "hs_code", "period": "period", "share_pct": "china_share_pct"},
        "2025-08-01",
        "public repository Ran-geng/india-china-dependence @ 81e37e0 and stored public pages",
    ),
)


def _magnets(folder: Path) -> list[list[str]]:
    """The annex of release 2151394: of each line and fiscal year China, the world, and China's share, as printed."""
    original = folder / "india_tradestat" / _MAGNETS_USD
    header, *body = records(original)
    names = ("hs8", "fiscal_year", "imports_from_china_usd_million", "imports_from_world_usd_million")
    return [[row[header.index(name)] for name in (*names, "china_share_pct_printed")] for row in body]


def _magnet_imports(folder: Path) -> bytes:
    """Values from China and the world, and the tonnes from China that the same table prints for one year.

    Tonnes of 85059000 are left out: only a press page has them, tenfold in its other two lines. The world's tonnes are
    computed from a share, and no figure of the ministry's.
    """
    header, *body = records(folder / "india_tradestat" / _MAGNETS_TONNES)
    tonnes = {
        (row[header.index("hs8")], row[header.index("fiscal_year")]): row[header.index("imports_from_china_tonnes")]
        for row in body
        if row[header.index("source")] == "a"
    }
    rows = [
        [_MAGNETS_PRID, line, year, country, value, tonnes.get((line, year), "") if country == "CHINA" else ""]
        for line, year, china, world, _ in _magnets(folder)
        for country, value in (("CHINA", china), ("TOTAL", world))
    ]
    return table([["prid", "hs_code", "financial_year", "country", "value_usd_million", "quantity_tonnes"], *rows])


def build(folder: Path) -> Iterator[SnapshotFile]:
    """Every cell of the tables, with the release's number on each row."""
    for prid, layout, name, file, columns, day, taken in _RELEASES:
        original = folder / "india_tradestat" / file
        header, *body = records(original)
        rows = [[prid, *(row[header.index(column)] for column in columns.values())] for row in body]
        if name == "import_shares":
            rows += [[prid, "value_share", line, year, share] for line, year, _, _, share in _magnets(folder)]
        yield _file(prid, layout, name, table([["prid", *columns], *rows]), original, day, taken)
    yield _file(
        _MAGNETS_PRID,
        "extract_pib_imports_usd",
        "magnet_imports",
        _magnet_imports(folder),
        folder / "india_tradestat" / _MAGNETS_USD,
        "2025-08-01",
        "table quoted in a stored public page of the Ananta Aspen Centre",
    )


def _file(prid: str, layout: str, name: str, data: bytes, original: Path, day: str, taken_from: str) -> SnapshotFile:
    return SnapshotFile(
        file=f"pib_india/pib_{prid}_{name}.csv",
        data=data,
        original=original,
        row={
            "source_code": "pib_india",
            "layout": layout,
            "partition": str(Partition(prid)),
            "year": day[:4],
            "release": day,
            "known_from": day,
            "known_basis": "stated",
            "known_from_note": "the day on which the release was posted",
            "transcription": "transcribed",
            "how": "a transcription of the printed table, cells unchanged; names of goods left out",
            "url": f"https://www.pib.gov.in/PressReleasePage.aspx?PRID={prid}",
            "taken_from": taken_from,
        },
    )
