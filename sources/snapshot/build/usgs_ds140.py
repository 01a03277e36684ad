"""The rare-earths worksheet of each edition of Data Series 140."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.publishers.usgs_ds140.partition import Partition
from sources.snapshot.build.snapshot_file import SnapshotFile
from sources.snapshot.build.workbook import Runs, cells_of, workbook

_LIBRARY_RECORDS = "public repository therealjameswilson/critical-minerals-records-stage-v3 @ a67e3d42"
_SHEET = "Rare earths"
_LEFT_OUT = "Compiled by"
_NEEDED_WORDS = "Data are calculated, estimated, or reported."

_EDITIONS: tuple[tuple[str, ...], ...] = (
    # last year, file, known from, note on the day, repository
    ("2020", "usgs_ds140_rare_earths_2020.xlsx", "2023-09-27", "the sheet says: Last modification September 27, 2023",
     _LIBRARY_RECORDS),
)  # fmt: skip


def _needed(runs: Runs) -> Runs | None:
    text = "".join(str(run) for run, _ in runs)
    if _LEFT_OUT in text:
        return None
    return [(_NEEDED_WORDS, False)] if _NEEDED_WORDS in text else runs


def build(folder: Path) -> Iterator[SnapshotFile]:
    """The worksheet with all its columns, figures in their own cells."""
    for year, name, known, why, taken in _EDITIONS:
        original = folder / "usgs" / "ds140" / name
        needed = {place: _needed(runs) for place, runs in cells_of(original, _SHEET).items()}
        yield SnapshotFile(
            file=f"usgs_ds140/{name}",
            data=workbook(_SHEET, {place: runs for place, runs in needed.items() if runs is not None}),
            original=original,
            row={
                "source_code": "usgs_ds140",
                "layout": f"ds140_{year}",
                "partition": str(Partition(int(year))),
                "year": year,
                "edition": f"DS140 {year}",
                "release": "as modified 2023-09-27",
                "known_from": known,
                "known_basis": "stated",
                "known_from_note": why,
                "transcription": "extract",
                "how": "the worksheet's figures and headings; names of compilers and the embedded notes left out",
                "url": "https://www.usgs.gov/centers/national-minerals-information-center/"
                "historical-statistics-mineral-and-material-commodities",
                "taken_from": taken,
            },
        )
