"""The ledger of the landing: JSON lines, appended to and never edited.

Most lines name an artifact that landed. The others are events: bytes set aside or taken back, a loss accepted. Each
line carries its number and a check, a hash of the line and of the check before it, so that a line that was lost,
changed or inserted is found. Lines of older versions have neither and are covered by the first check after them.

A ledger is read once per object. Lines that other processes add later are read from where the last read ended.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from warehouse.storage.ledger_lines import LOSS_ACCEPTED, SET_ASIDE, TAKEN_BACK, Row, event_of, read_line

_SHOWN_PROBLEMS = 5


class Statement(NamedTuple):
    """What a line is about: bytes that are a statement of a publisher's partition."""

    source_code: str
    partition: str
    sha256: str


class LedgerError(Exception):
    """The ledger is damaged: lines are lost, changed or unreadable."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One landed artifact: its line, and the line's number from 0."""

    sequence: int
    row: Row


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a line of the ledger file (`line` counts from 1, as editors do)."""

    line: int
    what: str


class ArtifactLedger:
    """The entries of a ledger, by publisher and partition.

    An entry is active unless its bytes are set aside, or the next active entry of its partition has the same bytes (a
    corrected date). The same bytes after others are a new statement of the publisher.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reset()

    def entries(self, source_code: str, partition: str) -> list[Entry]:
        """The active entries of one partition, oldest first.

        Raises:
            LedgerError: the ledger is damaged.
        """
        self._require_whole()
        return self._active(self._landed.get(source_code, {}).get(partition, []))

    def all_entries(self, source_code: str | None = None) -> Iterator[Entry]:
        """The active entries of one publisher, or of all.

        Raises:
            LedgerError: the ledger is damaged.
        """
        self._require_whole()
        for code, partitions in self._landed.items():
            if source_code in (None, code):
                for entries in partitions.values():
                    yield from self._active(entries)

    def set_aside(self) -> dict[str, Row]:
        """The bytes that are set aside, by their hash, each with the line that says so."""
        self._refresh()
        return self._aside

    def landed(self) -> list[Entry]:
        """Every entry, active or not, also of a damaged ledger: without lines that cannot be read or were changed."""
        self._refresh()
        return [entry for partitions in self._landed.values() for entries in partitions.values() for entry in entries]

    def statements(self) -> set[Statement]:
        """Every statement that a line accounts for: active, replaced, set aside, or lost and accepted as lost."""
        return {_statement(entry.row) for entry in self.landed()} | self._accepted_statements

    def problems(self) -> list[Problem]:
        """What is wrong with the ledger, line by line, without what was accepted as lost."""
        self._refresh()
        return [problem for problem in self._problems if problem.line not in self._accepted_lines]

    def has_torn_end(self) -> bool:
        """Whether the file ends in a line that a crash cut off. It never landed; the next append removes it."""
        self._refresh()
        return self.path.exists() and self.path.stat().st_size > self._size

    def append(self, row: Row) -> None:
        """Add a line; it is on disk when this returns.

        Raises:
            LedgerError: the ledger is damaged, and the line does not accept that.
        """
        self.extend([row])

    def extend(self, rows: Sequence[Row]) -> None:
        """Add lines; they are on disk when this returns. A line that a crash cut off is removed first.

        Raises:
            LedgerError: the ledger is damaged, and the first line does not accept that.
        """
        if not rows:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if event_of(rows[0]) == LOSS_ACCEPTED:
            self._refresh()
        else:
            self._require_whole()
        start, number, check = self._size, self._number, self._check or ""
        added: list[tuple[Row, bytes]] = []
        for row in rows:
            number += 1
            numbered = row | {"line": number}
            check = check_of(check, numbered)
            checked = numbered | {"check": check}
            added.append((checked, json.dumps(checked, ensure_ascii=False).encode() + b"\n"))
        with self.path.open("r+b" if self.path.exists() else "wb") as file:
            file.truncate(start)
            file.seek(start)
            file.writelines(line for _, line in added)
            file.flush()
            os.fsync(file.fileno())
            self._inode = os.fstat(file.fileno()).st_ino
        for row, line in added:
            self._size += len(line)
            self._n_lines += 1
            self._count(row)
            self._apply(row)

    def _reset(self) -> None:
        self._landed: dict[str, dict[str, list[Entry]]] = {}
        self._aside: dict[str, Row] = {}
        self._problems: list[Problem] = []
        self._accepted_lines: set[int] = set()
        self._accepted_statements: set[Statement] = set()
        self._n_lines, self._size, self._inode = 0, 0, 0
        self._number: int = 0
        self._check: str | None = ""
        self._is_numbered = False

    def _refresh(self) -> None:
        """Read lines that were added since. A file that was replaced or shortened is read from its start."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._reset()
            return
        if found.st_ino != self._inode or found.st_size < self._size:
            self._reset()
            self._inode = found.st_ino
        if found.st_size == self._size:
            return
        with self.path.open("rb") as file:
            file.seek(self._size)
            added = file.read()
        whole = added[: added.rfind(b"\n") + 1]  # a line without its end was cut off by a crash and never landed
        self._size += len(whole)
        for line in whole.split(b"\n")[:-1]:
            self._read(line)

    def _read(self, line: bytes) -> None:
        self._n_lines += 1
        try:
            row = read_line(line)
        except ValueError as error:
            self._add_problem(str(error))
            self._number, self._check = self._number + 1, None
        else:
            is_sound = self._verify(row)
            self._count(row)
            if is_sound:
                self._apply(row)

    def _verify(self, row: Row) -> bool:
        """Compare a line's number and check with the lines before it; whether the line itself can be used."""
        wanted = self._number + 1
        if row.get("check") is None or row.get("line") is None:
            if not self._is_numbered:
                return True
            self._add_problem("has no check, and lines before it have one: it was not written by this program")
        elif row["line"] > wanted:
            self._add_problem(f"is line {row['line']} by its own number: {row['line'] - wanted} before it are missing")
            return True
        elif row["line"] < wanted:
            self._add_problem(f"is line {row['line']} by its own number: lines before it were inserted or repeated")
        elif self._check is not None and row["check"] != check_of(self._check, row):
            self._add_problem("does not fit its check: it was changed, or a line before it was changed or exchanged")
        else:
            return True
        return False

    def _add_problem(self, what: str) -> None:
        self._problems.append(Problem(self._n_lines, what))

    def _count(self, row: Row) -> None:
        self._is_numbered = self._is_numbered or row.get("check") is not None
        self._number = row.get("line") or self._number + 1
        self._check = row.get("check") or (None if self._check is None else check_of(self._check, row))

    def _apply(self, row: Row) -> None:
        event = event_of(row)
        if event == SET_ASIDE:
            self._aside[row["sha256"]] = row
        elif event == TAKEN_BACK:
            self._aside.pop(row["sha256"], None)
        elif event == LOSS_ACCEPTED:
            self._accepted_lines.update(row["lines"])
            self._accepted_statements.update(_statement(lost) for lost in row["statements"])
        else:
            entries = self._landed.setdefault(row["source_code"], {}).setdefault(row["partition"], [])
            entries.append(Entry(self._number - 1, row))

    def _active(self, entries: Iterable[Entry]) -> list[Entry]:
        active: list[Entry] = []
        for entry in entries:
            if entry.row["sha256"] in self._aside:
                continue
            if active and active[-1].row["sha256"] == entry.row["sha256"]:
                active.pop()
            active.append(entry)
        return active

    def _require_whole(self) -> None:
        found = self.problems()
        if found:
            raise LedgerError(damage_in_words(self.path, found))


def damage_in_words(path: Path, problems: list[Problem]) -> str:
    """What is wrong with a ledger, and the remedy."""
    shown = [f"{path}, line {problem.line}: {problem.what}." for problem in problems[:_SHOWN_PROBLEMS]]
    if len(problems) > _SHOWN_PROBLEMS:
        shown.append(f"{len(problems) - _SHOWN_PROBLEMS} more lines are wrong.")
    return "\n".join([*shown, REMEDY])


REMEDY = (
    "Remedy: restore ledger.jsonl from the backup of landing/. Without a backup, `ree landing accept-loss REASON`"
    " continues with the lines that are left and records what is lost."
)


def check_of(before: str, row: Row) -> str:
    """The check of a line: a hash of the check before it and of its fields without its own, 16 hexadecimal digits."""
    fields = {name: value for name, value in row.items() if name != "check"}
    text = before + json.dumps(fields, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _statement(row: Row) -> Statement:
    return Statement(row["source_code"], row["partition"], row["sha256"])
