"""Tables of printed chapters of the Mineral Commodity Summaries, typed off where no data release in hand has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.publishers.usgs_mcs.partition import ChapterPartition, Partition
from sources.snapshot.build.snapshot_file import SnapshotFile, table

_LIBRARY_2025 = "public repository NSSAC/dpi.RAG @ 3eb11764"
_LIBRARY_RECORDS = "public repository therealjameswilson/critical-minerals-records-stage-v3 @ a67e3d42"
REPORTED = "Reported."
OSCOM = "OSCOM, 2015: monazite reserves 256,000 tons; rare-earth reserves not reported"
FROM_CHINA = "Estimated based on reported import data for China"
HEADER_2026 = (
    "country", "unit", "mine_production_2024", "footnote_2024", "mine_production_2025", "footnote_2025", "reserves",
    "footnote_reserves",
)  # fmt: skip
# Page 153 of MCS 2026, version 1.3: country, mine production of 2024 and 2025, each with its footnote, reserves with
# theirs: footnote 14 of India in short, since version 1.1 of 5 March 2026.
ROWS_2026 = (
    ("United States", "45,500", REPORTED, "51,000", "", "1,900,000", ""),
    ("Australia", "29,000", "", "29,000", "", "6,300,000", ""),
    ("Brazil", "560", "", "2,000", "", "11,000,000", ""),
    ("Burma", "27,000", FROM_CHINA, "22,000", FROM_CHINA, "NA", ""),
    ("Canada", "—", "", "—", "", "830,000", ""),
    ("China", "270,000", "", "270,000", "", "44,000,000", ""),
    ("Greenland", "—", "", "—", "", "1,500,000", ""),
    ("India", "2,900", "", "2,900", "", "NA", OSCOM),
    ("Madagascar", "1,400", FROM_CHINA, "2,700", FROM_CHINA, "NA", ""),
    ("Malaysia", "140", FROM_CHINA, "110", FROM_CHINA, "710,000", ""),
    ("Nigeria", "1,500", "", "1,500", "", "NA", ""),
    ("Russia", "2,600", "", "2,600", "", "3,800,000", ""),
    ("South Africa", "—", "", "—", "", "860,000", ""),
    ("Tanzania", "—", "", "—", "", "890,000", ""),
    ("Thailand", "2,100", FROM_CHINA, "4,800", FROM_CHINA, "NA", ""),
    ("Vietnam", "300", FROM_CHINA, "150", FROM_CHINA, "3,500,000", ""),
    ("Other", "1,000", "", "550", "", "NA", ""),
    ("World total (rounded)", "380,000", "", "390,000", "", ">75,000,000", ""),
)  # fmt: skip
SALIENT_HEADER = ("chapter", "section", "item", "partner", "unit", "year", "value", "note")
_PRICE = "Price, average, dollars per kilogram: "
_RELIANCE = "Net import reliance as a percentage of apparent consumption: "
_METALS = "Rare-earth metals, scandium, and yttrium"
# Page 144 of MCS 2025: item, unit, whether its header says that all years are estimated, the years 2020 to 2024. The
# header of 2024 says so of every item.
SALIENT_2025 = (
    ("Production: Mineral concentrates", "metric tons", True, "39,000", "42,400", "42,500", "41,600", "45,000"),
    ("Production: Compounds and metals", "metric tons", True, "—", "120", "95", "250", "1,300"),
    ("Imports: Compounds", "metric tons", True, "6,510", "7,690", "10,700", "8,920", "8,000"),
    ("Imports: Metals: Ferrocerium, alloys", "metric tons", True, "270", "330", "395", "259", "220"),
    (f"Imports: Metals: {_METALS}", "metric tons", True, "363", "580", "487", "476", "90"),
    ("Exports: Ores and compounds", "metric tons", True, "40,000", "44,200", "45,900", "20,700", "43,000"),
    ("Exports: Metals: Ferrocerium, alloys", "metric tons", True, "626", "825", "1,520", "817", "1,100"),
    (f"Exports: Metals: {_METALS}", "metric tons", True, "25", "20", "24", "63", "320"),
    (
        "Consumption, apparent, compounds and metals",
        "metric tons",
        False,
        "6,490",
        "7,900",
        "10,200",
        "10,100",
        "6,600",
    ),
    (_PRICE + "Cerium oxide, 99.5% minimum", "dollars per kilogram", False, "2", "2", "1", "1", "1"),
    (_PRICE + "Dysprosium oxide, 99.5% minimum", "dollars per kilogram", False, "261", "410", "382", "330", "260"),
    (_PRICE + "Europium oxide, 99.99% minimum", "dollars per kilogram", False, "31", "31", "30", "27", "27"),
    (_PRICE + "Lanthanum oxide, 99.5% minimum", "dollars per kilogram", False, "2", "2", "1", "1", "1"),
    (_PRICE + "Mischmetal, 65% cerium, 35% lanthanum", "dollars per kilogram", False, "5", "6", "7", "5", "5"),
    (_PRICE + "Neodymium oxide, 99.5% minimum", "dollars per kilogram", False, "49", "98", "134", "78", "56"),
    (_PRICE + "Terbium oxide, 99.99% minimum", "dollars per kilogram", False, "670", "1,346", "2,051", "1,298", "810"),
    ("Employment, mine and mill, annual average, number", "number", False, "185", "293", "350", "450", "570"),
    (_RELIANCE + "Compounds and metals", "percent", False, "100", ">95", ">95", ">95", "80"),
    (_RELIANCE + "Mineral concentrates", "percent", False, "E", "E", "E", "E", "E"),
)
SOURCES_2025 = (("China", "70"), ("Malaysia", "13"), ("Japan", "6"), ("Estonia", "5"), ("Other", "6"))


def build_chapters(folder: Path) -> Iterator[SnapshotFile]:
    """Version 1.3 of the chapter of 2026, which changed what its data release says, and the salient table of 2025."""
    yield _salient_2025(folder)
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


def _salient_2025(folder: Path) -> SnapshotFile:
    """The salient statistics of MCS 2025, whose data release is in hand without them."""
    salient = [
        ("RARE EARTHS", "Salient Statistics—United States", item, "United States", unit, str(year), value, note)
        for item, unit, is_estimated, *values in SALIENT_2025
        for year, value in enumerate(values, 2020)
        for note in ["Estimated." if is_estimated or year == 2024 else ""]
    ]
    item, hong_kong = "Rare-earth compounds and metals", "Includes Hong Kong."
    sources = [
        ("RARE EARTHS", "Import Sources", item, partner, "percent", "2020–23", share, hong_kong * (partner == "China"))
        for partner, share in SOURCES_2025
    ]
    return SnapshotFile(
        file="usgs_mcs/mcs2025-rare-earths_salient.csv",
        data=table([SALIENT_HEADER, *salient, *sources]),
        original=folder / "usgs" / "mcs2025" / "mcs2025-rare-earths.pdf",
        row={
            "source_code": "usgs_mcs",
            "layout": "extract_salient",
            "partition": str(ChapterPartition(2025, "rare_earths")),
            "year": "2025",
            "edition": "MCS 2025",
            "release": "1.0",
            "known_from": "2025-02-28",
            "known_basis": "assumed",
            "known_from_note": "the chapter is footed January 2025, its file was made on 25 February 2025",
            "transcription": "transcribed",
            "how": "the salient statistics and import sources of the chapter's page 144, typed off; of the notes only"
            " the words that set status or basis",
            "url": "https://pubs.usgs.gov/periodicals/mcs2025/mcs2025-rare-earths.pdf",
            "taken_from": _LIBRARY_2025,
        },
    )
