"""Write the bundled snapshot from a folder of publishers' files: `python -m sources.snapshot.build FOLDER`.

The figures stay as published; prose is left out, and of a note only the words a parser needs are kept. The folder's own
layout is that of the collection the figures were taken from (see docs/snapshot.md).

Belongs here: writing files and provenance. Does not belong here: which figures are taken (the
other modules of this package).
"""

from __future__ import annotations

import hashlib
from datetime import date
from importlib import import_module
from pathlib import Path

from sources.registry import sources
from sources.snapshot.build.snapshot_file import TAKEN_ON, table
from sources.snapshot.reader import BUNDLED, PROVENANCE_COLUMNS


def write_snapshot(folder: Path, target: Path = BUNDLED) -> int:
    """Write every file of the snapshot and its provenance; return how many files were written."""
    rows: list[dict[str, str]] = []
    for source_code, source in sources().items():
        for written in import_module(f"sources.snapshot.build.{source_code}").take(folder):
            date.fromisoformat(written.row["known_from"])
            path = target / written.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(written.data)
            sha256 = hashlib.sha256(written.data).hexdigest()
            original_sha256 = hashlib.sha256(written.original.read_bytes()).hexdigest()
            about = source.about
            row = {"file": written.file, "edition": "", "taken_on": TAKEN_ON} | written.row
            row |= {key: about[key] for key in ("publisher", "citation", "licence", "redistribution")} | {
                "sha256": sha256,
                "original_sha256": original_sha256,
            }
            if sha256 == original_sha256:
                row |= {"transcription": "original", "how": "the publisher's file, byte for byte"}
            rows.append(row)
    (target / "provenance.csv").write_bytes(
        table([PROVENANCE_COLUMNS, *([row[column] for column in PROVENANCE_COLUMNS] for row in rows)])
    )
    return len(rows)
