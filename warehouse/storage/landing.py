"""The landing: publishers' bytes, stored once under their hash, and the ledger of what they are.

Everything downstream can be rebuilt from this folder alone.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from sources.model.artifact import Artifact
from warehouse.storage.ledger import ArtifactLedger, Entry, Statement
from warehouse.storage.ledger_lines import LOSS_ACCEPTED, SET_ASIDE, TAKEN_BACK

log = logging.getLogger("ree.landing")

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


PARTIAL = ".partial"
"""How the name of a file ends until it is whole."""
_MIN_PREFIX = 4
"""Digits of a hash that name bytes."""


class LandingError(Exception):
    """A request about landed bytes that cannot be done."""


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that it is whole or absent after a crash: temporary name, fsync, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial_of(path)
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def copy_durably(path: Path, source: Path) -> None:
    """Copy a file of any size so that the copy is whole or absent after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial_of(path)
    with source.open("rb") as read, partial.open("wb") as written:
        shutil.copyfileobj(read, written, 1 << 20)
        written.flush()
        os.fsync(written.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def _partial_of(path: Path) -> Path:
    """The name of a file until it is whole; no two processes or threads write the same one."""
    return path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}{PARTIAL}")


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


def is_stored(item: Landed) -> bool:
    """Whether the bytes of an artifact are there, by their number; the hash is compared when they are read."""
    path = item.artifact.path
    return path.is_file() and path.stat().st_size == item.bytes


@dataclass(frozen=True, slots=True)
class SetAside:
    """A statement whose bytes are set aside: why, and since when."""

    artifact: Artifact
    reason: str
    at: datetime


