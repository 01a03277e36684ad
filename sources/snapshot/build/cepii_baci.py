"""BACI's trade in magnets (850511), and the world totals of three codes, from published extracts of release V202601."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.publishers.cepii_baci.partition import Partition
from sources.snapshot.build.snapshot_file import SnapshotFile, records, table

_RELEASE = "V202601"
_LIBRARY_ATLAS = "public repository Varcolacus/critical-materials-atlas @ 17b328d"
_LIBRARY_CHAIN = "public repository Varcolacus/critical-materials-atlas @ 1779d71"
_COMPLETE_YEAR = "2024"


def _provenance(layout: str, partition: Partition, year: str, how: str, taken_from: str) -> dict[str, str]:
    return {
        "source_code": "cepii_baci",
        "layout": layout,
        "partition": str(partition),
        "year": year,
        "edition": f"BACI {_RELEASE}",
        "release": _RELEASE,
        "known_from": "2026-01-31",
        "known_basis": "stated",
        "known_from_note": "a release is named by year and month, here January 2026: the last day that allows",
        "transcription": "extract",
        "how": how,
        "url": "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37",
        "taken_from": taken_from,
    }


def _without(rows: list[list[str]], columns: tuple[str, ...]) -> list[list[str]]:
    kept = [at for at, name in enumerate(rows[0]) if name not in columns]
    return [[row[at] for at in kept] for row in rows]


def build(folder: Path) -> Iterator[SnapshotFile]:
    """The complete year 2024, the largest flows of 2002 to 2023, and the world totals of 2002 to 2024."""
    original = folder / "baci" / "baci_850511_2024_full_kusd_t.csv"
    yield SnapshotFile(
        file="cepii_baci/baci_850511_2024.csv",
        data=table(_without(records(original), ("exporter_name", "importer_name"))),
        original=original,
        row=_provenance(
            "extract_full_kusd_t",
            Partition(_RELEASE, ("HS17",), ("850511",), int(_COMPLETE_YEAR), int(_COMPLETE_YEAR)),
            _COMPLETE_YEAR,
            "every flow of one code and year, without the names beside the codes",
            _LIBRARY_ATLAS,
        ),
    )
    original = folder / "baci" / "baci_850511_flows_2002_2024.csv"
    header, *body = records(original)
    yield SnapshotFile(
        file="cepii_baci/baci_850511_2002_2023_largest.csv",
        data=table([header, *(row for row in body if row[header.index("year")] != _COMPLETE_YEAR)]),
        original=original,
        row=_provenance(
            "extract_flows_usd",
            Partition(_RELEASE, ("HS02", "HS17"), ("850511",), 2002, 2023, "partial"),
            "2026",
            "the largest partners of each country; 2024 left out, being held complete",
            _LIBRARY_ATLAS,
        ),
    )
    original = folder / "baci" / "baci_world_totals_280530_284690_850511_2002_2024_transcribed.csv"
    yield SnapshotFile(
        file="cepii_baci/baci_world_totals_2002_2024.csv",
        data=table(_without(records(original), ("china_export_share", "export_hhi"))),
        original=original,
        row=_provenance(
            "extract_world_totals",
            Partition(_RELEASE, ("HS02", "HS17"), ("280530", "284690", "850511"), 2002, 2024, "world_total"),
            "2026",
            "sums over all flows of a code and year, as their compiler prints them, without his shares",
            _LIBRARY_CHAIN,
        )
        | {"transcription": "transcribed"},
    )
