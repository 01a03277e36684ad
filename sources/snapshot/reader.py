"""The bundled snapshot: real figures, small, each file with its provenance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from sources.model.artifact import Artifact, KnownBasis, Transcription
from sources.snapshot import BUNDLED
from sources.snapshot.provenance import PROVENANCE, read_provenance, refusal


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A folder of publishers' files with a `provenance.csv` that has one row for each."""

    folder: Path = BUNDLED

    def offers(self, source_code: str) -> list[Artifact]:
        """Every file of one publisher, as its provenance row describes it, in the order of the rows.

        A problem of another publisher's rows or files is that publisher's alone. One that belongs to no known publisher
        concerns the publisher whose code is nearest, or else all of them.

        Raises:
            SourceError: no provenance table, one that cannot be read, or rows and files of this publisher that are
                wrong; the message lists every row with its column.
        """
        rows, problems = read_provenance(self.folder)
        own = [problem for problem in problems if source_code in problem.source_codes]
        if own:
            raise refusal(self.folder / PROVENANCE, own)
        return [self._artifact(row.cells) for row in rows if row.cells["source_code"] == source_code]

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
            sha256=row["sha256"].lower(),
            original_sha256=row["original_sha256"].lower() or None,
            path=path,
        )
