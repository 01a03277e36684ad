"""US imports of headings 2805, 2846 and 8505 since 1993, from a saved query of DataWeb."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sources.model.artifact import Artifact, artifact_of_file
from sources.publishers import usitc_dataweb
from sources.publishers.usitc_dataweb.partition import Partition
from sources.publishers.usitc_dataweb.workbook import read_workbook
from sources.reading.layouts import declared
from sources.snapshot.build.snapshot_file import SnapshotFile, table

_LIBRARY_RECORDS = "public repository therealjameswilson/critical-minerals-records-stage-v3 @ a67e3d4"
_PACKAGE = Path(usitc_dataweb.__file__).parent


def build(folder: Path) -> Iterator[SnapshotFile]:
    """The rows of the three headings, of every sheet of money and first quantity, in one table."""
    original = folder / "other_customs" / "usitc_dataweb_us_imports_for_consumption_1993-2026.xlsx"
    row = {
        "source_code": "usitc_dataweb",
        "partition": str(Partition("M", 4)),
        "year": "2026",
        "release": "as saved 2026-07-10",
        "known_from": "2026-07-10",
        "known_basis": "stated",
        "url": "https://dataweb.usitc.gov",
    }
    rules = declared(_PACKAGE)
    layout = next(layout for layout in rules["layout"] if layout["reader"] == "workbook")
    frame = read_workbook(_workbook(original, row), layout, rules["headings"]["codes"]).drop("artifact_row")
    yield SnapshotFile(
        file="usitc_dataweb/imports_hts4_1993_2026.csv",
        data=table([frame.columns, *map(list, frame.iter_rows())]),
        original=original,
        row=row
        | {
            "layout": "extract_dataweb_headings",
            "known_from_note": "the workbook's own first sheet states the day on which it was saved",
            "transcription": "extract",
            "how": "rows of three headings from the sheets of customs value and first quantity, without descriptions",
            "taken_from": _LIBRARY_RECORDS,
        },
    )


def _workbook(path: Path, row: dict[str, str]) -> Artifact:
    return artifact_of_file(
        path,
        **{name: row[name] for name in ("source_code", "partition", "release", "known_basis", "url")},
        name=path.name,
        layout="dataweb_workbook",
        year=int(row["year"]),
        known_from=date.fromisoformat(row["known_from"]),
    )
