"""World tables of printed chapters of the Mineral Commodity Summaries, typed off where no data release has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.publishers.usgs_mcs.partition import Partition
from sources.snapshot.build.snapshot_file import SnapshotFile, table

_LIBRARY_RECORDS = "public repository therealjameswilson/critical-minerals-records-stage-v3 @ a67e3d42"
REPORTED = "Reported."
FROM_CHINA = "Estimated based on reported import data for China"
HEADER_2026 = (
    "country", "unit", "mine_production_2024", "footnote_2024", "mine_production_2025", "footnote_2025", "reserves",
)  # fmt: skip
# Page 153 of MCS 2026, version 1.3: country, mine production of 2024 and 2025, each with its footnote, reserves.
ROWS_2026 = (
    ("United States", "45,500", REPORTED, "51,000", "", "1,900,000"),
    ("Australia", "29,000", "", "29,000", "", "6,300,000"),
    ("Brazil", "560", "", "2,000", "", "11,000,000"),
    ("Burma", "27,000", FROM_CHINA, "22,000", FROM_CHINA, "NA"),
    ("Canada", "—", "", "—", "", "830,000"),
    ("China", "270,000", "", "270,000", "", "44,000,000"),
    ("Greenland", "—", "", "—", "", "1,500,000"),
    ("India", "2,900", "", "2,900", "", "NA"),
    ("Madagascar", "1,400", FROM_CHINA, "2,700", FROM_CHINA, "NA"),
    ("Malaysia", "140", FROM_CHINA, "110", FROM_CHINA, "710,000"),
    ("Nigeria", "1,500", "", "1,500", "", "NA"),
    ("Russia", "2,600", "", "2,600", "", "3,800,000"),
    ("South Africa", "—", "", "—", "", "860,000"),
    ("Tanzania", "—", "", "—", "", "890,000"),
    ("Thailand", "2,100", FROM_CHINA, "4,800", FROM_CHINA, "NA"),
    ("Vietnam", "300", FROM_CHINA, "150", FROM_CHINA, "3,500,000"),
    ("Other", "1,000", "", "550", "", "NA"),
    ("World total (rounded)", "380,000", "", "390,000", "", ">75,000,000"),
)  # fmt: skip


def build_chapters(folder: Path) -> Iterator[SnapshotFile]:
    """Version 1.3 of the chapter of 2026, which changed what the data release of that edition says."""
    rows = [(country, "metric tons", *cells) for country, *cells in ROWS_2026]
    yield SnapshotFile(
        file="usgs_mcs/mcs2026-rare-earths_v1.3_world.csv",
        data=table([HEADER_2026, *rows]),
        original=folder / "usgs" / "mcs2026" / "mcs2026-rare-earths.pdf",
        row={
            "source_code": "usgs_mcs",
            "layout": "extract_chapter",
            "partition": str(Partition(2026)),
            "year": "2026",
            "edition": "MCS 2026",
            "release": "1.3",
            "known_from": "2026-05-27",
            "known_basis": "stated",
            "known_from_note": "revised and reposted 27 May 2026 as version 1.3, by the edition's list of versions",
            "transcription": "transcribed",
            "how": "the world table of the chapter's page 153, typed off and compared with the data release; of the"
            " footnotes only the words that set status or basis",
            "url": "https://pubs.usgs.gov/periodicals/mcs2026/mcs2026-rare-earths.pdf",
            "taken_from": _LIBRARY_RECORDS,
        },
    )
