"""The ledger of the landing: JSON lines, one per landed artifact, appended to and never edited.

A ledger is read once per object. Lines that other processes add later are read from where the last read ended.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger, and its number from 0."""

    sequence: int
    row: Row


class ArtifactLedger:
    """The active entries of a ledger, by publisher and partition.

    An entry with the same bytes as the one before it in its partition replaces that one (a corrected date); the same
    bytes after others are a new statement of the publisher.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reset()

    def entries(self, source_code: str, partition: str) -> list[Entry]:
        """The active entries of one partition, oldest first. Do not change them."""
        self._refresh()
        return self._active.get(source_code, {}).get(partition, [])

    def all_entries(self, source_code: str | None = None) -> Iterator[Entry]:
        """The active entries of one publisher, or of all. Do not change them."""
        self._refresh()
        for code, partitions in self._active.items():
            if source_code in (None, code):
                for entries in partitions.values():
                    yield from entries

    def append(self, row: Row) -> None:
        """Add a line; it is on disk when this returns. A line that a crash cut off is removed first."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._refresh()
        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
        with self._path.open("r+b" if self._path.exists() else "wb") as file:
            file.truncate(self._size)
            file.seek(self._size)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
            self._inode = os.fstat(file.fileno()).st_ino
        self._size += len(line)
        self._add(row)

    def _reset(self) -> None:
        self._active: dict[str, dict[str, list[Entry]]] = {}
        self._n_lines, self._size, self._inode = 0, 0, 0

    def _refresh(self) -> None:
        """Read lines that were added since. A file that was replaced or shortened is read from its start."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            self._reset()
            return
        if found.st_ino != self._inode or found.st_size < self._size:
            self._reset()
            self._inode = found.st_ino
        if found.st_size == self._size:
            return
        with self._path.open("rb") as file:
            file.seek(self._size)
            added = file.read()
        whole = added[: added.rfind(b"\n") + 1]  # a line without its end was cut off by a crash and never landed
        self._size += len(whole)
        for line in whole.splitlines():
            self._add(json.loads(line))

    def _add(self, row: Row) -> None:
        entries = self._active.setdefault(row["source_code"], {}).setdefault(row["partition"], [])
        if entries and entries[-1].row["sha256"] == row["sha256"]:
            entries.pop()
        entries.append(Entry(self._n_lines, row))
        self._n_lines += 1
