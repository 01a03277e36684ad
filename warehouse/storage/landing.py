"""The landing: publishers' bytes, stored once under their hash, and the ledger of what they are.

Belongs here: storing bytes and what is known of them so that everything downstream can be rebuilt from this
folder alone. Does not belong here: reading the bytes, or fetching them.

The ledger is a file of JSON lines, appended to and never edited. A line about the same bytes as its partition's line
before it (a corrected date, say) replaces what that one says of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from sources.model.artifact import Artifact
from warehouse.storage.appended import AppendedLines

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


CameBy = Literal["folder", "visit", "inbox"]
"""The ways in which bytes come: a folder that offers them anew in every run, a publisher that was asked, a person."""


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
    """An artifact in the landing: where its bytes are, when they came and how many."""

    artifact: Artifact
    landed_at: datetime
    bytes: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Landing:
    """The folder of landed bytes. One object reads each line of the ledger once: keep it for many landings."""

    folder: Path
    _lines: AppendedLines = field(default_factory=lambda: AppendedLines(json.loads), repr=False, compare=False)

    @property
    def _ledger(self) -> Path:
        return self.folder / "ledger.jsonl"

    def _path(self, sha256: str) -> Path:
        return self.folder / "sha256" / sha256[:2] / sha256

    def land(self, offered: list[Artifact], came_by: CameBy = "folder") -> int:
        """Store the offered bytes and what is known of them; return how many were new.

        A statement that landed before is landed again when the last one of its partition came by the same way and is
        not on offer any more: the publisher, or a person who mended a file, went back to it.

        Raises:
            TruncatedError: bytes do not have the hash they are offered under.
        """
        lines = [{name: _text(getattr(artifact, name)) for name in _STATEMENT} for artifact in offered]
        standing: dict[tuple[str, str], list[dict[str, Any]]] = {}
        last_by: dict[tuple[str, str], str] = {}
        for _, row in self._standing():
            standing.setdefault(_partition(row), []).append(_said(row))
            last_by[_partition(row)] = row.get("came_by", "folder")
        new = 0
        for artifact, line in zip(offered, lines, strict=True):
            size = self._store(artifact)
            stated = standing.setdefault(_partition(line), [])
            if line in stated and (stated[-1] in lines or last_by[_partition(line)] != came_by):
                continue
            self._append(line | {"landed_at": datetime.now(UTC).isoformat(), "bytes": size, "came_by": came_by})
            if stated and stated[-1]["sha256"] == line["sha256"]:
                stated.pop()
            stated.append(line)
            last_by[_partition(line)] = came_by
            new += 1
        return new

    def _store(self, offered: Artifact) -> int:
        offered.check_bytes()
        stored = self._path(offered.sha256)
        if not stored.exists() or _sha256_of(stored) != offered.sha256:
            copy_durably(stored, offered.path)
        return stored.stat().st_size

    def _append(self, row: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._rows()
        size = self._lines.size  # a line cut off by a crash was never landed
        with self._ledger.open("r+b" if self._ledger.exists() else "wb") as ledger:
            ledger.truncate(size)
            ledger.seek(size)
            ledger.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            ledger.flush()
            os.fsync(ledger.fileno())

    def _rows(self) -> list[dict[str, Any]]:
        return self._lines.read(self._ledger)

    def _standing(self) -> list[tuple[int, dict[str, Any]]]:
        """Statements that stand, with their line.

        One about the same bytes as the line of its partition before it mends that line (a corrected date); the same
        bytes after others are a new statement of the publisher.
        """
        partitions: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = {}
        for index, row in enumerate(self._rows()):
            stated = partitions.setdefault(_partition(row), [])
            if stated and stated[-1][1]["sha256"] == row["sha256"]:
                stated.pop()
            stated.append((index, row))
        return [statement for stated in partitions.values() for statement in stated]

    def landed(self, source_code: str | None = None) -> list[Landed]:
        """What has landed, in the order in which it became known and then landed."""
        found = [
            Landed(
                artifact=self._artifact(row),
                landed_at=datetime.fromisoformat(row["landed_at"]),
                bytes=row["bytes"],
                sequence=index,
            )
            for index, row in self._standing()
            if source_code in (None, row["source_code"])
        ]
        return sorted(found, key=lambda landed: (landed.artifact.known_from, landed.sequence))

    def newest(self, source_code: str, partitions: Collection[str]) -> dict[str, Artifact]:
        """What landed last of each of these partitions of a publisher, where anything did."""
        rows = {
            row["partition"]: row
            for _, row in self._standing()
            if row["source_code"] == source_code and row["partition"] in partitions
        }
        return {partition: self._artifact(row) for partition, row in rows.items()}

    def _artifact(self, row: dict[str, Any]) -> Artifact:
        return Artifact(
            **{name: row[name] for name in _STATEMENT if name != "known_from"},
            known_from=date.fromisoformat(row["known_from"]),
            path=self._path(row["sha256"]),
        )


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _partition(row: dict[str, Any]) -> tuple[str, str]:
    return (row["source_code"], row["partition"])


def _said(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _STATEMENT}


def _text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
