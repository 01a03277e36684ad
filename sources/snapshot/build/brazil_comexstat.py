"""Brazil's monthly trade in permanent magnets of metal (850511), from a published compilation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.publishers.brazil_comexstat.partition import Partition
from sources.snapshot.build.snapshot_file import TAKEN_ON, SnapshotFile, by_year, table

_COMPILED = Path("other_customs", "uk_brazil_us_eu_850511_monthly_2024-06_2026-07.csv")
_LIBRARY_ATLAS = (
    "public repository Varcolacus/critical-materials-atlas @ 17b328d, pipeline/data/flows.parquet, source comexstat"
)
_COLUMNS = ["year", "monthNumber", "country", "coNcm", "metricFOB", "metricKG"]
_FLOWS = {"import": "M", "export": "X"}


def build(folder: Path) -> Iterator[SnapshotFile]:
    """Every record of line 85051100, which is all of 850511, one file per flow and year."""
    original = folder / _COMPILED
    header, years = by_year(original, "period")
    for year, rows in years.items():
        own = [row for row in (dict(zip(header, cells, strict=True)) for cells in rows) if row["source"] == "comexstat"]
        for flow, letter in _FLOWS.items():
            lines = [
                [
                    year,
                    row["period"][4:],
                    row["partner_name"],
                    row["native_code"],
                    str(int(float(row["value_usd"]))),
                    str(int(float(row["qty_kg"]))),
                ]
                for row in own
                if row["flow"] == flow
            ]
            if lines:
                yield _file(original, year, flow, Partition(letter, "850511", int(year)), lines)


def _file(original: Path, year: str, flow: str, partition: Partition, lines: list[list[str]]) -> SnapshotFile:
    return SnapshotFile(
        file=f"brazil_comexstat/general_850511_{flow}_{year}.csv",
        data=table([_COLUMNS, *lines]),
        original=original,
        row={
            "source_code": "brazil_comexstat",
            "layout": "extract_general",
            "partition": str(partition),
            "year": year,
            "release": f"as taken {TAKEN_ON}",
            "known_from": TAKEN_ON,
            "known_basis": "assumed",
            "known_from_note": "the compilation carries no release date: the day it was taken into the snapshot",
            "transcription": "extract",
            "how": "the records of one flow and year of a compilation, under the interface's names",
            "url": "https://api-comexstat.mdic.gov.br/general",
            "taken_from": _LIBRARY_ATLAS,
        },
    )
