"""The bundled snapshot: real figures, small, each file with its provenance."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from sources.model.artifact import Artifact, KnownBasis, SourceError, Transcription

BUNDLED = Path(__file__).parent / "files"
PROVENANCE_COLUMNS = (
    "file",
    "source_code",
    "layout",
    "partition",
    "year",
    "edition",
    "release",
    "known_from",
    "known_basis",
    "known_from_note",
    "transcription",
    "how",
    "publisher",
    "citation",
    "licence",
    "redistribution",
    "url",
    "taken_from",
    "taken_on",
    "sha256",
    "original_sha256",
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A folder of publishers' files with a `provenance.csv` that has one row for each."""

    folder: Path = BUNDLED

    def offers(self, source_code: str) -> list[Artifact]:
        """Every file of one publisher, as its provenance row describes it, in the order of the rows.

        Raises:
            SourceError: no provenance file, another set of columns, a row whose file is missing, or a file
                of the publisher's folder without a row.
        """
        table = self.folder / "provenance.csv"
        if not table.exists():
            raise SourceError(str(table), "is missing.", "point REE_SNAPSHOT at a folder that holds one.")
        with table.open(encoding="utf-8", newline="") as text:
            reader = csv.DictReader(text)
            if tuple(reader.fieldnames or ()) != PROVENANCE_COLUMNS:
                raise SourceError(
                    str(table), f"has columns {reader.fieldnames}.", f"it needs {list(PROVENANCE_COLUMNS)}."
                )
            rows = [row for row in reader if row["source_code"] == source_code]
        described = {row["file"] for row in rows}
        present = {
            path.relative_to(self.folder).as_posix()
            for path in (self.folder / source_code).rglob("*")
            if path.is_file()
        }
        if described != present:
            raise SourceError(
                str(table),
                f"and the files of {source_code} differ: {sorted(described ^ present)}.",
                "every file needs a provenance row and every row its file.",
            )
        return [self._artifact(row) for row in rows]

    def _artifact(self, row: dict[str, str]) -> Artifact:
        path = self.folder / row["file"]
        return Artifact(
            source_code=row["source_code"],
            name=path.name,
            layout=row["layout"],
            partition=row["partition"],
            year=int(row["year"]),
            edition=row["edition"] or None,
            release=row["release"],
            known_from=date.fromisoformat(row["known_from"]),
            known_basis=cast("KnownBasis", row["known_basis"]),
            transcription=cast("Transcription", row["transcription"]),
            url=row["url"],
            sha256=row["sha256"],
            original_sha256=row["original_sha256"] or None,
            path=path,
        )
