"""Write the bundled snapshot from a folder of publishers' files: `python -m sources.snapshot.build FOLDER`.

The figures stay as published; prose is left out, and of a note only the words a parser needs are kept. The folder's own
layout is that of the collection the figures were taken from (see docs/snapshot.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from sources.registry import sources
from sources.snapshot import BUNDLED
from sources.snapshot.build.snapshot_file import TAKEN_ON, SnapshotFile, table
from sources.snapshot.provenance import PROVENANCE_COLUMNS


def write_snapshot(folder: Path, target: Path = BUNDLED) -> int:
    """Write every file of the snapshot and its provenance; return how many files were written.

    Raises:
        FileNotFoundError: a publisher's file that is not in `folder`.
        ValueError: a `known_from` that is not a date.
    """
    rows: list[dict[str, str]] = []
    for source_code, source in sources().items():
        for file in _files_of(source_code, folder):
            date.fromisoformat(file.row["known_from"])
            path = target / file.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.data)
            sha256 = hashlib.sha256(file.data).hexdigest()
            original_sha256 = hashlib.sha256(file.original.read_bytes()).hexdigest()
            about = source.about
            row = {"file": file.file, "edition": "", "taken_on": TAKEN_ON} | file.row
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


def _files_of(source_code: str, folder: Path) -> Iterator[SnapshotFile]:
    """The files of one publisher; none where it has no module here, because its terms do not allow passing them on."""
    name = f"sources.snapshot.build.{source_code}"
    if find_spec(name):
        yield from import_module(name).build(folder)