class Landing:
    """The folder of landed bytes. One object reads the ledger once: keep it for a whole run.

    Reading what has landed raises LedgerError where the ledger is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = ArtifactLedger(folder / "ledger.jsonl")

    @property
    def bytes_folder(self) -> Path:
        """The folder of the bytes: `<first two digits>/<sha256>`."""
        return self.folder / "sha256"

    def path_of(self, sha256: str) -> Path:
        """Where bytes of this hash are stored."""
        return self.bytes_folder / sha256[:2] / sha256

    def land(self, offered: list[Artifact], came_by: Channel = "folder") -> int:
        """Store the offered bytes and their ledger lines; return how many were new.

        A statement that landed before lands again when the last one of its partition arrived by the same channel and is
        no longer on offer: the publisher, or a person who corrected a file, went back to it. Bytes that are set aside
        do not land again until they are taken back.

        Raises:
            TruncatedError: bytes do not have the hash they are offered under.
        """
        statements = [{name: _text(getattr(artifact, name)) for name in _STATEMENT} for artifact in offered]
        new = 0
        lines: list[dict[str, Any]] = []
        try:
            for artifact, statement in zip(offered, statements, strict=True):
                if reason := self.reason_set_aside(artifact.sha256):
                    log.info("%s: %s is set aside and does not land: %s", artifact.source_code, artifact.name, reason)
                    continue
                size = self._store(artifact)
                if any(line["partition"] == artifact.partition for line in lines):
                    self._append(lines)
                if self._is_known(artifact, statement, statements, came_by):
                    continue
                landed_at = datetime.now(UTC).isoformat()
                lines.append(statement | {"landed_at": landed_at, "bytes": size, "came_by": came_by})
                new += 1
        finally:
            self._append(lines)
        return new

    def _append(self, lines: list[dict[str, Any]]) -> None:
        """Write waiting lines to the ledger, with one wait for the disk."""
        self.ledger.extend(lines)
        lines.clear()

    def _is_known(
        self, artifact: Artifact, statement: dict[str, Any], offered: list[dict[str, Any]], came_by: Channel
    ) -> bool:
        entries = self.ledger.entries(artifact.source_code, artifact.partition)
        landed = [{name: entry.row[name] for name in _STATEMENT} for entry in entries]
        last_by = entries[-1].row.get("came_by", "folder") if entries else ""
        return statement in landed and (landed[-1] in offered or last_by != came_by)

    def _store(self, offered: Artifact) -> int:
        """Store bytes under their hash, again where the stored ones are damaged; their size in bytes."""
        offered.check_bytes()
        stored = self.path_of(offered.sha256)
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
            for entry in self.ledger.all_entries(source_code)
        ]
        return sorted(found, key=lambda landed: (landed.artifact.known_from, landed.sequence))

    def reason_set_aside(self, sha256: str) -> str | None:
        """Why bytes are set aside; None if they are not."""
        line = self.ledger.set_aside().get(sha256)
        return str(line["reason"]) if line else None

    def all_set_aside(self) -> list[SetAside]:
        """The statements whose bytes are set aside, by publisher and partition."""
        lines = self.ledger.set_aside()
        found = {
            Statement(row["source_code"], row["partition"], row["sha256"]): SetAside(
                self._artifact(row), lines[row["sha256"]]["reason"], datetime.fromisoformat(lines[row["sha256"]]["at"])
            )
            for row in (entry.row for entry in self.ledger.landed())
            if row["sha256"] in lines
        }
        return [found[statement] for statement in sorted(found)]

    def set_aside(self, prefix: str, reason: str) -> list[Artifact]:
        """Set bytes aside: they stay stored, and no build uses a statement made of them. Returns their statements.

        `prefix` begins exactly one hash of landed bytes. The statement that landed before in a partition is active
        again.

        Raises:
            LandingError: no or several hashes begin so, they are set aside already, or there is no reason.
        """
        reason = _reason(reason)
        sha256 = self._only_hash(prefix, self.ledger.landed(), "landed bytes")
        if known := self.reason_set_aside(sha256):
            msg = f"{sha256[:12]} is set aside already: {known}"
            raise LandingError(msg)
        self._append_event(SET_ASIDE, sha256=sha256, reason=reason)
        return self._statements_of(sha256)

    def take_back(self, prefix: str, reason: str) -> list[Artifact]:
        """Use bytes again that were set aside. Returns their statements.

        Raises:
            LandingError: no or several hashes of bytes set aside begin with `prefix`, or there is no reason.
        """
        reason = _reason(reason)
        aside = [entry for entry in self.ledger.landed() if entry.row["sha256"] in self.ledger.set_aside()]
        sha256 = self._only_hash(prefix, aside, "bytes set aside")
        self._append_event(TAKEN_BACK, sha256=sha256, reason=reason)
        return self._statements_of(sha256)

    def accept_loss(self, lost: Iterable[Statement], reason: str) -> tuple[int, int]:
        """Continue without lines that are lost or unreadable: record which, and which statements are gone with them.

        Bytes of a lost statement land again when they are offered again. Returns the numbers of lines and statements.

        Raises:
            LandingError: nothing is lost, or there is no reason.
        """
        lines = [problem.line for problem in self.ledger.problems()]
        statements = [statement._asdict() for statement in lost]
        reason = _reason(reason)
        if not lines and not statements:
            msg = "no line of the ledger is lost or damaged, and every statement that was loaded is in it."
            raise LandingError(msg)
        self._append_event(LOSS_ACCEPTED, lines=lines, statements=statements, reason=reason)
        return len(lines), len(statements)

    def _append_event(self, event: str, **fields: object) -> None:
        self.ledger.append({"event": event, **fields, "at": datetime.now(UTC).isoformat()})

    def _only_hash(self, prefix: str, entries: list[Entry], of: str) -> str:
        wanted = prefix.strip().lower()
        if len(wanted) < _MIN_PREFIX:
            msg = f"'{prefix}' is too short: give at least {_MIN_PREFIX} digits of the sha256."
            raise LandingError(msg)
        found = {entry.row["sha256"]: entry.row["name"] for entry in entries if entry.row["sha256"].startswith(wanted)}
        if len(found) != 1:
            shown = "; they are " + ", ".join(f"{sha[:16]} ({name})" for sha, name in list(found.items())[:5])
            msg = (
                f"{len(found)} hashes of {of} begin with '{prefix}'{shown if found else ''}."
                " `ree landing --source PUBLISHER` lists hashes."
            )
            raise LandingError(msg)
        return str(next(iter(found)))

    def _statements_of(self, sha256: str) -> list[Artifact]:
        rows = {e.row["partition"]: e.row for e in self.ledger.landed() if e.row["sha256"] == sha256}
        return [self._artifact(row) for row in rows.values()]

    def by_hash(self) -> dict[str, Artifact]:
        """Every artifact whose bytes landed, by their hash: also if replaced or set aside, or the ledger is damaged."""
        return {entry.row["sha256"]: self._artifact(entry.row) for entry in self.ledger.landed()}

    def newest(self, source_code: str, partitions: Collection[str]) -> dict[str, Artifact]:
        """What landed last in each of these partitions of a publisher, where anything did."""
        entries = {partition: self.ledger.entries(source_code, partition) for partition in partitions}
        return {partition: self._artifact(found[-1].row) for partition, found in entries.items() if found}

    def fetched_partitions(self, source_code: str) -> set[str]:
        """The partitions of which a fetch run landed anything."""
        entries = self.ledger.all_entries(source_code)
        return {entry.row["partition"] for entry in entries if entry.row.get("came_by") == "fetch"}

    def statement_before(self, artifact: Artifact) -> Artifact | None:
        """What its partition stated on the day an artifact became known; None where it stated nothing yet."""
        rows = [entry.row for entry in self.ledger.entries(artifact.source_code, artifact.partition)]
        known = [row for row in rows if row["known_from"] <= artifact.known_from.isoformat()]
        return self._artifact(max(reversed(known), key=lambda row: row["known_from"])) if known else None

    def _artifact(self, row: dict[str, Any]) -> Artifact:
        return Artifact(
            **{name: row[name] for name in _STATEMENT if name != "known_from"},
            known_from=date.fromisoformat(row["known_from"]),
            path=self.path_of(row["sha256"]),
        )


def _reason(given: str) -> str:
    """A reason as one line of text that can be stored."""
    reason = " ".join(given.encode("utf-8", "replace").decode().split())
    if not reason:
        msg = 'a reason is needed, such as "the publisher withdrew the file": it is kept in the ledger.'
        raise LandingError(msg)
    return reason


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
