"""The landing: publishers' bytes, stored once under their hash, and the ledger of what they are.

Everything downstream can be rebuilt from this folder alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from sources.model.artifact import Artifact
from warehouse.storage.ledger import ArtifactLedger

_STATEMENT = (
    "source_code",
    "name",
    "layout",
    "partition",
    "year",
    "edition",
    "release",
    "known_from",
    "known_basis",
    "transcription",
    "url",
    "sha256",
    "original_sha256",
)


Channel = Literal["folder", "fetch", "inbox"]
"""How bytes arrive: a folder that offers them in every run, a fetch run, a person. The ledger's field `came_by`."""


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that it is whole or absent after a crash: temporary name, fsync, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def copy_durably(path: Path, source: Path) -> None:
    """Copy a file of any size so that the copy is whole or absent after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with source.open("rb") as read, partial.open("wb") as written:
        shutil.copyfileobj(read, written, 1 << 20)
        written.flush()
        os.fsync(written.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames inside a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Landed:
    """An artifact in the landing: where its bytes are, when they landed, their number."""

    artifact: Artifact
    landed_at: datetime
    bytes: int
    sequence: int


class Landing:
    """The folder of landed bytes. One object reads the ledger once: keep it for a whole run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ledger = ArtifactLedger(folder / "ledger.jsonl")

    def _path(self, sha256: str) -> Path:
        return self.folder / "sha256" / sha256[:2] / sha256

    def land(self, offered: list[Artifact], came_by: Channel = "folder") -> int:
        """Store the offered bytes and their ledger lines; return how many were new.

        A statement that landed before lands again when the last one of its partition arrived by the same channel and is
        no longer on offer: the publisher, or a person who corrected a file, went back to it.

        Raises:
            TruncatedError: bytes do not have the hash they are offered under.
        """
        statements = [{name: _text(getattr(artifact, name)) for name in _STATEMENT} for artifact in offered]
        new = 0
        for artifact, statement in zip(offered, statements, strict=True):
            size = self._store(artifact)
            entries = self._ledger.entries(artifact.source_code, artifact.partition)
            landed = [{name: entry.row[name] for name in _STATEMENT} for entry in entries]
            last_by = entries[-1].row.get("came_by", "folder") if entries else ""
            if statement in landed and (landed[-1] in statements or last_by != came_by):
                continue
            self._ledger.append(
                statement | {"landed_at": datetime.now(UTC).isoformat(), "bytes": size, "came_by": came_by}
            )
            new += 1
        return new

    def _store(self, offered: Artifact) -> int:
        """Store bytes under their hash, again where the stored ones are damaged; their size in bytes."""
        offered.check_bytes()
        stored = self._path(offered.sha256)
        if not stored.exists() or _sha256_of(stored) != offered.sha256:
            copy_durably(stored, offered.path)
        return stored.stat().st_size

    def landed(self, source_code: str | None = None) -> list[Landed]:
        """What has landed, ordered by the day it became known and then by when it landed."""
        found = [
            Landed(
                artifact=self._artifact(entry.row),
                landed_at=datetime.fromisoformat(entry.row["landed_at"]),
                bytes=entry.row["bytes"],
                sequence=entry.sequence,
            )
            for entry in self._ledger.all_entries(source_code)
        ]
        return sorted(found, key=lambda landed: (landed.artifact.known_from, landed.sequence))

    def newest(self, source_code: str, partitions: Collection[str]) -> dict[str, Artifact]:
        """What landed last in each of these partitions of a publisher, where anything did."""
        entries = {partition: self._ledger.entries(source_code, partition) for partition in partitions}
        return {partition: self._artifact(found[-1].row) for partition, found in entries.items() if found}

    def _artifact(self, row: dict[str, Any]) -> Artifact:
        return Artifact(
            **{name: row[name] for name in _STATEMENT if name != "known_from"},
            known_from=date.fromisoformat(row["known_from"]),
            path=self._path(row["sha256"]),
        )


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
