"""Two tables of India's answers to Parliament, as transcribed: imports in tonnes, China's share of magnet imports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.publishers.pib_india.partition import Partition
from sources.snapshot.build.snapshot_file import SnapshotFile, records, table

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


def build(folder: Path) -> Iterator[SnapshotFile]:
    """Every cell of the two tables, with the release's number on each row."""
    for prid, layout, name, file, columns, day, taken in _RELEASES:
        original = folder / "india_tradestat" / file
        header, *body = records(original)
        rows = [[prid, *(row[header.index(column)] for column in columns.values())] for row in body]
        yield SnapshotFile(
            file=f"pib_india/pib_{prid}_{name}.csv",
            data=table([["prid", *columns], *rows]),
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
                "taken_from": taken,
            },
        )
